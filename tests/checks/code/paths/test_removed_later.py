"""Files that a function writes, and whoever calls it removes in its ``finally``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.file_write import RULE

SHOP = """
import os
from pathlib import Path
FOLDER = Path("/srv/labels")


def draw(order):
    name = f"label-{order.pk}.svg"
    with open(FOLDER.joinpath(name), "w") as file:
        file.write(order.address)
    return name


def tidy(name):
    path = FOLDER / name
    if path.exists():
        os.remove(path)


def label(order):
    name = None
    try:
        name = draw(order)
        return convert(name)
    finally:
        if name is not None:
            tidy(name)
"""
WHOLE = SHOP.replace("return name", "return FOLDER.joinpath(name)").replace(
    "path = FOLDER / name", "path = Path(name)"
)


def severities(make: Callable[..., Project], code: str, other: str = "") -> list[Severity]:
    files = {"shop/labels.py": code, "shop/views.py": f"from shop.labels import *\n{other}"}
    return [finding.severity for finding in RULE.find(make(files))]


@pytest.mark.parametrize(
    "code",
    [
        SHOP,
        WHOLE,
        SHOP.replace("os.remove(path)", "path.unlink()"),
        SHOP.replace("    name = None\n", "").replace("        if name is not None:\n    ", ""),
        f"{SHOP}\n\ndef again(order):\n    try: name = draw(order)\n    finally: tidy(name)\n",
    ],
    ids=["as a name", "as a path", "a Path's method", "in any case", "two that do"],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert severities(make_project, code) == []


@pytest.mark.parametrize(
    ("code", "other"),
    [
        (SHOP.replace("finally", "except ValueError"), ""),
        (SHOP.replace("            tidy(name)", "            log(name)"), ""),
        (SHOP.replace("os.remove(path)", "log(path)"), ""),
        (SHOP.replace("return name", "return order"), ""),
        (f"{SHOP}\n\ndef keep(order): return draw(order)\n", ""),
        (SHOP, "from shop.labels import draw\ndef view(order): return draw(order)\n"),
        (SHOP, "from shop import labels\nhook = labels.draw\n"),
    ],
    ids=[
        *("after an error", "is not removed", "removes nothing", "something else"),
        *("kept by another", "kept in another file", "handed on"),
    ],
)
def test_finds_what_may_stay(make_project: Callable[..., Project], code: str, other: str) -> None:
    assert severities(make_project, code, other) == [Severity.ERROR]
