"""``manage.py scaleready rules``: what the check looks for, a line each."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from django_scaleready.checks.pages import title
from django_scaleready.checks.registry import RULES

HELP = "List the rules of check --deploy-scale."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def handle(command: BaseCommand, _options: dict[str, Any]) -> None:
    """Write a line per rule: id, slug, area, and the first sentence of its page."""
    width = max(len(rule.slug) for rule in RULES)
    for rule in RULES:
        command.stdout.write(f"{rule.code}  {rule.slug:{width}}  {rule.area:8}  {title(rule)}")
