"""``manage.py scaleready explain E001``: a rule's page on the terminal."""

from __future__ import annotations

import argparse
import difflib
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_scaleready.checks.base import Rule, number_of
from django_scaleready.checks.pages import page
from django_scaleready.checks.registry import RESERVED, RETIRED, RULES

HELP = "Explain a rule: what breaks, an example, the fix, when it stays silent."

# As argparse ends, for what was typed.
_WRONG = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take one or more rules, by id or slug."""
    parser.add_argument(
        "rules",
        nargs="+",
        metavar="RULE",
        help="an id, its number, or a slug: scaleready.E001, E001, 001, db-sqlite",
    )


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    """Write the page of each rule that was named; nothing if one of them is unknown."""
    found = [_find(name) for name in options["rules"]]
    command.stdout.write("\n".join(f"{rule.code} {rule.slug}\n\n{page(rule)}\n" for rule in found))


def _find(name: str) -> Rule:
    # An id is silenced in upper case and a slug is written in lower case; typed here, both may be
    # either.
    wanted, number = name.strip().lower(), number_of(name)
    by_name = {rule.slug: rule for rule in RULES}
    if number is None and wanted in by_name:
        return by_name[wanted]
    if rule := next((rule for rule in RULES if number_of(rule.code) == number), None):
        return rule
    if number is not None and number in map(number_of, RETIRED):
        raise CommandError(
            f"{name}: this rule was retired; its id is never used again.", returncode=_WRONG
        )
    for code, meaning in RESERVED.items():
        if number == number_of(code):
            raise CommandError(f"{name} is the id of no rule, but of {meaning}", returncode=_WRONG)
    close = difflib.get_close_matches(wanted, by_name, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    raise CommandError(
        f"{name or repr(name)}: no such rule; `manage.py scaleready rules` lists them.{meant}",
        returncode=_WRONG,
    )
