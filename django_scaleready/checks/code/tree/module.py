"""One parsed file while it is being read: its scopes, and what they bind, call and change."""

from __future__ import annotations

import ast
import sys
from functools import cached_property

from django_scaleready.checks.code.running.by_hand import is_script
from django_scaleready.checks.code.running.moments import TASK_DECORATORS, moment_of
from django_scaleready.checks.code.summary import DEVELOPED, MAIN, Fact, Moment
from django_scaleready.checks.code.tree.scopes import GUARDED, SILENT, Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name

# Calls into them lead to no function of the project.
LIBRARIES = frozenset(sys.stdlib_module_names) | frozenset(
    [
        *("django", "rest_framework", "celery", "requests", "settings", "self", "cls", "super"),
        *("_", "logger", "log", "PIL", "numpy", "pandas", "redis", "boto3", "httpx", "graphene"),
    ]
)
# An object's maker is followed so far; name = name.strip() would lead round for ever.
DEPTH = 5


class Module:
    """A file, parsed and walked once. ``walk`` fills it; the rules' collectors ask it."""

    def __init__(self, path: str, content: bytes = b"") -> None:
        """Take the path below the project's root, in POSIX form."""
        self.path = path
        self.content = content
        # The root is one that has no name here: see ``root_package``.
        self.is_package = path.endswith("/__init__.py")
        short = path.removesuffix("/__init__.py" if self.is_package else ".py")
        self.name = short.replace("/", ".")
        self.imports: dict[str, str] = {}
        self.import_lines: dict[str, int] = {}
        self.under_debug: set[str] = set()
        # What is imported from a module, and whether functions alone do so.
        self.late: dict[str, bool] = {}
        self.scopes: list[Scope] = []
        # What is said under DEBUG, and where the file is run as a program, wherever in it.
        self.developed = Scope("module", ast.Module([], []), DEVELOPED, None)
        self.program = Scope("module", ast.Module([], []), MAIN, None)
        self.classes: dict[str, Scope] = {}
        self.functions: dict[str, Scope] = {}
        # X["key"] as an expression, by the name of X.
        self.lookups: list[tuple[str, ast.Subscript]] = []
        # What is gone through, item by item.
        self.loops: list[tuple[ast.expr, Scope, int]] = []
        self.strings: list[tuple[ast.Constant, Scope, int]] = []
        self.repeats: list[tuple[ast.While, Scope]] = []
        # Each ``if``, with the statements among which it stands.
        self.branches: list[tuple[ast.If, Scope, list[ast.stmt]]] = []
        self._sites: dict[str, list[tuple[ast.Call, Scope, int]]] = {}
        # Whether something that is called was renamed as it was imported.
        self._renames = False
        self._moments: dict[Scope, Moment] = {}
        self._bases: dict[Scope, tuple[str, ...]] = {}
        self._makers: dict[tuple[str, Scope, int], str | None] = {}
        # Found by who asks first (see ``lasting``).
        self.lasting: frozenset[Scope] | None = None

    def told(self, flags: int) -> Scope:
        """Return what keeps the names that stand under a condition (see ``scopes.ASIDE``)."""
        return self.developed if flags & SILENT else self.program

    @property
    def all_scopes(self) -> tuple[Scope, ...]:
        """The scopes, and those of what is said under a condition that replicas do not meet."""
        return (*self.scopes, self.developed, self.program)

    @cached_property
    def mentions(self) -> frozenset[str]:
        """The names that stand after a dot."""
        return frozenset().union(*(scope.attributes for scope in self.all_scopes))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The names that are called or stand after a dot."""
        return self.mentions.union(self._sites)

    @cached_property
    def roots(self) -> frozenset[str]:
        """The packages that something is imported from."""
        return frozenset(name.partition(".")[0] for name in self.imports.values())

    @cached_property
    def own_imports(self) -> dict[str, str]:
        """Those of the imports that may be of the project's own code."""
        return {
            bound: dotted
            for bound, dotted in self.imports.items()
            if "." in dotted and dotted.partition(".")[0] not in LIBRARIES
        }

    @cached_property
    def known(self) -> set[str]:
        """The names that are imported or defined at the top of the file."""
        own = {name.partition(".")[0] for name in (*self.functions, *self.classes)}
        return own | self.imports.keys() | {self.name.partition(".")[0]}

    @cached_property
    def decorated(self) -> list[Scope]:
        """The functions that have decorators; most have none."""
        return [scope for scope in self.functions.values() if scope.decorators]

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.content.splitlines()

    def text_of(self, node: ast.stmt) -> bytes:
        """Return the lines of a statement, comments and all: far cheaper than to unparse it."""
        return b"\n".join(self._lines[node.lineno - 1 : node.end_lineno])

    @property
    def top(self) -> Scope:
        """The scope of the module itself."""
        return self.scopes[0]

    def index(self) -> None:
        """Sort the calls by the last part of the name that is called, as its own file has it.

        What is renamed as it is imported (``import get as fetch``) stands under both.
        """
        sites = self._sites
        for scope in self.scopes:
            for call, flags in scope.calls:
                function = call.func
                if function.__class__ is ast.Attribute:
                    name = function.attr
                elif function.__class__ is ast.Name:
                    name = function.id
                else:
                    continue
                if name in sites:
                    sites[name].append((call, scope, flags))
                else:
                    sites[name] = [(call, scope, flags)]
        for name, dotted in self.imports.items():
            own = dotted.rpartition(".")[2]
            if own != name and name in sites:
                renamed = [s for s in sites[name] if s[0].func.__class__ is ast.Name]
                sites[own] = [*sites.get(own, ()), *renamed]
                self._renames = True

    def calls(self, *names: str) -> list[Site]:
        """Return the calls of functions with one of these names, whatever stands before the dot."""
        # Asked a hundred times of each file, mostly in vain: no generator is worth its making.
        sites = self._sites
        made = [Site(*found) for name in names if name in sites for found in sites[name]]
        # Who asks for both names of one that was renamed gets it once.
        return [*{id(site.call): site for site in made}.values()] if self._renames else made

    def calls_that_run(self, *names: str) -> list[Site]:
        """Return those of ``calls`` that a deployed process may come to."""
        return [site for site in self.calls(*names) if not site.flags & GUARDED]

    def resolve(self, node: ast.AST) -> str:
        """Return the dotted name behind an expression, through the imports; "" if it has none."""
        # Asked for most expressions of a file, so what kind it is is compared, not looked up.
        rest = ""
        while node.__class__ is ast.Attribute:
            rest = f".{node.attr}{rest}"
            node = node.value
        if node.__class__ is not ast.Name:
            return ""
        name: str = node.id
        return f"{self.imports.get(name, name)}{rest}"

    def qualified(self, node: ast.AST, scope: Scope, depth: int = 0) -> str:
        """Return the dotted name as another file would write it, methods of ``self`` included."""
        if (bound := self.rebound(node, scope)) and depth < DEPTH:
            maker = self._maker(bound, scope, depth)
            return f"{maker or bound}.{last_name(node)}"
        name = self.resolve(node)
        root, _, rest = name.partition(".")
        if root in {"self", "cls"} and rest and scope.owner:
            return f"{self.name}.{scope.owner.qualname}.{rest}"
        if root in self.classes or root in self.functions:
            return f"{self.name}.{name}"
        # A method of an object that was made here.
        if rest and "." not in rest and root not in self.imports and depth < DEPTH:
            maker = self._maker(root, scope, depth)
            return f"{maker}.{rest}" if maker is not None else name
        return name

    def rebound(self, node: ast.AST, scope: Scope) -> str:
        """Return the name of an object that a function made under the name of an import."""
        held = node.value if isinstance(node, ast.Attribute) else None
        if not isinstance(held, ast.Name) or held.id not in self.imports:
            return ""
        inner = (outer for outer in scope.outer if outer.kind == "function")
        values = next((v for outer in inner if (v := outer.bindings.get(held.id))), ())
        own = {*self.classes, *self.functions}
        made = [v for v in values if isinstance(v, ast.Call) and self._root(v) in own]
        return held.id if values and len(made) == len(values) else ""

    def _maker(self, name: str, scope: Scope, depth: int) -> str | None:
        """Return the dotted name of what is called to make what a name is bound to."""
        # The same few are asked about again and again.
        key = (name, scope, depth)
        if key not in self._makers:
            self._makers[key] = self._find_maker(*key)
        return self._makers[key]

    def _find_maker(self, name: str, scope: Scope, depth: int) -> str | None:
        for outer in scope.outer:
            # x = x.bound(...) is still what x was.
            made = [v for v in outer.bindings.get(name, ()) if self._root(v) != name]
            if made:
                last = made[-1]
                if isinstance(last, ast.Call):
                    return self.qualified(last.func, self.top, depth + 1)
                return None
        return None

    def _root(self, value: ast.expr) -> str:
        """Return the name that a call begins with; "" for any other value."""
        called = self.resolve(value.func) if isinstance(value, ast.Call) else ""
        return called.partition(".")[0]

    def fact(self, site: Site, *data: object) -> Fact:
        """Note something about a call."""
        return Fact(site.line, self.function_of(site.scope), data)

    def function_of(self, scope: Scope) -> str:
        """Return the qualified name of the nearest function around, "" for none."""
        return scope.function

    def decorators(self, scope: Scope) -> list[str]:
        """Return the dotted names of what decorates a function or a class."""
        called = (d.func if isinstance(d, ast.Call) else d for d in scope.decorators)
        return [self.resolve(node) for node in called]

    def moment(self, scope: Scope) -> Moment:
        """Return when a scope's code runs; what nobody calls at start counts as a request's."""
        if scope not in self._moments:
            self._moments[scope] = moment_of(self, scope)
        return self._moments[scope]

    @cached_property
    def migrates(self) -> bool:
        """Whether the file may hold what a migration runs."""
        return b"schema_editor" in self.content

    @cached_property
    def connected(self) -> frozenset[str]:
        """The names of functions that are connected to a signal here."""
        given = (argument for site in self.calls("connect") for argument in site.call.args[:1])
        named = (node for node in given if isinstance(node, ast.Name | ast.Attribute))
        return frozenset(self.resolve(node).rpartition(".")[2] for node in named)

    def bases(self, scope: Scope) -> tuple[str, ...]:
        """Return the dotted names of a class's bases."""
        if scope not in self._bases:
            node = scope.node
            given = node.bases if isinstance(node, ast.ClassDef) else ()
            self._bases[scope] = tuple(map(self._base, given))
        return self._bases[scope]

    def _base(self, node: ast.expr) -> str:
        name = self.resolve(node)
        if name in self.top.bindings and name not in self.imports and name not in self.classes:
            # Storage = FileSystemStorage, and another one where a setting says so: what stands
            # outside of any branch was bound first.
            return self.resolve(self.top.bindings[name][0]) or name
        return name

    def _sets_django_up(self) -> bool:
        """Whether the module does what manage.py and the servers do for all others."""
        decorators = (name for scope in self.decorated for name in self.decorators(scope))
        if not TASK_DECORATORS.isdisjoint(name.rpartition(".")[2] for name in decorators):
            # A worker loads it, past manage.py.
            return False
        return any(
            site.scope.kind == "module" and self.resolve(site.call.func) == "django.setup"
            for site in self.calls("setup")
        )

    @cached_property
    def is_script(self) -> bool:
        """Whether an operator runs this file: a management command, or a program of its own."""
        # Few files import factory_boy, and most have many classes.
        factories = self.classes.values() if "factory" in self.imports else ()
        bases = (base for made in factories for base in self.bases(made))
        return is_script(
            self.path, self.imports.values(), bases, sets_django_up=self._sets_django_up()
        )
