"""The names that each function and class of a file says: who may call what, as far as names tell.

A name after a dot is kept with a dot before it, and what a text may name with a colon:
``getattr(shop, "sync")``, ``"shop.hooks.sync"``. Others are as they stand, and come first. What a
file lists in ``__all__`` is kept apart: it may be imported, and need not be.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from django_scaleready.checks.code.summary import EXPORTED
from django_scaleready.checks.code.tree.module import Module

# What is filled in later: "sync_%s", "sync_{}".
_FILLED = re.compile(r"%\w|%\(\w+\)\w|\{\w*\}")
_QUOTED = re.compile(rb"(?<=[\"'])[A-Za-z_]\w*(?=[\"'])")
# Longer ones are sentences.
LONGEST = 120


def said(module: Module) -> dict[str, str]:
    """Return the names by the function or class that says them, between spaces.

    A text is quicker to keep than a set, and to look into when it is one of thousands. The names
    of a kind are in no order.
    """
    found: dict[str, str] = {}
    exported = _exported(module)
    if exported:
        found[EXPORTED] = "".join(f" :{name} " for name in sorted(exported))
    for scope in module.all_scopes:
        place, names = scope.qualname, scope.names
        if scope.kind == "function":
            names = names.difference(scope.parameters, scope.bindings)
        shown = " ".join(names)
        if scope.attributes:
            shown += " ." + " .".join(scope.attributes)
        told = scope.texts - exported if scope is module.top else scope.texts
        if told and (texts := {*named(told)}):
            shown += " :" + " :".join(texts)
        if shown:
            # Two functions of one name stand where an ``if`` chooses.
            found[place] = f"{found.get(place, '')} {shown} "
    return found


def _exported(module: Module) -> frozenset[str]:
    """Return the names in ``__all__`` that no other text of the file says."""
    lists = module.top.bindings.get("__all__", ())
    elements = (each for one in lists if isinstance(one, ast.List | ast.Tuple) for each in one.elts)
    names = {str(each.value) for each in elements if isinstance(each, ast.Constant)}
    if not names:
        return frozenset()
    times = Counter(found.decode() for found in _QUOTED.findall(module.content))
    return frozenset(name for name in names if times[name] == 1)


def named(texts: Iterable[str]) -> Iterator[str]:
    """Yield the names that texts may mean: ``"shop.hooks.sync"`` is sync."""
    for text in texts:
        if text.isidentifier():
            yield text
        elif len(text) <= LONGEST and " " not in text:
            before, _, last = text.replace(":", ".").rpartition(".")
            if last.isidentifier():
                yield last
                # The file that a dotted name means: "django.core.mail.backends.smtp.EmailBackend".
                if "." in before and all(map(str.isidentifier, before.split("."))):
                    yield f"{before.rpartition('.')[2]}.{last}"
            elif "%" in last or "{" in last:
                yield from filter(str.isidentifier, _FILLED.split(last))
