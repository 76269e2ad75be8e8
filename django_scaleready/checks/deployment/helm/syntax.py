"""The syntax of Go's templates: a text as a tree, each part with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Union

from django_scaleready.checks.deployment.formats.templates import Tag, tags

# Far beyond what anybody writes, and far from where the stack of the process ends.
MAX_DEPTH = 60
_TOKEN = re.compile(
    r"""\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|:=|[|(),=]|[-+]?\d[\w.]*"""
    r"""|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|[A-Za-z_]\w*""",
    re.DOTALL,
)
_DECLARED = re.compile(r"\s*(\$\w+)\s*(?:,\s*(\$\w+)\s*)?(:?=)")
_BLOCKS = frozenset({"if", "with", "range"})
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t"}
_CONSTANTS = {"true": True, "false": False, "nil": None}


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true, false or nothing."""

    value: object


@dataclass(frozen=True, slots=True)
class Path:
    """What stands below a variable, the dot, or a pipeline in parentheses: ``.Values.a.b``."""

    base: Union[str, Pipe]  # noqa: UP007 - names itself
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """The name of a function."""

    name: str


Operand = Literal | Path | Function


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each with its operands, and the variables that take what comes of them."""

    commands: tuple[tuple[Operand, ...], ...]
    text: str
    declared: tuple[str, ...] = ()
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What stands between the tags."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Do:
    """A value that is written out; ``alone``: nothing else stands in its lines."""

    pipe: Pipe
    line: int
    alone: bool


@dataclass(slots=True)
class Block:
    """``if``, ``with``, ``range``: the cases in turn, the last perhaps without a condition."""

    word: str
    cases: list[tuple[Pipe | None, list[Node]]]


Node = Text | Do | Block


@dataclass(slots=True)
class Template:
    """A text's own nodes, and the templates that it defines by their names."""

    nodes: list[Node] = field(default_factory=list)
    defined: dict[str, list[Node]] = field(default_factory=dict)


def parse(text: str) -> Template:
    """Return a text's tree. What is never closed ends with it; what cannot be read is a name."""
    made = Template()
    # The lists that nodes go to, innermost last, and the block that each belongs to.
    stack: list[tuple[list[Node], Block | None]] = [(made.nodes, None)]
    for piece in _pieces(text):
        if isinstance(piece, Text):
            stack[-1][0].append(piece)
        else:
            _take(made, stack, *piece)
        if len(stack) > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
    return made


def _pieces(text: str) -> Iterator[Text | tuple[Tag, int, bool]]:
    """Yield texts, trimmed as the tags beside them say, and tags with line and being alone."""
    position, line = 0, 1
    trims, begins = False, True
    for tag in tags(text):
        if tag.opened != "{{":
            continue
        between = text[position : tag.start]
        yield _trimmed(between, line, left=trims, right=text[tag.start + 2] == "-")
        line += between.count("\n")
        last = between.rpartition("\n")[2]
        begins = not last.strip() and ("\n" in between or begins)
        after = text.find("\n", tag.end, tag.end + 200)
        rest = text[tag.end : after if after >= 0 else tag.end + 200]
        yield tag, line, begins and not rest.strip()
        line += text.count("\n", tag.start, tag.end)
        position, trims, begins = tag.end, text[tag.end - 3] == "-", False
    yield _trimmed(text[position:], line, left=trims, right=False)


def _trimmed(text: str, line: int, *, left: bool, right: bool) -> Text:
    if left:
        kept = text.lstrip()
        line += text.count("\n", 0, len(text) - len(kept))
        text = kept
    return Text(text.rstrip() if right else text, line)


def _take(
    made: Template, stack: list[tuple[list[Node], Block | None]], tag: Tag, line: int, alone: bool
) -> None:
    """Put a tag where it belongs in the tree."""
    word, rest = tag.word, tag.body.removeprefix(tag.word).strip()
    nodes, block = stack[-1]
    if tag.body.startswith("/*"):
        return
    if word in _BLOCKS:
        inner: list[Node] = []
        opened = Block(word, [(_pipe(rest), inner)])
        nodes.append(opened)
        stack.append((inner, opened))
    elif word in {"define", "block"}:
        name = rest.split('"')[1] if rest.count('"') > 1 else rest
        if word == "block":
            nodes.append(Do(_pipe(f"include {rest}"), line, alone))
        stack.append((made.defined.setdefault(name, []), None))
    elif word == "else":
        if block is not None:
            case: list[Node] = []
            condition = rest.removeprefix("if ").removeprefix("with ").strip()
            block.cases.append((_pipe(condition) if condition else None, case))
            stack[-1] = (case, block)
    elif word == "end":
        if len(stack) > 1:
            stack.pop()
    else:
        body = f"include {rest}" if word == "template" else tag.body
        nodes.append(Do(_pipe(body), line, alone))


def _pipe(text: str) -> Pipe:
    """Return an expression; one that cannot be read is the name that stands for it."""
    declared = _DECLARED.match(text)
    names = tuple(name for name in declared.groups()[:2] if name) if declared else ()
    body = text[declared.end() :] if declared else text
    try:
        commands = _Reader(body).commands()
    except (ValueError, RecursionError):
        commands = ()
    return Pipe(commands, body.strip(), names, bool(declared and declared[3] == "="))


class _Reader:
    """Reads the commands of one expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    def commands(self) -> tuple[tuple[Operand, ...], ...]:
        """Return the commands up to the end, or to the parenthesis that closes them."""
        found: list[tuple[Operand, ...]] = []
        operands: list[Operand] = []
        while True:
            token = self._next()
            if token in {"", ")", "|"}:
                if not operands:
                    raise ValueError("an empty command")
                found.append(tuple(operands))
                operands = []
                if token != "|":  # noqa: S105 - a sign
                    return tuple(found)
            elif token not in {",", "=", ":="}:
                operands.append(self._operand(token))
            else:
                raise ValueError(f"unexpected {token}")

    def _next(self) -> str:
        while self.position < len(self.text):
            found = _TOKEN.match(self.text, self.position)
            if found is None:
                raise ValueError("not an expression")
            self.position = found.end()
            if not found[0].isspace():
                return found[0]
        return ""

    def _operand(self, token: str) -> Operand:
        if token == "(":  # noqa: S105 - a parenthesis
            return self._inner()
        if token[0] == '"':
            return Literal(_ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), token[1:-1]))
        if token[0] == "`":
            return Literal(token[1:-1])
        if token[0].isdigit() or token[0] in "+-":
            return Literal(float(token) if "." in token else int(token, 0))
        if token[0] == "." or token[0] == "$":
            base, *names = token.split(".")
            return Path(base or ".", tuple(name for name in names if name), token)
        return Literal(_CONSTANTS[token]) if token in _CONSTANTS else Function(token)

    def _inner(self) -> Path:
        began = self.position
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        commands = self.commands()
        self.depth -= 1
        if self.text[self.position - 1] != ")":
            raise ValueError("a parenthesis that is not closed")
        inner = Pipe(commands, self.text[began : self.position - 1])
        below = re.compile(r"(?:\.\w+)+").match(self.text, self.position)
        if below:
            self.position = below.end()
        names = tuple(below[0].split(".")[1:]) if below else ()
        return Path(inner, names, self.text[began : self.position])
