"""A shell script: its syntax, and the programs it was seen to start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_FIRST_ARGUMENT = re.compile(r"\$1|\$\{1(:?-[\w-]*)?\}")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
# ``! </dev/tcp/db/5432`` waits for a port with no command at all, which the grammar does not know.
_BARE = re.compile(r"!\s*(?=<\s*/)")
# What s6 runs as often as the shell: each program is given what follows as its arguments, and what
# stands in braces beside it. Line by line it comes to the same.
_EXECLINE = re.compile(r"#!.*\bexeclineb\b")
_BLOCKS = re.compile(
    r"^[ \t]*(if|foreground|background)\b[^\n{]*\{|(?<!\S)[{}](?!\S)", re.MULTILINE
)
_SAYS = frozenset({"cat", "echo", "printf"})
_MODE = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True, slots=True)
class Step:
    """A program that a script starts.

    ``execs``: in the script's own place. ``waits``: the script goes on when it has ended.
    ``handled``: it does not wait, and a trap is there for the signal. ``output``: the file that its
    output goes to. ``begins``: at which byte of the script. ``folder``: where the script has gone.
    ``draws``: it gives that variable a random value. ``exports``: the variables that a program gets
    of the script.
    """

    words: tuple[str, ...]
    path: str
    line: int
    execs: bool = False
    waits: bool = True
    sure: bool = True
    repeated: bool = False
    handled: bool = False
    output: str = ""
    begins: int = 0
    folder: str = ""
    draws: str = ""
    exports: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """A parsed script and its path in the project."""

    path: str
    root: Node

    @property
    def modes(self) -> list[str]:
        """The first arguments that the script knows: the words it compares ``$1`` with."""
        return list(dict.fromkeys(_modes(self.root)))

    def holds(self, step: Step) -> bool:
        """Whether a step stands in the script, and not in another that the same file holds."""
        first, last = self.root.start_point[0], self.root.end_point[0]
        return step.path == self.path and first < step.line <= last + 1

    @property
    def last_command(self) -> int:
        """Where the last command begins that some shells start in their own place, -1 for none."""
        nodes = [child for child in self.root.children if child.type != "comment"]
        while nodes and nodes[-1].type == "list":
            nodes = nodes[-1].children
        simple = bool(nodes) and nodes[-1].type == "command"
        return nodes[-1].start_byte if simple else -1


def parse(path: str, text: str) -> Script:
    """Parse a script; what is no shell in it is skipped."""
    import tree_sitter
    import tree_sitter_bash

    text = _BLOCKS.sub("", text) if _EXECLINE.match(text) else _BARE.sub("! : ", text)
    language = tree_sitter.Language(tree_sitter_bash.language())
    tree = tree_sitter.Parser(language).parse(text.encode())
    return Script(path, tree.root_node)


def branches(node: Node) -> Iterator[tuple[list[Node], list[Node]]]:
    """Yield the conditions and the body of each branch of an ``if``; ``else`` has no condition."""
    condition: list[Node] = []
    body: list[Node] = []
    inside = condition
    later = []
    for child in node.children:
        if child.type in {"if", "elif"}:
            inside = condition
        elif child.type == "then":
            inside = body
        elif child.type in {"elif_clause", "else_clause"}:
            later.append(child)
        elif child.is_named or (inside is body and child.type == "&"):
            inside.append(child)
    yield condition, body
    for clause in later:
        if clause.type == "else_clause":
            yield [], list(clause.children)
        else:
            yield from branches(clause)


def case_item(item: Node) -> tuple[list[Node], list[Node]]:
    children = item.children
    close = next((i for i, child in enumerate(children) if child.type == ")"), len(children))
    return [c for c in children[:close] if c.is_named], list(children[close + 1 :])


def _modes(root: Node) -> Iterator[str]:
    pending = [root]
    names: set[str] = set()
    while pending:
        node = pending.pop()
        pending.extend(reversed(node.children))
        if node.type == "variable_assignment" and _is_first(node.children[-1], names):
            # SERVICE=$1; shift; case $SERVICE in
            names.add(text_of(node.children[0]))
        elif node.type == "case_item" and node.parent is not None:
            value = node.parent.child_by_field_name("value")
            if value is not None and _is_first(value, names):
                yield from (_plain(p) for p in case_item(node)[0] if _MODE.fullmatch(_plain(p)))
        elif node.type == "binary_expression" and len(node.children) == 3:  # noqa: PLR2004
            left, between, right = node.children
            while right.type == "binary_expression" and right.children:
                # The grammar takes what || joins for what is compared.
                right = right.children[0]
            if (
                _is_first(left, names)
                and between.type in {"=", "=="}
                and _MODE.fullmatch(_plain(right))
            ):
                yield _plain(right)


def _is_first(node: Node, names: Set[str]) -> bool:
    """Whether it is the first argument, be it by a variable that was given it."""
    text = _plain(node)
    given = _VARIABLE.fullmatch(text)
    return bool(_FIRST_ARGUMENT.fullmatch(text)) or (given is not None and given[1] in names)


def _plain(node: Node) -> str:
    return text_of(node).strip("\"'")


def refuses(nodes: Sequence[Node]) -> bool:
    """Whether a branch does nothing but say what is missing and end: what is deployed is not so."""
    found = [each for node in nodes for each in _commands(node)]
    said = [text_of(command).split() for command in found]
    ends = said[-1:] and len(said[-1]) > 1 and said[-1][0] == "exit" and said[-1][1] != "0"
    return bool(ends) and all(words[0] in _SAYS for words in said[:-1])


def told(node: Node) -> Node | None:
    """Return whose output a command writes on: ``echo "$(openssl rand -hex 32)"``."""
    if node.type == "command_substitution":
        return next(reversed(list(_commands(node))), None)
    return next(filter(None, map(told, node.children)), None)


def _commands(node: Node) -> Iterator[Node]:
    if node.type == "command":
        yield node
    else:
        for child in node.children:
            yield from _commands(child)


def name_of(node: Node) -> Node:
    return node.children[0] if node.type == "command_name" and node.children else node


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
