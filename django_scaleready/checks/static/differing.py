"""The settings that two processes surely do not share, by the calls they are made with."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from django_scaleready.checks.static.reader.definitions import Settings
from django_scaleready.checks.static.reader.trees import parsed
from django_scaleready.checks.twins.difference import Difference, Follows

# They make another value in each process.
RANDOM = frozenset(
    [
        *("get_random_secret_key", "get_random_string", "generate_key", "token_bytes"),
        *("token_hex", "token_urlsafe", "urandom", "uuid1", "uuid4", "SystemRandom"),
    ]
)
DRAWN = frozenset({"choice", "choices", "sample", "randint", "randrange", "getrandbits"})
# They name the machine; and entries that all machines have to share.
HOSTS = frozenset({"gethostname", "getfqdn", "node", "getnode"})
SHARED = re.compile(r"COOKIE_NAME$|KEY_PREFIX$|^prefix$")
# Settings that sign or encrypt, by their names.
KEYS = re.compile(r"SALT|SECRET|SIGNING|_KEY$")
# And the variables of the environment that hold one.
_KEPT = re.compile(r"SALT|SECRET|SIGNING|KEY$")


def differing(settings: Settings) -> Iterator[Difference]:
    """Yield what is made anew at each start, and what holds the name of the host."""
    defined = {name: found for name, found in settings.definitions.items() if name.isupper()}
    keys = _named_for(settings, lambda value: is_random(value) or is_drawn(value))
    hosts = _named_for(settings, holds_host)
    asked = any(_field_of(each[-1].value) for each in defined.values())
    files = settings.files if asked else []
    fields = frozenset(field for path in files for field in _random_fields(path))
    for name, definitions in defined.items():
        # Of two branches both may be read, of two files the later one holds if it stands by itself.
        last = definitions[-1]
        kept = name in names_in(last.value)
        values = [d.value for d in definitions[-2:] if kept or d.path == last.path]
        made = any(is_random(value) or _field_of(value) in fields for value in values)
        made |= bool(KEYS.search(name)) and any(_is_key(settings, v, keys - {name}) for v in values)
        of = _taken_from(values[-1], keys - {name})
        asked_first = [*values, *(each.value for each in settings.definitions.get(of, ()))]
        if made and not any(_is_given(settings, value) for value in asked_first):
            yield Difference((name,), Follows.START, of=of)
        for path in of_host(values[-1], (name,), hosts):
            yield Difference(path, Follows.HOST)


def _is_given(settings: Settings, value: ast.expr | None) -> bool:
    """Whether a value is asked first of a secret that each replica has: env("KEY", default=...)."""
    calls = [*ast.walk(value)] if value is not None and settings.given else []
    names = (c.args[0] for c in calls if isinstance(c, ast.Call) and c.args)
    return any(
        isinstance(name, ast.Constant) and name.value in settings.given and _KEPT.search(name.value)
        for name in names
    )


def _is_key(settings: Settings, value: ast.expr | None, keys: frozenset[str]) -> bool:
    """Whether a key is drawn here, was made before to stand in, or comes from a function."""
    if is_drawn(value) or names_in(value) & keys:
        return True
    functions = called(value)
    return any(functions & {*makes_random(path)} for path in settings.files if functions)


def _taken_from(value: ast.expr | None, keys: frozenset[str]) -> str:
    """Return the one random name that a value is made of which is not random by itself."""
    taken = names_in(value) & keys
    return (
        next(iter(taken)) if len(taken) == 1 and not (is_random(value) or is_drawn(value)) else ""
    )


def _field_of(value: ast.expr | None) -> str:
    """Return the field of an object that a value is: the y of x.y."""
    held = isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name)
    return value.attr if held and isinstance(value, ast.Attribute) else ""


def _random_fields(path: Path) -> Iterator[str]:
    """Yield the fields that a file's classes fill anew in each process, as pydantic's do.

    None that a validator looks at, or that nothing starts with.
    """
    statements = _statements(path)
    refused = {name for each in statements if isinstance(each, ast.If) for name in _refused(each)}
    for each in (node for node in statements if isinstance(node, ast.ClassDef)):
        checks = (d for node in each.body for d in getattr(node, "decorator_list", ()))
        looked = {n.value for d in checks for n in ast.walk(d) if isinstance(n, ast.Constant)}
        for field in each.body:
            if isinstance(field, ast.AnnAssign) and _is_filled_anew(field.value):
                name = ast.unparse(field.target)
                if name not in refused | looked:
                    yield name


def _refused(node: ast.If) -> Iterator[str]:
    """Yield the fields that a condition asks for under which the program ends."""
    parts = [part for each in node.body for part in ast.walk(each)]
    exits = (ast.unparse(p.func).rpartition(".")[2] for p in parts if isinstance(p, ast.Call))
    if "exit" in exits or any(isinstance(part, ast.Raise) for part in parts):
        yield from (part.attr for part in ast.walk(node.test) if isinstance(part, ast.Attribute))


def _is_filled_anew(value: ast.expr | None) -> bool:
    """Whether a field's default is random: Field(default_factory=get_random_secret_key)."""
    given = [k.value for k in value.keywords] if isinstance(value, ast.Call) else []
    names = {name for each in given for name in (*names_in(each), getattr(each, "attr", ""))}
    return is_random(value) or not RANDOM.isdisjoint(names)


