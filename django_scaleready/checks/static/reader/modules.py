"""Running a settings module by reading it: which assignments take effect, with which values.

The environment is taken to be empty but for what deploy files set, DEBUG to be off where the
environment decides, and the command line to name no command. A branch that cannot be decided is
taken and not taken: what the two agree on stays, the rest is undecided.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django_scaleready.checks.static import mail_ways
from django_scaleready.checks.static.reader import branches
from django_scaleready.checks.static.reader.by_name import ByName
from django_scaleready.checks.static.reader.definitions import Names, Settings
from django_scaleready.checks.static.reader.executed import INCLUDE, executed, included, is_there
from django_scaleready.checks.static.reader.holders import WHOLE, Held, complete, inherited, key
from django_scaleready.checks.static.reader.imports import Find
from django_scaleready.checks.static.reader.trees import parsed
from django_scaleready.checks.static.roots import deployed_instead
from django_scaleready.checks.static.values.functions import given_names
from django_scaleready.checks.static.values.undecided import UNDECIDED, Closure, Ref, Undecided

MODULES, ITEMS, CALLS = 60, 200, 6


class _Returned(Exception):  # noqa: N818 - no error: a function's return statement
    def __init__(self, value: Any) -> None:
        self.value = value


class _Raised(Exception):  # noqa: N818 - the read code's error, and none of ours
    pass


class Reader(ByName):
    """Reads one settings module and what it imports."""

    def __init__(
        self,
        find: Find,
        trees: dict[Path, ast.Module] | None = None,
        environment: Mapping[str, str | Undecided] | None = None,
        root: Path | None = None,
    ) -> None:
        """Take what finds a module's file: by dotted name, asked from a file.

        ``trees`` are those of files that were read before; several readers share them.
        ``environment`` are the variables that are set, and ``root`` is the repository: what lies
        outside of it is the deployment's, and not looked for here.
        """
        super().__init__(self._call, self._module, find, root)
        self._expressions.environment = environment or {}
        self._expressions.root = root
        self._trees = {} if trees is None else trees
        self._calls = 0
        # Settings are declared; what runs more statements than that computes something else.
        self._statements = 20_000

    def read(self, path: Path) -> Settings:
        """Return the settings that a file comes to."""
        with suppress(_Returned):  # a return outside of a function: Python would refuse the file
            self._module(path, self.settings.names)
        if not self.settings.names.keys() & WHOLE:
            for name in list(self.settings.names):
                self._settle(self.settings.names, name)
        complete(self.settings)
        return self.settings

    def _module(self, path: Path, names: Names, *, imported: bool = True) -> Names:
        if path in self.settings.files or len(self.settings.files) > MODULES:
            return names
        self.settings.files.append(path)
        try:
            tree = self._trees[path] = self._trees.get(path) or parsed(path)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.settings.problems.append((path, getattr(error, "msg", None) or str(error)))
            return names
        if imported:
            names.update(__file__=str(path), __name__=path.stem)
        self._block(tree.body, names, path)
        # Who imports one of its names after all of them were imported gets the same objects.
        self._cache[path] = {**names}
        return names

    def _block(self, body: list[ast.stmt], names: Names, path: Path) -> None:
        for statement in body:
            self._statements -= 1
            handler = STATEMENTS.get(statement.__class__)
            if handler is not None and self._statements > 0:
                handler(self, statement, names, path)

    def _expression(self, node: ast.Expr, names: Names, path: Path) -> None:
        if isinstance(node.value, ast.Call):
            for part in self._run_by(node.value, names):
                # It runs here: ``__file__`` stays what it was.
                self._module(deployed_instead(part), names, imported=False)
        super()._expression(node, names, path)

    def _run_by(self, call: ast.Call, names: Names) -> list[Path]:
        """Return the files that a call runs as a part of this one."""

        def value(part: ast.expr) -> Any:
            return self._expressions.value(part, names)

        name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
        if found := executed(call, value):
            return [found] if is_there(found, self._expressions.root) else []
        if name == "include" and value(call.func) == Ref(INCLUDE):
            return list(included(call, Path(str(names.get("__file__"))).parent, value))
        return []

    # Blocks.

    def _if(self, node: ast.If, names: Names, path: Path) -> None:
        test = self._expressions.value(node.test, names)
        if (deployed := branches.without_debug(node)) is not None:
            self._block(deployed, names, path)
        elif (taken := self._way(node.test)) is not None:
            self._block(node.body if taken else node.orelse, names, path)
        elif isinstance(test, Undecided | Ref):
            self._both(node, names, path)
        else:
            if not mail_ways.is_off(node.test, test):
                self._optional(node, node.orelse if test else node.body, names, path)
            self._block(node.body if test else node.orelse, names, path)
        self._insist(node, names)

    def _match(self, node: ast.Match, names: Names, path: Path) -> None:
        chain: list[ast.stmt] = []
        for case in reversed(node.cases):
            test = branches.as_test(node.subject, case)
            chain = case.body if test is None else [ast.If(test, case.body, chain)]
        self._block(chain, names, path)

    def _optional(self, node: ast.If, body: list[ast.stmt], names: Names, path: Path) -> None:
        """Note what the branch that is not taken would do to the mail settings, as one way."""
        if mail_ways.is_chosen(node.test, body):
            known, self.settings.definitions = self.settings.definitions, {}
            noted, taken = [*self.settings.optional], branches.copied(names)
            if self._ends(body, taken, path) and self.settings.definitions:
                noted.append(mail_ways.told(taken, self.settings.definitions))
                self.settings.optional = noted
            self.settings.definitions = known
        elif not body:
            self.settings.optional += mail_ways.with_relay(node, names, self.settings.definitions)

    def _both(self, node: ast.If, names: Names, path: Path) -> None:
        before = len(self.settings.files)
        taken, skipped = branches.copied(names), branches.copied(names)
        try:
            ways = [
                way
                for way, body in ((taken, node.body), (skipped, node.orelse))
                if self._ends(body, way, path)
            ]
        except _Returned:
            # One of the two ways ends the function, and nobody knows which is taken.
            raise _Returned(UNDECIDED) from None
        if not ways:
            raise _Raised
        self.settings.optional += mail_ways.by_relay(ways, self.settings.definitions)
        branches.merge(names, ways[0], ways[-1])
        for each in self.settings.files[before:]:
            self._cache.pop(each, None)
        del self.settings.files[before:]

    def _ends(self, body: list[ast.stmt], names: Names, path: Path) -> bool:
        """Run a block; return whether it comes to its end, and does not raise."""
        try:
            self._block(body, names, path)
        except _Raised:
            return False
        return True

    def _try(self, node: ast.Try, names: Names, path: Path) -> None:
        first = node.body[0]
        caught = branches.catcher(node, lambda part: self._expressions.value(part, names))
        if isinstance(first, ast.ImportFrom) and self._is_missing(first, path):
            caught = node.handlers[0] if node.handlers else None
            self._lack(first, names, path)
        if caught is not None:
            self._block(caught.body, names, path)
        else:
            # What a handler would assign is noted, below what the body does.
            for handler in node.handlers:
                with suppress(_Returned):
                    self._ends(handler.body, branches.copied(names), path)
            self._guarded += 1
            try:
                self._block([*node.body, *node.orelse], names, path)
            finally:
                self._guarded -= 1
        self._block(node.finalbody, names, path)

    def _with(self, node: ast.With, names: Names, path: Path) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                value = self._expressions.value(item.context_expr, names)
                self._bind(item.optional_vars, value, None, names, path)
        self._block(node.body, names, path)

    def _for(self, node: ast.For, names: Names, path: Path) -> None:
        items = self._expressions.value(node.iter, names)
        known = isinstance(items, list | tuple | set | dict) and len(items) <= ITEMS
        if not known:
            branches.lengthen(node.body, names)
        for item in items if known else ():
            if self._statements <= 0:
                break
            self._bind(node.target, item, None, names, path)
            self._block(node.body, names, path)

    def _delete(self, node: ast.Delete, names: Names, _: Path) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                holder = self._expressions.value(target.value, names)
                entry = self._expressions.value(target.slice, names)
                if isinstance(holder, dict) and isinstance(entry, str | int):
                    holder.pop(entry, None)

    # Functions.

    def _function(self, node: ast.FunctionDef, names: Names, _: Path) -> None:
        names[node.name] = Closure(node, names)

    def _class(self, node: ast.ClassDef, names: Names, path: Path) -> None:
        # A class may hold the settings (django-configurations): its body is read as they are.
        for base in node.bases:
            self._settle(names, getattr(base, "id", ""))
        held = inherited(node, names)
        kept, self.settings.definitions = self.settings.definitions, held.definitions
        inner = {**names, **held.names}
        self._block(node.body, inner, path)
        for made in node.body:
            # A property is asked as soon as the settings are; what it does with self is unknown.
            name = getattr(made, "name", "")
            closure = inner.get(name)
            if name.isupper() and isinstance(closure, Closure) and closure.node is made:
                inner[name] = self._call(closure, [UNDECIDED], {})
                self._define(name, made.lineno, None, path)
        names[key(node.name)] = Held(inner, self.settings.definitions)
        names[node.name] = UNDECIDED
        self.settings.definitions = kept

    def _return(self, node: ast.Return, names: Names, _: Path) -> None:
        raise _Returned(self._expressions.value(node.value, names) if node.value else None)

    def _raise(self, *_: object) -> None:
        # At the top of a module it says what a deployment must set; the deployment has done so.
        if self._calls:
            raise _Raised

    def _call(self, closure: Closure, arguments: list[Any], options: Names) -> Any:
        self._calls += 1
        if self._calls > CALLS:
            self._calls -= 1
            return UNDECIDED
        names = {**closure.names, **given_names(self._expressions, closure, arguments, options)}
        definitions, self.settings.definitions = self.settings.definitions, {}
        try:
            self._block(closure.node.body, names, Path(str(closure.names.get("__file__"))))
        except _Returned as returned:
            return returned.value
        except _Raised:
            return UNDECIDED
        finally:
            self._calls -= 1
            self.settings.definitions = definitions
        # It came to its end here; where it runs, a statement that is not read may return a value.
        returns = (n for n in ast.walk(closure.node) if isinstance(n, ast.Return) and n.value)
        return UNDECIDED if any(returns) else None


STATEMENTS: dict[type, Callable[[Reader, Any, Names, Path], None]] = {
    ast.Assign: Reader._assign,
    ast.AnnAssign: Reader._annotated,
    ast.AugAssign: Reader._added,
    ast.Expr: Reader._expression,
    ast.If: Reader._if,
    ast.Match: Reader._match,
    ast.Try: Reader._try,
    ast.With: Reader._with,
    ast.For: Reader._for,
    ast.Delete: Reader._delete,
    ast.Import: Reader._import,
    ast.ImportFrom: Reader._import_from,
    ast.FunctionDef: Reader._function,
    ast.ClassDef: Reader._class,
    ast.Return: Reader._return,
    ast.Raise: Reader._raise,
}
