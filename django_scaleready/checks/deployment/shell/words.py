"""What the words of a shell script come to, as far as reading tells."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

# Every process has them, with values that only the machine knows.
_OF_THE_SYSTEM = frozenset(
    ["HOME", "PATH", "USER", "HOSTNAME", "PWD", "OLDPWD", "UID", "EUID", "SHELL", "TERM", "LANG"]
)
_OF_ARGUMENTS = frozenset("@*#")
_ARRAY = re.compile(r"\$\{(\w+)\[[@*]\]\}")
# ${@:2}, ${@:1:3}, ${ARGS[@]:1}
_SLICE = re.compile(r"\$\{(?:[@*]|(\w+)\[[@*]\]):\s*(\d+)(?:\s*:\s*(\d+))?\s*\}")
# $(which python3 || which python), $(command -v python3)
_LOOKED_UP = re.compile(
    r"(?:\$\(|`)\s*(?:which|command\s+-v|type\s+-p)\s+([\w.-]+)(?:\s*(?:2>[^|\n]*)?\|\|[^|;)`]*)*\s*[)`]"
)
# $(dirname "$0"), $(dirname -- "${BASH_SOURCE[0]}")
_FOLDER = re.compile(
    r"\$\(\s*dirname\s+(?:--\s+)?\"?\$(?:0|\{0\}|\{?BASH_SOURCE(?:\[0\])?\}?)\"?\s*\)"
)
_LITERAL = frozenset(["word", "number", "extglob_pattern", "regex", "string_content"])
# ${SERVER,,}
_CASES = {",,": str.lower, "^^": str.upper}


@dataclass(frozen=True, slots=True)
class Word:
    """A word; ``known`` unless something in it shows only at run time, and stands as written."""

    text: str
    known: bool = True

    def __add__(self, other: Word) -> Word:
        return Word(self.text + other.text, self.known and other.known)


@dataclass(slots=True)
class Values:
    """The variables and the arguments of a script at one place.

    A variable that nobody gives a value is taken to be unset: that is the default environment. None
    is a value that only running tells, ``partly`` what of it is written. ``blank``: an unset one is
    empty, as the shell has it; else it stands as written, for a report. ``exported``: what the
    programs of the script get.
    """

    variables: dict[str, str | None] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    script: str = ""
    blank: bool = False
    arrays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    partly: dict[str, str] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, environment: Mapping[str, str | None], arguments: tuple[str, ...], script: str = ""
    ) -> Values:
        """Begin a script in an environment."""
        return cls(dict(environment), arguments, script, exported={*environment})

    def exports(self) -> dict[str, str | None]:
        """Return the variables that a program of the script gets."""
        return {name: self.variables[name] for name in self.exported if name in self.variables}

    def look(self, name: str) -> Word | None:
        """Return a variable's value; None if it is unset."""
        if name.isdecimal() or name in _OF_ARGUMENTS:
            return self._argument(name)
        if name in self.variables:
            value = self.variables[name]
            if value is None:
                return Word(self.partly.get(name, f"${name}"), known=False)
            return Word(value)
        if name in _OF_THE_SYSTEM or not name.isidentifier():
            return Word(f"${name}", known=False)
        return None

    def _argument(self, name: str) -> Word | None:
        given = [self.script, *self.arguments]
        if name == "#":
            return Word(str(len(self.arguments)))
        if not name.isdecimal():
            return Word(" ".join(self.arguments)) if self.arguments else None
        return Word(given[int(name)]) if int(name) < len(given) else None

    def _sliced(self, part: re.Match[str]) -> tuple[str, ...]:
        """Return a part of the arguments, of which the script is the first, or of an array."""
        array, first, count = part.groups()
        given = self.arrays.get(array, ()) if array else (self.script, *self.arguments)
        rest = given[int(first) :]
        return rest if count is None else rest[: int(count)]

    def words(self, node: Node) -> list[Word]:
        """Return what a node of the syntax tree comes to: ``"$@"`` is any number of words."""
        inner = node.children[1:-1] if node.type == "string" else [node]
        if len(inner) == 1 and _is_all(inner[0]):
            return [Word(argument) for argument in self.arguments]
        if len(inner) == 1 and (array := _ARRAY.fullmatch(_text(inner[0]))):
            return [Word(element) for element in self.arrays.get(array[1], ())]
        if len(inner) == 1 and (part := _SLICE.fullmatch(_text(inner[0]))):
            return [Word(element) for element in self._sliced(part)]
        word = self.word(node)
        if node.type in {"simple_expansion", "expansion"} and (word.known or " " in word.text):
            # Not quoted: the shell splits it.
            return [replace(word, text=part) for part in word.text.split()]
        return [word]

    def assign(self, name: str, value: Node | None, *, more: bool = False) -> None:
        """Give a variable a value, or add to the one it has: X=a, X=(a b), X+=(c)."""
        if value is not None and value.type == "array":
            given = (each for each in value.children[1:-1] if each.type != "comment")
            elements = tuple(word.text for each in given for word in self.words(each))
            self.arrays[name] = (*self.arrays.get(name, ()), *elements) if more else elements
            return
        word = self.seen(value) if value is not None else Word("")
        before = self.variables.get(name, "") if more else ""
        known = word.known and before is not None
        self.variables[name] = f"{before}{word.text}" if known else None
        if not known and " " in word.text and not word.text.startswith(("$(", "`")):
            whole = self.partly.get(name, "") if before is None else before
            self.partly[name] = f"{whole}{word.text}"

    def seen(self, node: Node) -> Word:
        """Return what the shell makes of a node: a variable that is unset is empty."""
        return replace(self, blank=True).word(node)

    def word(self, node: Node) -> Word:
        """Return what a node comes to, as one word."""
        text = _text(node)
        match node.type:
            case kind if kind in _LITERAL:
                found = Word(text.replace("\\\n", "").replace("\\", ""))
            case "raw_string" | "ansi_c_string":
                given = text[text.index("'") + 1 : -1]
                found = Word(given.replace("\\n", "\n") if text[0] == "$" else given)
            case "string":
                found = self._string(node)
            case "concatenation" | "command_name":
                parts = [self.word(child) for child in node.children] or [Word(text)]
                found = sum(parts[1:], parts[0])
            case "simple_expansion":
                found = self._expansion(node, node.children[-1:])
            case "expansion" if part := _SLICE.fullmatch(text):
                found = Word(" ".join(self._sliced(part)))
            case "expansion":
                found = self._expansion(node, node.children[1:-1])
            case "command_substitution" if program := _LOOKED_UP.fullmatch(text):
                # Where it lies is nobody's concern.
                found = Word(program[1])
            case "command_substitution" if self.script and _FOLDER.fullmatch(text):
                found = Word(posixpath.dirname(self.script) or ".")
            case kind:
                found = Word(text, known=kind == "variable_name")
        return found

    def _string(self, node: Node) -> Word:
        # What lies between the children, spaces for the most part, belongs to no node.
        content = node.text or b""
        whole, position = Word(""), node.start_byte + 1
        for child in node.children[1:-1]:
            whole += Word(
                content[position - node.start_byte : child.start_byte - node.start_byte].decode()
            )
            if child.type in {"expansion", "simple_expansion"}:
                # The grammar counts the blanks between two of them to the second one.
                text = _text(child)
                whole += Word(text[: len(text) - len(text.lstrip())])
            whole += self.word(child)
            position = child.end_byte
        rest = content[position - node.start_byte : -1]
        return whole + Word(rest.decode("utf-8", "replace"))

    def _expansion(self, node: Node, parts: list[Node]) -> Word:
        """``$X`` and ``${X}``; with a default or an alternative, what that rule says."""
        names = [p for p in parts if p.type in {"variable_name", "special_variable_name"}]
        if not names or (parts[0] is not names[0] and parts[0].type in {"#", "!"}):
            return Word(_text(node), known=False)
        name = _text(names[0])
        value = self.look(name)
        operator = parts[1].type if len(parts) > 1 else ""
        default = [self.word(part) for part in parts[2:]]
        other = sum(default[1:], default[0]) if default else Word("")
        if operator == "":
            unset = Word("" if self.blank or name.isdecimal() else f"${name}")
            return unset if value is None else value
        if operator in {":-", "-", ":=", "="}:
            empty = value is None or (operator.startswith(":") and value == Word(""))
            if empty and "=" in operator:
                self.variables[name] = other.text if other.known else None
            return other if empty or value is None else value
        if operator == "+" or (operator == ":+" and (value is None or value.known)):
            return other if value not in {None, Word("")} else Word("")
        if operator in _CASES and value is not None and value.known:
            return Word(_CASES[operator](value.text))
        return Word(_text(node), known=False)


def output_of(node: Node, values: Values) -> str:
    """Return the file that a command's output goes to, "" if to none."""
    for child in node.children:
        if child.type == "file_redirect" and child.children:
            kinds = {c.type for c in child.children}
            target = child.child_by_field_name("destination")
            if kinds & {">", ">>", "&>", "&>>", ">|"} and target is not None:
                return values.word(target).text
    return ""


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _is_all(node: Node) -> bool:
    return node.type in {"simple_expansion", "expansion"} and _text(node) in {
        *("$@", "$*", "${@}", "${*}")
    }
