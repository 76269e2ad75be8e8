"""What a shell script starts, read along the way that it takes with what is known."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.shell.drawn import TELLERS, Drawn
from django_scaleready.checks.deployment.shell.evaluated import evaluate
from django_scaleready.checks.deployment.shell.prints import prints
from django_scaleready.checks.deployment.shell.script import (
    Script,
    Step,
    branches,
    case_item,
    name_of,
    refuses,
    text_of,
    told,
)
from django_scaleready.checks.deployment.shell.tests import decide
from django_scaleready.checks.deployment.shell.words import Values, Word, output_of

if TYPE_CHECKING:
    from tree_sitter import Node

# A function may call itself, and a script may source itself.
_DEEPEST = 12
_COMMANDS = frozenset(["command", "redirected_statement", "negated_command"])
_ASSIGNMENTS = frozenset(["variable_assignment", "variable_assignments", "declaration_command"])
_ENDS = frozenset({"exit", "return"})
# They start no program, or none that matters.
_NOTHING = frozenset(
    [
        *(":", "[", "test", "echo", "printf", "wait", "break", "continue", "sleep"),
        *("do", "done", "then", "fi", "else", "esac", "umask", "true", "false"),
    ]
)
_TERMINATING = frozenset({"TERM", "SIGTERM", "15", "EXIT", "0"})
# In what the grammar does not know, such as ``!</dev/tcp/db/5432``, the commands stand as usual.
_BODIES = frozenset(["do_group", "compound_statement", "else_clause", "ERROR"])


@dataclass(slots=True)
class Walker:
    """Walks through a script; ``steps`` are the programs that it starts.

    ``load`` finds a script that is sourced.
    """

    values: Values
    load: Callable[[str], Script | None]
    steps: list[Step] = field(default_factory=list)
    # The body of each, and which script it stands in below how many lines.
    functions: dict[str, tuple[Node, str, int]] = field(default_factory=dict)
    path: str = ""
    line: int = 0
    folder: str = ""
    trapped: bool = False
    depth: int = 0
    drawn: Drawn = field(init=False)

    def __post_init__(self) -> None:
        self.drawn = Drawn(self.values, self.steps, partial(prints, self))

    def walk(self, script: Script, line: int = 0) -> None:
        """Walk through a script from the beginning; ``line``: how many lines stand above it."""
        before, self.path, self.line = (self.path, self.line), script.path, line
        self._all(script.root.children, sure=True)
        self.path, self.line = before

    def _all(self, nodes: Sequence[Node], *, sure: bool, repeated: bool = False) -> bool:
        """Walk through statements; returns whether the script ends within."""
        for index, node in enumerate(nodes):
            later = nodes[index + 1].type if index + 1 < len(nodes) else ""
            ended = self.visit(node, sure=sure, repeated=repeated, waits=later != "&")
            if ended and later != "&":
                return True
        return False

    def visit(self, node: Node, *, sure: bool, repeated: bool = False, waits: bool = True) -> bool:
        """Walk through one statement; returns whether the script ends within."""
        if node.type in _COMMANDS:
            return self._command(node, sure=sure, repeated=repeated, waits=waits)
        if node.type in _BODIES:
            return self._all(node.children, sure=sure, repeated=repeated)
        if branching := _BRANCHING.get(node.type):
            return branching(self, node, sure=sure, repeated=repeated)
        if node.type == "pipeline":
            for child in node.children:
                self.visit(child, sure=sure, repeated=repeated, waits=waits)
        elif node.type in _ASSIGNMENTS:
            self.drawn.assign(node, self._at(node, sure=sure))
        elif node.type == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is not None and body is not None:
                self.functions[text_of(name)] = body, self.path, self.line
        return False

    def _command(self, node: Node, *, sure: bool, repeated: bool, waits: bool) -> bool:
        output, text = output_of(node, self.values), text_of(node)
        keeps = replace(self._at(node, sure=sure), output=output)
        while node.type in {"redirected_statement", "negated_command"}:
            body = [c for c in node.children if c.is_named and c.type != "file_redirect"]
            if not body:
                return False
            node = body[0]
            if node.type not in _COMMANDS:
                first = len(self.steps)
                ended = self.visit(node, sure=sure, repeated=repeated, waits=waits)
                self.drawn.keep(text, node, keeps)
                if output and len(self.steps) > first:
                    # What a pipe ends with writes there.
                    self.steps[-1] = replace(self.steps[-1], output=output)
                return ended
        self.drawn.keep(text, node, keeps)
        if output and text_of(node).startswith(TELLERS):
            node = told(node) or node
        words = tuple(
            word.text
            for child in node.children
            if child.type not in {"variable_assignment", "file_redirect", "herestring_redirect"}
            for word in self.values.words(name_of(child))
        )
        return self._run(words, node, Step((), "", 0, False, waits, sure, repeated, False, output))

    def _at(self, node: Node, *, sure: bool) -> Step:
        return Step((), self.path, node.start_point[0] + 1 + self.line, sure=sure)

    def _run(self, words: tuple[str, ...], node: Node, how: Step) -> bool:
        if not words or words[0] in _ENDS:
            return bool(words)
        name, rest = words[0], words[1:]
        if name in self.functions and self.depth < _DEEPEST:
            return self._call(name, rest, how)
        if name == "eval":
            return self.depth < _DEEPEST and evaluate(self, node, rest, how)
        if self._builtin(name, rest):
            return False
        execs = name == "exec"
        if not (words := rest if execs else words):
            return False
        line = self._at(node, sure=how.sure).line
        waits = how.waits and not Command("", words, Location(self.path)).detaches
        handled = self.trapped and not waits
        self.steps.append(
            Step(
                *(words, self.path, line, execs, waits, how.sure, how.repeated, handled),
                output=how.output,
                begins=node.start_byte,
                folder=self.folder,
                exports=self.values.exports(),
            )
        )
        return execs

    def _call(self, name: str, arguments: tuple[str, ...], how: Step) -> bool:
        before, self.values.arguments = self.values.arguments, arguments
        self.depth += 1
        first, place = len(self.steps), (self.path, self.line)
        body, self.path, self.line = self.functions[name]
        self.visit(body, sure=how.sure, repeated=how.repeated)
        self.path, self.line = place
        self.depth -= 1
        self.values.arguments = before
        return any(step.execs and step.sure for step in self.steps[first:])

    def _builtin(self, name: str, words: tuple[str, ...]) -> bool:
        """Whether it is a command of the shell that changes what follows."""
        if name in {".", "source"} and words:
            script = self.load(words[0]) if self.depth < _DEEPEST else None
            if script is not None:
                self.depth += 1
                self.walk(script)
                self.depth -= 1
        elif name == "set":
            self.drawn.all_exported |= not {"-a", "allexport"}.isdisjoint(words)
            if "--" in words:
                self.values.arguments = words[words.index("--") + 1 :]
        elif name == "shift":
            count = int(words[0]) if words and words[0].isdecimal() else 1
            self.values.arguments = self.values.arguments[count:]
        elif name == "define" and len(words) > 1:
            # That is execline's.
            self.values.variables[words[-2]] = words[-1]
        elif name in {"cd", "pushd"}:
            self.folder = posixpath.join(self.folder, *words[-1:])
        elif name == "trap":
            self._trap(words)
        elif name in {"read", "unset", "getopts", "mapfile", "readarray"}:
            self.values.variables.update({w: None for w in words if w.isidentifier()})
        else:
            return name in _NOTHING
        return True

    def _trap(self, words: tuple[str, ...]) -> None:
        """It holds for what has been put into the background before it, too."""
        if _TERMINATING & {*words[1:]}:
            self.trapped = True
            self.steps[:] = [replace(step, handled=not step.waits) for step in self.steps]

    def _if(self, node: Node, *, sure: bool, repeated: bool) -> bool:
        ends: list[bool] = []
        for condition, body in branches(node):
            self._conditions(condition, sure=sure)
            held = decide(condition[-1], self.values) if condition else True
            held = False if condition and refuses(body) else held
            if held is not False:
                first = bool(held and not ends)
                ends.append(self._branch(body, held=first, sure=sure and first, repeated=repeated))
            if held:
                return all(ends)
        return False

    def _conditions(self, nodes: list[Node], *, sure: bool) -> None:
        """Walk through the commands that a condition runs; tests are none."""
        for node in nodes:
            if node.type in {"command", "negated_command", "redirected_statement", "list"}:
                self.visit(node, sure=sure)

    def _branch(self, body: list[Node], *, held: bool | None, sure: bool, repeated: bool) -> bool:
        """Walk through what may run, or not: what it sets is not known after that."""
        if held:
            return self._all(body, sure=sure, repeated=repeated)
        before, arguments = dict(self.values.variables), self.values.arguments
        arrays = dict(self.values.arrays)
        ended = self._all(body, sure=sure, repeated=repeated)
        now = self.values.variables
        changed = {name for name in now if now[name] != before.get(name, "")}
        self.values.variables = {**before, **dict.fromkeys(changed)}
        self.values.arguments, self.values.arrays = arguments, arrays
        return ended

    def _case(self, node: Node, *, sure: bool, repeated: bool) -> bool:
        value = node.child_by_field_name("value")
        word = self.values.seen(value) if value is not None else Word("", known=False)
        for item in (child for child in node.children if child.type == "case_item"):
            patterns, body = case_item(item)
            if not word.known:
                self._branch(body, held=None, sure=False, repeated=repeated)
            elif any(fnmatchcase(word.text, self.values.word(p).text) for p in patterns):
                return self._all(body, sure=sure, repeated=repeated)
        return False

    def _list(self, node: Node, *, sure: bool, repeated: bool) -> bool:
        left, between, right = node.children[0], node.children[1].type, node.children[-1]
        held = decide(left, self.values)
        if left.type == "test_command" and refuses([right]):
            return False
        if left.type != "test_command":
            ended = self.visit(left, sure=sure, repeated=repeated)
            if held is None and between == "&&":
                # What comes first is taken to succeed, or nothing would ever start.
                return ended or self.visit(right, sure=sure, repeated=repeated)
        if held is None:
            self._branch([right], held=None, sure=False, repeated=repeated)
            return False
        return held == (between == "&&") and self.visit(right, sure=sure, repeated=repeated)

    def _subshell(self, node: Node, *, sure: bool, repeated: bool) -> bool:
        """Its end is not the script's, nor is the folder that it goes to."""
        before = self.folder
        self._all(node.children, sure=sure, repeated=repeated)
        self.folder = before
        return False

    def _for(self, node: Node, *, sure: bool, repeated: bool) -> bool:
        self.values.variables.update({text_of(n): None for n in node.children[1:2]})
        return self._all(node.children[-1:], sure=sure, repeated=repeated)

    def _while(self, node: Node, *, sure: bool, repeated: bool) -> bool:
        conditions = [c for c in node.children[1:] if c.is_named and c.type != "do_group"]
        self._conditions(conditions, sure=sure)
        held = decide(conditions[-1], self.values) if conditions else None
        # What asks a variable may change its answer: while [ $# -gt 0 ]; do ...; shift; done
        asks = any(b"$" in (c.text or b"") for c in conditions)
        endless = held is (node.children[0].type == "while") and not asks
        if held is not (node.children[0].type != "while"):
            body = node.children[-1:]
            self._branch(body, held=None, sure=sure and endless, repeated=repeated or endless)
        return False


_BRANCHING: dict[str, Callable[..., bool]] = {
    "if_statement": Walker._if,
    "case_statement": Walker._case,
    "list": Walker._list,
    "while_statement": Walker._while,
    "for_statement": Walker._for,
    "c_style_for_statement": Walker._for,
    "subshell": Walker._subshell,
}
