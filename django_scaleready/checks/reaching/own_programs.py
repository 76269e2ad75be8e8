"""Programs of the project's own that a function starts and leaves alone: its commands."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path, PurePosixPath

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.threads.left_alone import is_dropped, is_statement
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, written
from django_scaleready.checks.deployment.names import programs

# Who starts others does so by the first words.
_FIRST = 4
_PYTHON = "python"


def left_programs(module: Module) -> Iterator[Fact]:
    """Note the first program that a function starts and has no more of, with its words.

    One that answers a request is told whatever it starts.
    """
    seen: set[Scope] = set()
    for site in module.calls_that_run("Popen"):
        starts = module.resolve(site.call.func) == "subprocess.Popen" and is_statement(site)
        first = starts and site.scope not in seen and not is_dropped(module, site)
        if first and (listed := _listed(site)[:_FIRST]):
            seen.add(site.scope)
            words = (_word(module, node) for node in listed)
            yield module.fact(site, "", site.line, "program", *words)


def _listed(site: Site) -> list[ast.expr]:
    """Return the first words of a program, of a list by its name what it is made of."""
    given = site.call.args[0] if site.call.args else None
    if isinstance(given, ast.Name):
        # What is added to a list stands below the first that it has.
        bound = (v for v in site.scope.bindings.get(given.id, ()) if v.lineno < site.line)
        given = min(bound, key=attrgetter("lineno"), default=None)
    while isinstance(given, ast.BinOp):
        given = given.left
    return given.elts if isinstance(given, ast.List | ast.Tuple) else []


def _word(module: Module, node: ast.expr) -> str:
    """Return a word, of a path that is joined its end; "" if only running it would tell."""
    if module.resolve(node) == "sys.executable":
        return _PYTHON
    if isinstance(node, ast.Call) and last_name(node.func) == "join" and node.args:
        node = node.args[-1]
    said = node.value if isinstance(node, ast.Constant) else written(node).rpartition("/")[2]
    return said.strip("'\")") if isinstance(said, str) else ""


def is_own(words: Sequence[str], root: Path) -> bool:
    """Whether Python runs one of the project's own programs, or it is started by its name."""
    stems = [PurePosixPath(word).stem for word in words if not word.startswith("-")]
    first = stems[1:2] if stems and stems[0].startswith(_PYTHON) else stems[:1]
    return not {"manage", *programs(root)}.isdisjoint(first)
