"""What may come once is turned away the second time, by the process that has seen it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.process_dict_cache import RULE

GUARD = """from shop.replays import Replayed
USED = set()
def check(order):
  nonce = order.last_nonce()
  if nonce in USED: raise Replayed
  USED.add(nonce)
def pay(request): check(request.order)
"""


@pytest.mark.parametrize(
    "code",
    [
        GUARD,
        GUARD.replace("last_nonce", "get_id").replace("nonce", "assertion_id"),
        GUARD.replace("nonce = order.last_nonce()", "key = order.last_token()")
        .replace("nonce in", "key in")
        .replace("(nonce)", "(key)"),
        GUARD.replace("raise Replayed", "return False"),
        GUARD.replace("  if nonce", "  if nonce:\n   if nonce"),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/views.py": code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        # A register of names, and what was visited.
        GUARD.replace("nonce", "name"),
        # It is let in all the same, or something else is asked for.
        GUARD.replace("raise Replayed", "order.note()"),
        GUARD.replace("raise Replayed", "return order"),
        GUARD.replace("if nonce in", "if order in"),
        GUARD.replace("  USED.add", "  used = set()\n  used.add"),
        # Of one call.
        GUARD.replace("USED = set()\n", "").replace("  nonce =", "  USED = set()\n  nonce ="),
        # Nobody asks for it but an import.
        GUARD.replace("def pay(request): check(request.order)", "check(ORDER)"),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/views.py": code}))) == []
