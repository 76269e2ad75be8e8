"""What ``just RECIPE`` runs, as far as the justfile says it."""

from __future__ import annotations

import itertools
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

_PARAMETER = r"[+*$]*[A-Za-z_][\w-]*(?:=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s:'\"]+))?"
_RECIPE = re.compile(
    rf"^@?([A-Za-z_][\w-]*)((?:[ \t]+{_PARAMETER})*)[ \t]*:(?!=)([^#\n]*)(?:#.*)?$"
)
_ASSIGNED = re.compile(r"^(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(.+)$")
_ALIAS = re.compile(r"^alias[ \t]+([\w-]+)[ \t]*:=[ \t]*([\w-]+)")
_NEEDED = re.compile(r"\(([^()\n]+)\)|([A-Za-z_][\w-]*)")
_USE = re.compile(r"\{\{(.+?)\}\}")
# Whether just prints a line, and goes on after an error.
_PREFIX = re.compile(r"^[@-]+")
_SHELL = re.compile(r"#!.*\b(ba|da|a|k|z)?sh\b")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_ENV = re.compile(r"env(?:_var|_var_or_default)?\(\s*([^,()]+?)\s*(?:,\s*([^()]+?)\s*)?\)")
_CHOICE = re.compile(
    r"if\s+(.+?)\s*(==|!=)\s*(.+?)\s*\{\s*(.*?)\s*\}\s*else\s*\{\s*(.*?)\s*\}", re.DOTALL
)
_QUOTED = re.compile(r"quote\((.+)\)")
_KNOWN = {"just_executable()": "just", "justfile_directory()": "."}
_DEEPEST = 8
_VALUED = frozenset({"-f", "--justfile", "-d", "--working-directory", "--shell", "--dotenv-path"})

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """A recipe: its parameters with what stands behind ``=``, what it needs, its lines."""

    parameters: list[str]
    needed: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Justfile:
    recipes: dict[str, _Recipe]
    variables: Values
    environment: Mapping[str, str | None]


def paths_of(words: Sequence[str]) -> tuple[str, ...]:
    """Return the paths at which a call of just may find its justfile."""
    given = dict(itertools.pairwise(words))
    if file := given.get("-f") or given.get("--justfile"):
        return (file,)
    folder = given.get("-d") or given.get("--working-directory") or ""
    return tuple(posixpath.join(folder, name) for name in ("justfile", "Justfile"))


def recipes(
    text: str, words: Sequence[str], environment: Mapping[str, str | None]
) -> Iterator[str]:
    """Yield what a call of just runs, one shell script for each recipe.

    Each line stands in its script where it stands in the justfile.
    """
    read = _read(text, environment)
    asked = [
        word
        for before, word in itertools.pairwise(words)
        if not word.startswith("-") and "=" not in word and before not in _VALUED
    ]
    seen: set[tuple[str, ...]] = set()
    while asked or not seen:
        name = asked.pop(0) if asked else next(iter(read.recipes), "")
        recipe = read.recipes.get(name)
        if recipe is None:
            return
        taken = _taken(recipe, len(asked))
        yield from _of((name, *asked[:taken]), read, seen)
        del asked[:taken]


def _taken(recipe: _Recipe, given: int) -> int:
    """Return how many words a recipe takes: what is left over are further recipes."""
    variadic = any(each.startswith(("+", "*")) for each in recipe.parameters)
    return given if variadic else min(given, len(recipe.parameters))


def _of(call: tuple[str, ...], read: _Justfile, seen: set[tuple[str, ...]]) -> Iterator[str]:
    """Yield the scripts of what a recipe needs, then its own."""
    recipe = read.recipes.get(call[0])
    if recipe is None or call in seen:
        return
    seen.add(call)
    own = replace(read, variables=read.variables | _bound(recipe, call[1:], read))
    for name, *given in recipe.needed:
        yield from _of((name, *(_value(each, own) for each in given)), read, seen)
    first = next((line for line in recipe.lines if line), "")
    if not first.startswith("#!") or _SHELL.match(first):
        yield "\n".join(_filled(line, own) for line in recipe.lines)


def _bound(recipe: _Recipe, given: Sequence[str], read: _Justfile) -> Values:
    bound: Values = {}
    for index, parameter in enumerate(recipe.parameters):
        name, _, default = parameter.lstrip("+*$").partition("=")
        if parameter.startswith(("+", "*")) and given[index:]:
            bound[name] = f'"{" ".join(given[index:])}"'
        elif index < len(given):
            bound[name] = f'"{given[index]}"'
        elif default or parameter.startswith("*"):
            bound[name] = f'"{_value(default, read)}"'
    return bound


def _read(text: str, environment: Mapping[str, str | None]) -> _Justfile:
    found: dict[str, _Recipe] = {}
    variables: Values = {}
    aliases: Values = {}
    recipe: _Recipe | None = None
    for number, line in enumerate(text.splitlines()):
        if line.startswith((" ", "\t")):
            if recipe is not None and line.strip():
                recipe.lines.extend([""] * (number - len(recipe.lines)))
                recipe.lines.append(_PREFIX.sub("", line.strip()))
        elif alias := _ALIAS.match(line):
            aliases[alias[1]] = alias[2]
        elif assigned := _ASSIGNED.match(line):
            variables[assigned[1]] = assigned[2].strip()
        elif head := _RECIPE.match(line):
            recipe = _Recipe(re.findall(_PARAMETER, head[2]), _needed(head[3]))
            found[head[1]] = recipe
        elif line.strip() and not line.startswith(("#", "[")):
            recipe = None
    found |= {new: found[old] for new, old in aliases.items() if old in found}
    return _Justfile(found, variables, environment)


def _needed(text: str) -> list[tuple[str, ...]]:
    calls = (found[1] or found[2] for found in _NEEDED.finditer(text))
    return [tuple(re.findall(r"\"[^\"]*\"|'[^']*'|[^\s]+", call)) for call in calls]


def _filled(line: str, read: _Justfile) -> str:
    return _USE.sub(lambda found: _value(found[1], read), line)


def _value(text: str, read: _Justfile, depth: int = 0) -> str:
    """Return what an expression is, or a name that a shell does not know."""
    text = text.strip()
    if depth > _DEEPEST or not text:
        return ""
    if _TEXT.fullmatch(text):
        return text[1:-1]
    if text in read.variables:
        return _value(read.variables[text], read, depth + 1)
    computed = _computed(text, read, depth + 1)
    if computed is not None:
        return computed
    return f"${{{re.sub(r'[^A-Za-z0-9_]+', '_', text).strip('_')}}}"


def _computed(text: str, read: _Justfile, depth: int) -> str | None:
    """Return what a function gives or a condition chooses, None where that is not known."""
    if found := _ENV.fullmatch(text):
        name = _value(found[1], read, depth)
        default = _value(found[2], read, depth) if found[2] else f"${{{name}}}"
        return read.environment.get(name) or default
    if found := _CHOICE.fullmatch(text):
        left, right = (_value(found[side], read, depth) for side in (1, 3))
        chosen = 4 if (left == right) == (found[2] == "==") else 5
        return _value(found[chosen], read, depth)
    if found := _QUOTED.fullmatch(text):
        return shlex.quote(_value(found[1], read, depth))
    return _KNOWN.get(text)
