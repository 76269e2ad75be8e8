"""The inside of a twin: ``python -m django_scaleready.checks.twins.load MODULE FILE``.

Loads the settings on another host, at another time, and prints a digest of each value. Digests,
because the values are secrets as often as not.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import importlib
import importlib.util
import json
import os
import platform
import re
import socket
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from django.conf import Settings
from django.utils.functional import Promise

# What stands for the values, on a line of its own: settings print, too.
MARK = "scaleready-twin:"
HOST = "SCALEREADY_TWIN_HOST"
SHIFT = "SCALEREADY_TWIN_SHIFT"
_DEPTH = 5
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def move(host: str) -> None:
    """Have every way to ask for the host's name answer ``host``."""
    system = os.uname()
    uname = os.uname_result((system.sysname, host, *system[2:]))
    socket.gethostname = lambda: host
    socket.getfqdn = lambda name="": name or host
    platform.node = lambda: host
    os.uname = lambda: uname
    uuid.getnode = lambda: int(hashlib.sha256(host.encode()).hexdigest()[:12], 16)
    os.environ["HOSTNAME"] = host


def shift(seconds: float) -> None:
    """Have the clocks that settings modules read be ``seconds`` ahead."""
    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + seconds
    time.time_ns = lambda: real_ns() + int(seconds * 1e9)
    ahead = datetime.timedelta(seconds=seconds)

    class Ahead(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Ahead:
            return super().now(tz) + ahead

        @classmethod
        def utcnow(cls) -> Ahead:
            return cls.now(datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Ahead:
            return cls.now()

    class Later(datetime.date):
        @classmethod
        def today(cls) -> Later:
            return super().today() + ahead

    datetime.datetime, datetime.date = Ahead, Later  # type: ignore[misc]  # that is the point


def loaded(module: str, file: str) -> dict[str, Any]:
    """Return the settings, upper-case names alone, as Django would read them."""
    if os.environ.get("DJANGO_CONFIGURATION"):
        # django-configurations: the module is not importable without its importer.
        importlib.import_module("configurations.importer").install()
    if importlib.util.find_spec(module) is None:
        spec = importlib.util.spec_from_file_location(module, file)
        assert spec is not None  # noqa: S101 - a file that the caller has just imported
        assert spec.loader is not None  # noqa: S101 - the same
        sys.modules[module] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[module])
    settings = Settings(module)
    return {name: getattr(settings, name) for name in dir(settings) if name.isupper()}


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield each value below dictionaries: its path, its text, and its text whatever its order."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, text(value), text(value, ordered=False)


def text(value: Any, *, ordered: bool = True, depth: int = _DEPTH) -> str:
    """Return what makes a value equal to another one in another process."""
    inner = functools.partial(text, ordered=ordered, depth=depth - 1)
    match value:
        case _ if depth == 0:
            return "..."
        case None | bool() | int() | float() | complex() | bytes():
            return repr(value)
        case str() | PurePath():
            return repr(str(value))
        case set() | frozenset() | list() | tuple():
            items = list(map(inner, value))
            if isinstance(value, set | frozenset) or not ordered:
                items.sort()
            return f"[{', '.join(items)}]"
        case Mapping():
            pairs = (f"{inner(key)}: {inner(held)}" for key, held in value.items())
            return f"{{{', '.join(sorted(pairs))}}}"
        case _:
            return _object(value, inner)


def _object(value: Any, inner: functools.partial[str]) -> str:
    if isinstance(value, type | FunctionType | BuiltinFunctionType | ModuleType):
        name = getattr(value, "__qualname__", value.__name__)
        return f"{getattr(value, '__module__', '')}.{name}"
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, functools.partial):
        return f"{kind}({inner(value.func)}, {inner(value.args)}, {inner(value.keywords)})"
    if isinstance(value, re.Pattern):
        return f"{kind}({value.pattern!r}, {value.flags})"
    # A lazy translation cannot be read before the apps are; it is made of what it translates.
    if hasattr(value, "__dict__") and not _says_its_value(value):
        return f"{kind}({inner(vars(value))})"
    return f"{kind}({_ADDRESS.sub('', str(value))})"


def _says_its_value(value: object) -> bool:
    return "__str__" in vars(type(value)) and not isinstance(value, Promise)


def main() -> None:
    """Print one line of JSON: ``[[path, digest, digest of any order], ...]``."""
    if host := os.environ.pop(HOST, ""):
        move(host)
    if seconds := os.environ.pop(SHIFT, ""):
        shift(float(seconds))
    module, file = sys.argv[1:]
    found = [
        [path, _digest(exact), _digest(anyhow)]
        for name, value in loaded(module, file).items()
        for path, exact, anyhow in leaves(value, (name,))
    ]
    sys.stdout.write(f"\n{MARK}{json.dumps(found)}\n")


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()


if __name__ == "__main__":
    main()
