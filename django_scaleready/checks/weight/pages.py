"""Whose pages a URLconf leads to."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import get_resolver


def page_modules() -> frozenset[str]:
    """Return the dotted names of the modules that the views of ROOT_URLCONF are written in.

    Raises what importing the URLconf raises.
    """
    return frozenset(_module(view) for view in _views(get_resolver().url_patterns))


def _views(patterns: Iterable[Any]) -> Iterator[Any]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns)
        else:
            yield pattern.callback


def _module(view: Any) -> str:
    """Return where a view is written, behind its decorators; of a class, where that is."""
    while isinstance(view, functools.partial):
        view = view.func
    view = inspect.unwrap(view)
    # Django's classes and REST framework's leave themselves on the function they make.
    view = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    return str(getattr(view, "__module__", None) or type(view).__module__)
