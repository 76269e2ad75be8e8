"""Whether a condition of a shell script holds, as far as reading tells."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.shell.words import Values, Word

if TYPE_CHECKING:
    from tree_sitter import Node

_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
_CONSTANT = {"true": True, ":": True, "false": False}


def decide(node: Node, values: Values) -> bool | None:
    """Return whether a condition holds; None if only running it tells."""
    make = _KINDS.get(node.type)
    return make(node, values) if make else None


def _inside(node: Node, values: Values) -> bool | None:
    if _text(node.children[0]) == "[":
        # The grammar does not know how strongly -a and -o bind.
        return _posix([word for child in node.children[1:-1] for word in _leaves(child, values)])
    inner = [child for child in node.children if child.is_named]
    return decide(inner[0], values) if inner else None


def _leaves(node: Node, values: Values) -> list[Word]:
    if node.type in {"binary_expression", "unary_expression"}:
        return [word for child in node.children for word in _leaves(child, values)]
    return [values.seen(node) if node.is_named else Word(_text(node))]


def _posix(words: list[Word]) -> bool | None:
    """``[`` and ``test``: -o joins what -a joins."""
    for between in ("-o", "-a"):
        for index, word in enumerate(words):
            if word.text == between and 0 < index < len(words) - 1:
                right_side = _posix(words[index + 1 :])
                return _both(_posix(words[:index]), between, right_side)
    match words:
        case [Word("!"), *rest] if rest:
            return _not(_posix(rest))
        case [Word("-z" | "-n" as sign), Word(text, known)]:
            return bool(text) == (sign == "-n") if known else None
        case [Word(text, known)]:
            return bool(text) if known else None
        case [left, Word(between), right]:
            return _compare(left, between, right)
    return None


def _negated(node: Node, values: Values) -> bool | None:
    return _not(decide(node.children[-1], values))


def _binary(node: Node, values: Values) -> bool | None:
    return _joined(_flat(node), values)


def _flat(node: Node) -> list[Node]:
    """Return operands and operators in their order.

    The grammar does not know that ``=`` binds more strongly than ``||``.
    """
    if node.type != "binary_expression" or len(node.children) != 3:  # noqa: PLR2004 - left, operator, right
        return [node]
    left, between, right = node.children
    return [*_flat(left), between, *_flat(right)]


def _joined(parts: list[Node], values: Values) -> bool | None:
    """``||`` joins what ``&&`` joins."""
    for joints in ({"||", "-o"}, {"&&", "-a"}):
        for index in range(1, len(parts) - 1, 2):
            if (between := _text(parts[index])) in joints:
                before = _joined(parts[:index], values)
                return _both(before, between, _joined(parts[index + 1 :], values))
    if len(parts) == 1:
        return decide(parts[0], values) if parts[0].type != "binary_expression" else None
    left, sign, *others = parts
    if len(others) != 1:
        return None
    return _compare(values.seen(left), _text(sign), values.seen(others[0]))


def _list(node: Node, values: Values) -> bool | None:
    left, between, right = _three(node)
    if left is None or right is None:
        return None
    return _both(decide(left, values), between, decide(right, values))


def _word(node: Node, values: Values) -> bool | None:
    """``[ "$X" ]`` asks whether it is empty."""
    word = values.seen(node)
    return bool(word.text) if word.known else None


def _three(node: Node) -> tuple[Node | None, str, Node | None]:
    children = node.children
    if len(children) != 3:  # noqa: PLR2004 - left, operator, right
        return None, "", None
    return children[0], _text(children[1]), children[2]


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _not(held: bool | None) -> bool | None:
    return None if held is None else not held


def _both(left: bool | None, between: str, right: bool | None) -> bool | None:
    decisive = between in {"||", "-o"}
    if decisive in {left, right}:
        return decisive
    return None if None in {left, right} else not decisive


def _unary(node: Node, values: Values) -> bool | None:
    sign, operand = _text(node.children[0]), node.children[-1]
    if sign == "!":
        return _not(decide(operand, values))
    if sign not in {"-z", "-n"}:
        return None
    word = values.seen(operand)
    return bool(word.text) == (sign == "-n") if word.known else None


def _compare(left: Word, between: str, right: Word) -> bool | None:
    if not (left.known and right.known):
        return None
    if between in {"=", "=="}:
        return fnmatchcase(left.text, right.text)
    if between == "!=":
        return not fnmatchcase(left.text, right.text)
    if between in _NUMBERS and left.text.isdecimal() and right.text.isdecimal():
        return _NUMBERS[between](int(left.text), int(right.text))
    return None


def _command(node: Node, values: Values) -> bool | None:
    """``test``, ``true`` and ``false``; any other command may do as it likes."""
    words = [values.seen(child) for child in node.children]
    name = words[0].text if words else ""
    return _posix(words[1:]) if name == "test" else _CONSTANT.get(name)


_KINDS: dict[str, Callable[[Node, Values], bool | None]] = {
    **dict.fromkeys(["test_command", "parenthesized_expression"], _inside),
    **dict.fromkeys(["compound_statement", "redirected_statement"], _inside),
    **dict.fromkeys(["string", "simple_expansion", "expansion", "word", "concatenation"], _word),
    "binary_expression": _binary,
    "list": _list,
    "negated_command": _negated,
    "unary_expression": _unary,
    "command": _command,
}
