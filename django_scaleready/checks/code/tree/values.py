"""What an expression stands for, as far as its own file can tell.

The answer is a term, a tuple of strings. ``Codebase`` follows those that lead to other files:

- ("lit", text): begins with this text; ("here",): below this file's own folder
- ("setting", name): a setting; ("setting", name, "*"): if there is one of that name;
  ("env", name): an environment variable, or a path that is looked
  up in a configuration of another kind: ``options["export_dir"]``
- ("name", dotted), ("call", dotted): another module's name; what a function returns
- ("param", function, name): a parameter; ("attr", class, name): an attribute of an instance
- ("member", name): an attribute or a method of an object of which nothing else is known;
  ("member", name, "call", dotted): of what a function returns
- ("item", key): what a dictionary of which no more is known holds; then what else is known of it
- ("temp",): a temporary file; ("memory",): no file at all; ("storage",): a storage's ``path()``
- ("field",): ``FieldFile.path``; ("field", "upload"): an upload's temporary file; ("unknown",)
"""

from __future__ import annotations

import ast
from functools import cached_property

from django_scaleready.checks.code.paths.begins import DEPTH, begins, mentions
from django_scaleready.checks.code.paths.configured import configured
from django_scaleready.checks.code.paths.filled_in import first_filled_in
from django_scaleready.checks.code.paths.moved_to import is_moved
from django_scaleready.checks.code.paths.own_joins import own_joins
from django_scaleready.checks.code.paths.pathlike import first_part, item_of, parts
from django_scaleready.checks.code.paths.removals import removed_at_exit
from django_scaleready.checks.code.paths.scratch import FOLDERS, fixed_name, is_scratch
from django_scaleready.checks.code.summary import Term
from django_scaleready.checks.code.tree.known_calls import CURRENT, MEMORY, TEMP, known_call
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope

# Steps per file: what needs more is no code that anybody wrote by hand.
FUEL = 200_000
UNKNOWN: Term = ("unknown",)
SHOWN = 200
# They return a path made of their first argument.
WRAPPERS = frozenset(
    [
        *(f"os.path.{name}" for name in ("abspath", "dirname", "expanduser", "join", "normpath")),
        *("os.path.realpath", "os.fspath", "pathlib.Path", "pathlib.PurePath", "str", "open"),
        *("pathlib.PosixPath", "django.utils._os.safe_join", "os.path.splitext", "anyio.Path"),
        *("werkzeug.utils.safe_join", "path.Path", "django.core.files.File", "aiofiles.open"),
        "os.path.split",
    ]
)
# A storage's method: the path that it is given, or one beside it.
FREE_NAME = "get_available_name"
STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.stdout.buffer"})
# Where a storage keeps its files.
LOCATIONS = frozenset({"base_location", "location"})
# Attributes and methods of a path that lead to the same place.
SAME_PLACE = frozenset({"name", "parent", "parents", "stem", "file"})


