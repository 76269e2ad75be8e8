"""What ``make TARGET`` runs, as far as the Makefile says it: recipes and plain variables."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence

_RULE = re.compile(r"^([\w.][\w./-]*(?:[ \t]+[\w./-]+)*)[ \t]*::?(?!=)([^=#\n;]*)(?:#.*)?$")
_VARIABLE = re.compile(r"^(?:export[ \t]+)?(\w+)[ \t]*[:?]{0,2}=[ \t]*(.*)$")
_USE = re.compile(r"\$(?:(\$)|\((\w+)\)|\{(\w+)\})")
# Whether make prints a line, and goes on after an error.
_PREFIX = re.compile(r"^[ \t]*[@+-][@+ \t-]*")
_DEEPEST = 8
_VALUED = frozenset({"-C", "--directory", "-f", "--file", "--makefile", "-j", "-I"})


def path_of(words: Sequence[str]) -> str:
    """Return the path of the Makefile that a call of make reads."""
    given = dict(itertools.pairwise(words))
    folder = given.get("-C") or given.get("--directory") or ""
    file = given.get("-f") or given.get("--file") or given.get("--makefile") or "Makefile"
    return posixpath.join(folder, file)


def recipes(text: str, words: Sequence[str]) -> Iterator[str]:
    """Yield what a call of make runs, one shell script for each target.

    Each line stands in its script where it stands in the Makefile.
    """
    rules, variables = _read(text)
    asked = [
        word
        for before, word in itertools.pairwise(words)
        if not word.startswith("-") and "=" not in word and before not in _VALUED
    ]
    default = next((name for name in rules if not name.startswith(".")), "")
    seen: set[str] = set()
    for target in asked or [default]:
        for lines in _of(target, rules, seen):
            yield "\n".join(_filled(line, variables) for line in lines)


Rules = dict[str, tuple[list[str], list[str]]]


def _of(target: str, rules: Rules, seen: set[str]) -> Iterator[list[str]]:
    """Yield the recipes of what a target needs, then its own."""
    if target not in rules or target in seen:
        return
    seen.add(target)
    needed, lines = rules[target]
    for name in needed:
        yield from _of(name, rules, seen)
    yield lines


def _read(text: str) -> tuple[Rules, dict[str, str]]:
    """Return the rules, by target: what it needs, and the lines of its recipe; the variables."""
    rules: Rules = {}
    variables = {"MAKE": "make"}
    targets: list[str] = []
    goes_on = False
    for number, line in enumerate(text.splitlines()):
        if targets and (goes_on or line.startswith("\t")):
            plain = line if goes_on else _PREFIX.sub("", line)
            for target in targets:
                lines = rules[target][1]
                lines += [""] * (number - len(lines)) + [plain.strip("\t")]
        elif found := _RULE.match(line):
            targets = found[1].split()
            for target in targets:
                needed, lines = rules.get(target, ([], []))
                rules[target] = ([*needed, *found[2].split()], lines)
        elif found := _VARIABLE.match(line):
            targets = []
            variables[found[1]] = found[2].strip()
        goes_on = line.endswith("\\")
    return rules, variables


def _filled(line: str, variables: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[2] or found[3]
        # make hands the environment on: what it does not know itself may stand there.
        return "$$" if found[1] else variables.get(name, f"$${{{name}}}")

    for _ in range(_DEEPEST):
        line, before = _USE.sub(value, line), line
        if line == before:
            break
    return line.replace("$$", "$")
