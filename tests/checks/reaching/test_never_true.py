"""Code behind a flag that objects are given, and that nobody ever has on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

ASK = "requests.get('x')"
VIEW = f"import requests\ndef view(order):\n  if getattr(order, 'tells', False): {ASK}\n"
OFF = "def quiet(order):\n  order.tells = False\n  order.save()\n"


def severities(make: Callable[..., Project], files: dict[str, str]) -> list[Any]:
    return [each.finding.severity for each in run_all([RULE], make(files)).found]


@pytest.mark.parametrize(
    ("view", "other"),
    [
        (VIEW, OFF),
        (VIEW.replace("False)", "False) and order.url"), OFF),
        (VIEW.replace("if", "if order.url and"), OFF),
        (VIEW.replace("False", "None"), OFF.replace("False", "None")),
        (VIEW + OFF, ""),
        # Reading it and removing it set nothing.
        (VIEW, f"{OFF}  print(order.tells, hasattr(order, 'tells'))\n  del order.tells\n"),
        (VIEW.replace(ASK, "tell()") + f"def tell(): {ASK}\n", OFF),
    ],
)
def test_what_no_flag_lets_pass_is_information(
    make_project: Callable[..., Project], view: str, other: str
) -> None:
    files = {"shop/views.py": view, "shop/orders.py": other}
    assert severities(make_project, files) == [Severity.INFO]


@pytest.mark.parametrize(
    ("view", "other"),
    [
        # Nobody sets it here: a package may.
        (VIEW, ""),
        (VIEW, "def quiet(order): print(order.tells)\n"),
        (VIEW, f"{OFF}def loud(order): order.tells = True\n"),
        (VIEW, f"{OFF}def loud(order): order.tells = order.url\n"),
        (VIEW, f"{OFF}def loud(order): order.tells |= True\n"),
        (VIEW, f"{OFF}def loud(order): order.tells, a = True, 1\n"),
        (VIEW, f"{OFF}def loud(order): setattr(order, 'tells', True)\n"),
        (VIEW, f"{OFF}def loud(order): order.set(**{{'tells': True}})\n"),
        (VIEW, f"{OFF}class Order:\n  tells = True\n"),
        (VIEW, f"{OFF}class Order:\n  def tells(self): return True\n"),
        (VIEW, f"{OFF}class Order:\n  def __init__(self, tells): pass\n"),
        (VIEW, f"{OFF}def loud(order): return Order(order.tells, tells=True)\n"),
        (VIEW.replace("False)", "False) or order.url"), OFF),
        (VIEW.replace("False)", "True)"), OFF),
        (VIEW.replace("if getattr", "if not getattr"), OFF),
        (VIEW.replace("'tells'", "name"), OFF),
    ],
)
def test_finds(make_project: Callable[..., Project], view: str, other: str) -> None:
    files = {"shop/views.py": view, "shop/orders.py": other}
    assert severities(make_project, files) == [Severity.WARNING]
