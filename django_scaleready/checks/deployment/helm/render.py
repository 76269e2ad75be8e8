"""A template written out: with what a chart gives, and names for what only an installation does."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django_scaleready.checks.deployment.formats.templates import name_of
from django_scaleready.checks.deployment.helm.functions import call
from django_scaleready.checks.deployment.helm.syntax import (
    Block,
    Do,
    Function,
    Literal,
    Node,
    Operand,
    Pipe,
    Text,
    parse,
)
from django_scaleready.checks.deployment.helm.values import (
    MAX_TEXT,
    Missing,
    TooLargeError,
    Unsure,
    is_bare,
    text_of,
    truth,
    unknown,
)

# Steps of one file; of a loop, what is written out; how deep templates include each other.
MAX_STEPS = 40_000
MAX_TURNS = 20
MAX_INCLUDED = 15
# What only the cluster and the installation answer.
_ANSWERED = (".Capabilities", ".Release", ".Files", "$.Capabilities", "$.Release", "$.Files")
# A scaler that is off is no sign of how many there are.
_KIND = re.compile(r"^kind:(?!\s*(Horizontal|Scaled))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Written:
    """What a template comes to: the text, and for each of its lines the template's own.

    ``gaps``: there is more that an installation may put into it.
    """

    text: str
    lines: tuple[int, ...]
    gaps: bool


@dataclass(frozen=True, slots=True)
class _Scope:
    dot: object
    variables: ChainMap[str, object]

    def below(self, dot: object) -> _Scope:
        return _Scope(dot, self.variables.new_child())


@dataclass(slots=True)
class _Piece:
    text: str
    line: int
    # Whether its lines are the template's own, or all stand for one.
    own: bool
    # A name that stands for lines, unless it is all that there is.
    doubtful: bool = False


@dataclass(slots=True)
class Writer:
    """Writes templates out; ``defined`` are those that may be included, by name."""

    defined: Mapping[str, list[Node]]
    steps: int = MAX_STEPS
    written: int = 0
    included: int = 0
    gaps: bool = False

    def write(self, text: str, values: Mapping[str, object]) -> Written:
        """Return what a template comes to; ValueError if that is too much."""
        template = parse(text)
        self.defined = {**self.defined, **template.defined}
        pieces: list[_Piece] = []
        self._nodes(template.nodes, _Scope(values, ChainMap({"$": values})), pieces)
        return Written(*_joined(pieces), self.gaps)

    def _nodes(self, nodes: Iterable[Node], scope: _Scope, pieces: list[_Piece]) -> None:
        for node in nodes:
            self._step()
            if isinstance(node, Text):
                self._put(_Piece(node.text, node.line, own=True), pieces)
            elif isinstance(node, Do):
                self._do(node, scope, pieces)
            elif node.word == "range":
                self._range(node, scope, pieces)
            else:
                self._cases(node, scope, pieces)

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise TooLargeError

    def _put(self, piece: _Piece, pieces: list[_Piece]) -> None:
        self.written += len(piece.text)
        if self.written > 2 * MAX_TEXT:
            raise TooLargeError
        pieces.append(piece)

    def _do(self, node: Do, scope: _Scope, pieces: list[_Piece]) -> None:
        value = self._pipe(node.pipe, scope)
        if node.pipe.declared:
            return
        doubtful = node.alone and is_bare(value)
        if doubtful and not self.included:
            self.gaps = True
            return
        self._put(_Piece(text_of(value), node.line, own=False, doubtful=doubtful), pieces)

    def _cases(self, block: Block, scope: _Scope, pieces: list[_Piece]) -> None:
        """Write the first case that holds, or of which nobody knows that it does not."""
        for pipe, nodes in block.cases:
            inner = scope.below(scope.dot)
            value = self._pipe(pipe, inner) if pipe else True
            held = truth(value)
            if isinstance(value, Missing) and len(block.cases) > 1:
                # The chart says what there is without it.
                self.gaps = True
            elif held is not False or (not self.included and _is_document(block)):
                self.gaps = self.gaps or held is None
                dot = value if block.word == "with" and pipe else scope.dot
                self._nodes(nodes, replace(inner, dot=dot), pieces)
                return

    def _range(self, block: Block, scope: _Scope, pieces: list[_Piece]) -> None:
        pipe, nodes = block.cases[0]
        assert pipe is not None  # noqa: S101 - the parser gives each range one
        value = self._pipe(replace(pipe, declared=()), scope)
        turns = _turns(value)
        for key, each in turns:
            inner = scope.below(each)
            names = pipe.declared
            given = (each,) if len(names) == 1 else (key, each)
            inner.variables.update(zip(names, given, strict=False))
            self._nodes(nodes, inner, pieces)
        if not turns:
            for _, other in block.cases[1:]:
                self._nodes(other, scope, pieces)

    def _pipe(self, pipe: Pipe, scope: _Scope) -> object:
        value: object = None
        given: tuple[object, ...] = ()
        for command in pipe.commands:
            value = self._command(command, given, pipe.text, scope)
            given = (value,)
        if not pipe.commands:
            value = unknown(pipe.text)
        for name in pipe.declared:
            self._declare(name, value, scope, assigns=pipe.assigns)
        return value

    def _declare(self, name: str, value: object, scope: _Scope, *, assigns: bool) -> None:
        held = (names for names in scope.variables.maps if assigns and name in names)
        next(held, scope.variables)[name] = value

    def _command(
        self, command: tuple[Operand, ...], given: tuple[object, ...], text: str, scope: _Scope
    ) -> object:
        self._step()
        head, *rest = command
        values = (*(self._operand(each, scope) for each in rest), *given)
        if isinstance(head, Function):
            if head.name in {"include", "tpl"}:
                return self._include(head.name, values, text)
            return call(head.name, values, _said(command, text))
        # A method, such as .Files.Get, is what an installation answers.
        return unknown(text) if values else self._operand(head, scope)

    def _include(self, name: str, values: tuple[object, ...], text: str) -> object:
        """Return what another template comes to, or a text that is one."""
        first, *rest = values or (None,)
        dot = rest[0] if rest else None
        if name == "tpl":
            if not isinstance(first, str) or "{{" not in first:
                return first
            nodes = parse(first).nodes
        elif text_of(first) in self.defined:
            nodes = self.defined[text_of(first)]
        else:
            return unknown(text_of(first) or text)
        if self.included >= MAX_INCLUDED:
            return unknown(text)
        pieces: list[_Piece] = []
        self.included += 1
        self._nodes(nodes, _Scope(dot, ChainMap({"$": dot})), pieces)
        self.included -= 1
        if any(piece.text.strip() and not piece.doubtful for piece in pieces):
            pieces = [piece for piece in pieces if not piece.doubtful]
        made = "".join(piece.text for piece in pieces)
        return Unsure(made) if "$" in made else made

    def _operand(self, operand: Operand, scope: _Scope) -> object:
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, Function):
            return call(operand.name, (), operand.name)
        if isinstance(operand.base, Pipe):
            value = self._pipe(operand.base, scope)
        elif operand.base == ".":
            value = scope.dot
        else:
            value = scope.variables.get(operand.base, unknown(operand.text))
        for name in operand.names:
            if not isinstance(value, Mapping) or name not in value:
                absent = Unsure if operand.text.startswith(_ANSWERED) else Missing
                return absent(name_of(operand.text))
            value = value[name]
        return value


def _is_document(block: Block) -> bool:
    """Whether a block holds all of a document: off by default, it is there to be switched on."""
    if len(block.cases) > 1:
        return False
    return any(isinstance(node, Text) and _KIND.search(node.text) for node in block.cases[0][1])


def _said(command: tuple[Operand, ...], text: str) -> str:
    """Return the words that a result is called after which cannot be known."""
    return text if len(command) > 1 or not isinstance(command[0], Function) else command[0].name


def _turns(value: object) -> list[tuple[object, object]]:
    if isinstance(value, Unsure):
        return [(value, value)]
    if isinstance(value, int) and not isinstance(value, bool):
        value = list(range(min(max(value, 0), MAX_TURNS)))
    if isinstance(value, Mapping):
        return sorted(value.items(), key=lambda pair: str(pair[0]))[:MAX_TURNS]
    return list(enumerate(value[:MAX_TURNS])) if isinstance(value, list) else []


def _joined(pieces: Iterable[_Piece]) -> tuple[str, tuple[int, ...]]:
    """Return the text of pieces, and the line that each of its lines comes from."""
    lines: list[int] = []
    # Of the line that is being written: where it begins, and whether something stands in it.
    line, said = 1, False
    texts = []
    for piece in pieces:
        texts.append(piece.text)
        for number, part in enumerate(piece.text.split("\n")):
            if number:
                lines.append(line)
                said = False
            if not said:
                line = piece.line + number if piece.own else piece.line
                said = bool(part.strip())
    return "".join(texts), (*lines, line)