def _statements(path: Path) -> list[ast.stmt]:
    try:
        return parsed(path).body
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        # Who reads the settings has said so.
        return []


def _named_for(settings: Settings, holds: Callable[[ast.expr | None], bool]) -> frozenset[str]:
    """Return the names that hold a value of some kind, by what was assigned last."""
    definitions = settings.definitions.items()
    return frozenset(name for name, given in definitions if holds(given[-1].value))


@lru_cache(maxsize=4096)
def _functions_in(value: ast.expr | None) -> frozenset[str]:
    """Return the names of the functions and methods that an expression calls."""
    nodes = ast.walk(value) if value is not None else ()
    functions = (node.func for node in nodes if isinstance(node, ast.Call))
    names = (
        getattr(function, "attr", None) or getattr(function, "id", "") for function in functions
    )
    return frozenset(map(str, names))


def is_random(value: ast.expr | None) -> bool:
    """Whether an expression makes something that no other process will make again."""
    return not RANDOM.isdisjoint(_functions_in(value))


def is_drawn(value: ast.expr | None) -> bool:
    """Whether an expression draws from ``random``: a key, and no seed is known of one."""
    return not DRAWN.isdisjoint(_functions_in(value))


def of_host(
    value: ast.expr | None, keys: tuple[str, ...], hosts: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    """Yield the keys of a dictionary's entries that all replicas share and a host's name is in.

    ``hosts`` are names that hold one.
    """
    if isinstance(value, ast.Dict):
        for key, held in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield from of_host(held, (*keys, key.value), hosts)
    elif SHARED.search(keys[-1]) and (holds_host(value) or names_in(value) & hosts):
        yield keys


def holds_host(value: ast.expr | None) -> bool:
    """Whether the name of the machine is in a value."""
    nodes = [*ast.walk(value or ast.Tuple([]))]
    names = _functions_in(value)
    # As a container has it in its environment.
    variable = any(isinstance(node, ast.Constant) and node.value == "HOSTNAME" for node in nodes)
    # What is only compared with the name does not hold it.
    return bool(variable or names & HOSTS) and not any(isinstance(n, ast.Compare) for n in nodes)


def names_in(value: ast.expr | None) -> set[str]:
    """Return the names that an expression asks for."""
    nodes = ast.walk(value or ast.Tuple([]))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def called(value: ast.expr | None) -> frozenset[str]:
    """Return the names of the functions that an expression calls, those of no object."""
    calls = (node for node in ast.walk(value or ast.Tuple([])) if isinstance(node, ast.Call))
    return frozenset(call.func.id for call in calls if isinstance(call.func, ast.Name))


def makes_random(path: Path) -> Iterator[str]:
    """Yield the functions of a file that return what no other process will make again."""
    for function in _statements(path):
        if isinstance(function, ast.FunctionDef):
            nodes = (node for node in ast.walk(function) if isinstance(node, ast.Return))
            if any(is_random(node.value) for node in nodes):
                yield function.name
