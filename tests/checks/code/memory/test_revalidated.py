"""A variable that is made anew where using it fails holds a connection, and remembers nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.process_dict_cache import RULE

AGAIN = """from shop.models import Till
from shop.tills import Lost, connect, ask
TILL = None
def pay(request):
  global TILL
  if not TILL: TILL = connect(request.POST["till"])
  try: return ask(TILL, request.body)
  except Lost:
    TILL = connect(request.POST["till"])
    return ask(TILL, request.body)
"""


@pytest.mark.parametrize(
    "code",
    [
        AGAIN,
        AGAIN.replace("TILL = connect", "TILL, _ = connect"),
        AGAIN.replace("ask(TILL, request.body)", "TILL.ask(request.body)"),
        AGAIN.replace("except Lost", "except (Lost, OSError)"),
    ],
)
def test_a_connection_is_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/views.py": code}))) == []


@pytest.mark.parametrize(
    "code",
    [
        # Any error, or that there was nothing yet.
        AGAIN.replace("except Lost", "except Exception"),
        AGAIN.replace("except Lost", "except"),
        AGAIN.replace("except Lost", "except (Lost, AttributeError)"),
        AGAIN.replace("except Lost", "except Till.DoesNotExist"),
        # It is not used there, or not made anew.
        AGAIN.replace("return ask(TILL, request.body)\n  except", "connect(1)\n  except"),
        AGAIN.replace("    TILL = connect", "    till = connect"),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/views.py": code})))) == 1
