"""The names that each function and class of a file says: who may call what, as far as names tell.

A name after a dot is kept with a dot before it, and what a text may name with a colon:
``getattr(shop, "sync")``, ``"shop.hooks.sync"``. Others are as they stand, and come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django_scaleready.checks.code.module import Module

# What is filled in later: "sync_%s", "sync_{}".
_FILLED = re.compile(r"%\w|%\(\w+\)\w|\{\w*\}")
# Longer ones are sentences.
LONGEST = 120


def said(module: Module) -> dict[str, str]:
    """Return the names by the function or class that says them, between spaces.

    A text is quicker to keep than a set, and to look into when it is one of thousands.
    """
    found: dict[str, str] = {}
    for scope in (*module.scopes, module.developed):
        place, names = scope.qualname, scope.names
        if scope.kind == "function":
            names = names.difference(scope.parameters, scope.bindings)
        shown = " ".join(sorted(names))
        if scope.attributes:
            shown += " ." + " .".join(sorted(scope.attributes))
        if scope.texts and (texts := sorted({*_named(scope.texts)})):
            shown += " :" + " :".join(texts)
        if shown:
            # Two functions of one name stand where an ``if`` chooses.
            found[place] = f"{found.get(place, '')} {shown} "
    return found


def _named(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text.isidentifier():
            yield text
        elif len(text) <= LONGEST and " " not in text:
            last = text.replace(":", ".").rpartition(".")[2]
            if last.isidentifier():
                yield last
            elif "%" in last or "{" in last:
                yield from filter(str.isidentifier, _FILLED.split(last))