class Values:
    """Reduces the expressions of one file."""

    def __init__(self, module: Module) -> None:
        """Take the file, walked."""
        self.module = module
        self._fuel = FUEL
        self._wrappers = WRAPPERS | own_joins(module, WRAPPERS)

    def term(self, node: ast.AST | None, scope: Scope, depth: int = 0) -> Term:
        """Return what an expression stands for; RecursionError if the file is a maze."""
        self._fuel -= 1
        if self._fuel < 0:
            raise RecursionError("its values lead in too many circles")
        if node is None or depth > DEPTH:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return ("lit", node.value[:SHOWN]) if isinstance(node.value, str) else UNKNOWN
        if is_scratch(node):
            return TEMP
        if fixed := fixed_name(node):
            return ("lit", FOLDERS[0] + fixed)
        return ("env", key) if (key := configured(node)) else self._follow(node, scope, depth)

    def _follow(self, node: ast.AST, scope: Scope, depth: int) -> Term:
        if (filled := first_filled_in(node)) is not None:
            return self.term(filled, scope, depth + 1)
        if isinstance(node, ast.Name):
            return self._name(node.id, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        if isinstance(node, ast.Call | ast.Subscript) and (key := item_of(node)):
            return self._item(key, node, scope, depth)
        return self._made(node, scope, depth)

    def _made(self, node: ast.AST, scope: Scope, depth: int) -> Term:
        if isinstance(node, ast.Call):
            return self._call(node, scope, depth)
        if possible := parts(node):
            return self._either(node, possible, scope, depth)
        return self.term(first_part(node), scope, depth + 1)

    def _item(self, key: str, node: ast.AST, scope: Scope, depth: int) -> Term:
        """Return what a dictionary holds under a key, or what it is asked to give for want of it.

        A dictionary of which more is known, as one in the settings, leads where that does.
        """
        if isinstance(node, ast.Call):
            given = self.term(node.args[1], scope, depth + 1) if node.args[1:] else UNKNOWN
            if given[0] in {"setting", "env", "here"}:
                return given
            inner = self._call(node, scope, depth)
        else:
            inner = self.term(first_part(node), scope, depth + 1)
        return ("item", key, *inner) if inner[0] in {"unknown", "param", "member"} else inner

    def _either(self, node: ast.AST, some: list[ast.expr], scope: Scope, depth: int) -> Term:
        terms = [self.term(part, scope, depth + 1) for part in some]
        if isinstance(node, ast.Tuple):
            # A name, also one made of what a row has, beside its path; which of two is not known.
            places = {t for t in terms if t[0] != "lit" or t[1].startswith("/")} - {UNKNOWN}
            places = {t for t in places if t[0] not in {"attr", "member", "param"}} or places
            return places.pop() if len(places) == 1 else UNKNOWN
        # path or settings.FOLDER: who gives none gets the other.
        terms.sort(key=lambda term: term[0] == "param")
        return next((term for term in terms if term != UNKNOWN), UNKNOWN)

    def _name(self, name: str, scope: Scope, depth: int) -> Term:
        if name == "__file__":
            return ("here",)
        for outer in scope.outer:
            if outer.kind == "class" and outer is not scope:
                continue
            values = [v for v in outer.bindings.get(name, ()) if not mentions(v, name)]
            if outer.changes and (len(values) > 1 or name in outer.parameters):
                values = begins(values, outer) or ([] if name in outer.parameters else values)
            if values:
                # The last one that is known; a fallback is often None.
                terms = (self.term(value, outer, depth + 1) for value in reversed(values))
                return next((term for term in terms if term != UNKNOWN), UNKNOWN)
            if name in outer.parameters:
                return self._parameter(name, outer, depth)
        if name in self.module.imports:
            return self._imported(self.module.imports[name])
        return ("setting", name, "*") if name.isupper() and self._takes_all_settings else UNKNOWN

    @cached_property
    def _takes_all_settings(self) -> bool:
        """Whether a file has ``from shop.settings import *``."""
        return any(bound.endswith("settings.*") for bound in self.module.imports)

    def _parameter(self, name: str, scope: Scope, depth: int) -> Term:
        default = scope.parameters[name]
        if isinstance(default, ast.Constant | None) and not (default and default.value):
            return ("param", f"{self.module.name}.{scope.qualname}", name)
        return self.term(default, scope.parent or scope, depth + 1)

    @staticmethod
    def _imported(dotted: str) -> Term:
        if ".settings." in f".{dotted}":
            return ("setting", dotted.rpartition(".")[2])
        if dotted == "os.environ":
            return ("env", "")
        return MEMORY if dotted in STREAMS else ("name", dotted)

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Term:
        dotted = self.module.resolve(node)
        root, _, rest = dotted.partition(".")
        if ".settings." in f".{dotted}":
            return ("setting", f".{dotted}".partition(".settings.")[2].partition(".")[0])
        if root in {"self", "cls"} and rest and "." not in rest:
            return self._member(rest, scope, depth)
        if node.attr in LOCATIONS and "storage" in dotted.lower():
            return ("storage",)
        bound = next((o.bindings[dotted] for o in scope.outer if dotted in o.bindings), None)
        if bound:
            return self.term(bound[-1], scope, depth + 1)
        return self._inner(node, dotted, scope, depth)

    def _inner(self, node: ast.Attribute, dotted: str, scope: Scope, depth: int) -> Term:
        if node.attr == "path":
            return self._field(node, scope, depth)
        inner = self.term(node.value, scope, depth + 1)
        if node.attr in SAME_PLACE or inner in {TEMP, MEMORY}:
            return inner
        if "." in dotted and _root(node) in self.module.imports:
            return self._imported(dotted)
        return ("member", node.attr)

    def _field(self, node: ast.Attribute, scope: Scope, depth: int) -> Term:
        inner = self.term(node.value, scope, depth + 1)
        if inner in {TEMP, MEMORY} or inner[0] == "here":
            return inner
        # instance.document.path, self.file.path: two dots at least, or a loop over fields.
        if not isinstance(node.value, ast.Attribute):
            return UNKNOWN
        of_request = self.module.resolve(node.value).startswith(("request", "self.request"))
        return UNKNOWN if of_request else ("field",)

    def _member(self, name: str, scope: Scope, depth: int) -> Term:
        """Return what ``self.name`` is set to, anywhere in the class."""
        owner = scope.owner
        if owner is None:
            # A function that is made a method elsewhere: @app.task(bind=True, base=Tracked).
            return ("member", name) if any("self" in s.parameters for s in scope.outer) else UNKNOWN
        if f"self.{name}" in removed_at_exit(self.module, owner):
            return TEMP
        methods = [s for s in self.module.scopes if s.kind == "function" and s.parent is owner]
        for method in methods:
            for value in reversed(method.bindings.get(f"self.{name}", ())):
                found = self.term(value, method, depth + 1)
                if found != UNKNOWN:
                    return found
        if name in owner.bindings:
            found = self.term(owner.bindings[name][-1], owner, depth + 1)
            if found != UNKNOWN:
                return found
        if (prop := next((m for m in methods if m.name == name), None)) and prop.returns:
            return self.term(prop.returns[-1], prop, depth + 1)
        return ("attr", f"{self.module.name}.{owner.qualname}", name)

    def _call(self, call: ast.Call, scope: Scope, depth: int) -> Term:
        name = self.module.resolve(call.func)
        # A method of an element, form.cleaned_data["file"].stored(), has a name of its own only.
        last = name.rpartition(".")[2] or getattr(call.func, "attr", "")
        if name in self._wrappers or name.startswith(("zipfile.", "tarfile.")) or last == FREE_NAME:
            return self.term(call.args[0] if call.args else None, scope, depth + 1)
        if name in CURRENT and is_moved(scope, call.lineno, self.term):
            return TEMP
        if known := known_call(name, last, call) or self._inherited(call.func, scope):
            return known
        base = call.func.value if isinstance(call.func, ast.Attribute) else None
        inner = UNKNOWN
        if base is not None and last not in NOT_PATHS:
            inner = self.term(base, scope, depth + 1)
        if found := _of_object(inner, last):
            return found
        dotted = self.module.qualified(call.func, scope)
        if base is not None and dotted.partition(".")[0] not in self.module.known:
            return ("member", last) if last else UNKNOWN
        return ("call", dotted) if "." in dotted else UNKNOWN

    def _inherited(self, called: ast.expr, scope: Scope) -> Term | None:
        """Return what ``super().method()`` makes: a class above has it, and not just any."""
        if not isinstance(called, ast.Attribute) or not _is_super(called.value):
            return None
        bases = self.module.bases(scope.owner) if scope.owner else ()
        if any(base.startswith("tempfile.") for base in bases):
            return TEMP
        if len(bases) != 1:
            return ("member", called.attr)
        own = f"{self.module.name}." if bases[0] in self.module.classes else ""
        return ("call", f"{own}{bases[0]}.{called.attr}")


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super"


def _of_object(inner: Term, method: str) -> Term | None:
    """Return what a method of an object makes, by what the object stands for; None if unknown."""
    if method in PATH_METHODS and inner != UNKNOWN:
        return inner
    if inner[0] == "call":
        # Of an object that a function returns, task.assets_path("x"), or of a path.
        return ("member", method, *inner)
    # What child() makes of a path begins as that does.
    return None if inner[0] in {"unknown", "name", "param", "attr", "member"} else inner


# What they return is in the file, or says where in it.
NOT_PATHS = frozenset(
    ["get", "pop", "read", "read_bytes", "read_text", "readline", "readlines", "stat", "tell"]
)
PATH_METHODS = frozenset(
    [
        *("joinpath", "with_suffix", "with_name", "resolve", "absolute", "format", "as_posix"),
        *("expanduser", "with_stem", "rstrip", "strip", "replace", "relative_to", "open"),
    ]
)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
