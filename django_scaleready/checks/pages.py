"""The page of a rule: the docstring of its module."""

from __future__ import annotations

import sys

from django_scaleready.checks.base import Rule


def page(rule: Rule) -> str:
    """Return the page, Markdown without the rule's own heading."""
    return (sys.modules[rule.find.__module__].__doc__ or "").strip()


def title(rule: Rule) -> str:
    """Return the first line of the page, a sentence."""
    return page(rule).partition("\n")[0]
