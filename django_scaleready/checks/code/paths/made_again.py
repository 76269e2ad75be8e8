"""Files that no other replica misses: made again wherever they are missing, or never read at all.

A function that looks for a file, makes it if there is none and hands it out keeps a cache of its
own machine, as long as what it puts in comes from where all replicas have it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.paths.scratch import FOLDERS, MAKERS
from django_scaleready.checks.code.paths.writers import LIKELY, METHOD, SURE
from django_scaleready.checks.code.paths.writes import CALLS, uses_of
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

NOTED = "files-made-again"
# What the note says of a file: whatever reads it makes it, it is found by its content alone, or
# nothing of its own file says the path again.
MADE, HASHED, UNSAID = "made", "hashed", "unsaid"
# A file in whatever folder the process was started from.
_HERE = "./"
_LOOKS = ("exists", "is_file", "isfile", "lexists")
_WRITES = frozenset({"dump", "write", "writelines", "write_bytes", "write_text"})
_HASHES = frozenset({"digest", "hexdigest"})
# What comes with a request, and with no other.
_BROUGHT = re.compile(
    r"file|upload|content|data|stream|request|body|blob|image|attachment|chunk|payload",
    re.IGNORECASE,
)
_STEPS = 30


def made_again(reading: Reading) -> Iterator[Fact]:
    """Note the writes of such files: (which kind,)."""
    module = reading.module
    looked = _looked_for(module)
    fixed = any(begin.encode() in module.content for begin in (*FOLDERS, _HERE))
    if not looked and not fixed:
        return
    looking = {scope for scope, _ in looked}
    writes = [
        (site, path)
        for site in module.calls_that_run(*CALLS)
        if fixed or site.scope in looking
        for kind, path in uses_of(reading, site)
        if kind in {LIKELY, METHOD, SURE}
    ]
    for site, path in writes:
        if fixed and _is_unsaid(module, site, path, [each for _, each in writes]):
            yield module.fact(site, UNSAID)
        elif made := _made(site, path, looked.get((site.scope, written(path)), [])):
            yield module.fact(site, made)


def _is_unsaid(module: Module, site: Site, path: ast.expr, every: list[ast.expr]) -> bool:
    """Whether a path in the folder for temporary files is written out once, only to write to it.

    Or a name in the current folder, ``"./debug.json"``, which no deployment has for keeping files.
    """
    if not isinstance(path, ast.Name):
        return _is_said_once(module, path)
    name = path.id
    scope = next((each for each in site.scope.outer if name in each.bindings), None)
    values = scope.bindings[name] if scope else []
    if scope is None or len(values) != 1 or not _is_said_once(module, values[0]):
        return False
    paths = {id(each) for each in every}
    said = (node for node in nodes_of(scope.node) if isinstance(node, ast.Name) and node.id == name)
    return all(id(node) in paths for node in said if isinstance(node.ctx, ast.Load))


def _is_said_once(module: Module, node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and module.resolve(node.func) == "pathlib.Path" and node.args:
        node = node.args[0]
    text = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(text, str):
        return False
    if text.startswith(_HERE):
        text = text.removeprefix(_HERE)
        known = "/" not in text
    else:
        known = text.startswith(FOLDERS)
    return known and module.content.count(text.encode()) == 1


def _looked_for(module: Module) -> dict[tuple[Scope, str], list[ast.Call]]:
    """Return the calls by which a function looks whether there is a file, by its path."""
    found: dict[tuple[Scope, str], list[ast.Call]] = {}
    for site in module.calls_that_run(*_LOOKS):
        call = site.call
        path = call.args[0] if call.args else getattr(call.func, "value", None)
        if path is not None and site.scope.kind == "function":
            found.setdefault((site.scope, written(path)), []).append(call)
    return found


def _made(site: Site, path: ast.expr, looks: list[ast.Call]) -> str:
    """Return how a file is made that a function looks for first, "" for one that it is given."""
    nodes = nodes_of(site.scope.node) if looks else []
    branches = (node for node in nodes if isinstance(node, ast.If))
    if not any(_is_missing(branch, site, looks) for branch in branches):
        return ""
    shown = written(path)
    handed = (node for node in nodes if isinstance(node, ast.Return) and node.lineno > site.line)
    if not any(_says(node, shown) for node in handed) or _is_given(site):
        return ""
    parts = list(_parts(path, site.scope))
    if any(isinstance(each, ast.Call) and last_name(each.func) in _HASHES for each in parts):
        return HASHED
    keys = site.scope.parameters.keys() - {"self", "cls"}
    return MADE if any(isinstance(each, ast.Name) and each.id in keys for each in parts) else ""


def _says(node: ast.AST, shown: str) -> bool:
    named = (each for each in nodes_of(node) if isinstance(each, ast.Name | ast.Attribute))
    return any(written(each) == shown for each in named)


def _is_missing(branch: ast.If, site: Site, looks: list[ast.Call]) -> bool:
    """Whether a place is come to only where a file is missing that a branch asks for."""
    negated = {id(node.operand) for node in nodes_of(branch.test) if isinstance(node, ast.UnaryOp)}
    asked = [node for node in nodes_of(branch.test) if any(node is look for look in looks)]
    if not asked:
        return False
    if id(asked[0]) in negated:
        return _holds(branch.body, site.call)
    left = _returns(branch.body) and branch.body[-1].lineno < site.line
    return left or _holds(branch.orelse, site.call)


def _returns(block: list[ast.stmt]) -> bool:
    last = block[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _returns(last.body) and _returns(last.orelse)
    return isinstance(last, ast.Return)


def _holds(block: list[ast.stmt], call: ast.Call) -> bool:
    return any(node is call for statement in block for node in nodes_of(statement))


def _parts(node: ast.expr, scope: Scope) -> Iterator[ast.AST]:
    """Yield what an expression is made of, names followed to what they are bound to."""
    seen: set[int] = set()
    pending: list[ast.AST] = [node]
    while pending and len(seen) < _STEPS:
        for each in nodes_of(pending.pop()):
            if id(each) not in seen:
                seen.add(id(each))
                yield each
                if isinstance(each, ast.Name):
                    pending += scope.bindings.get(each.id, ())


def _is_given(site: Site) -> bool:
    """Whether what is put into a file came with the call, or by chance: nobody has it again."""
    if any(last_name(call.func) in MAKERS for call, _ in site.scope.calls):
        return True
    keys = site.scope.parameters.keys() - {"self", "cls"}
    sources = [
        call.args[0]
        for call, _ in site.scope.calls
        if last_name(call.func) in _WRITES and call.args
    ]
    called = site.call.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        # image.save(path), and of the module's own, as shutil.copy(source, path).
        sources += [called.value, *site.call.args[:1]]
    if any(isinstance(source, ast.Name) and source.id in keys for source in sources):
        return True
    parts = (part for source in sources for part in _parts(source, site.scope))
    brought = (part.id for part in parts if isinstance(part, ast.Name))
    return any(name == "request" or (name in keys and _BROUGHT.search(name)) for name in brought)
