"""The page of a rule: the docstring of its module."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache

from django_scaleready.checks.base import Rule


@cache
def page(rule: Rule) -> str:
    """Return the page, Markdown without the rule's own heading."""
    module = sys.modules[rule.find.__module__]
    # `python -OO` leaves docstrings out, and what they say is wanted all the same.
    written = module.__doc__ or ast.get_docstring(ast.parse(inspect.getsource(module))) or ""
    return written.strip()


def title(rule: Rule) -> str:
    """Return the first line of the page, a sentence."""
    return page(rule).partition("\n")[0]
