"""What is sent, and how often. Plain data: written to a file for the process that sends it."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django_scaleready.drill.waiting import DrillError


@dataclass(frozen=True)
class Step:
    """One sort of request. Of all requests it is ``weight`` out of the sum of weights.

    ``status`` is what an answer must have, ``contains`` what must be in it. ``fields`` are sent as
    a form. With ``session`` it is sent with the cookies of somebody who is signed in; ``fresh`` of
    them, from 0 to 1, on a connection of their own.
    """

    kind: str
    path: str
    method: str = "GET"
    weight: float = 1.0
    status: int = 200
    contains: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    session: bool = False
    fresh: float = 0.2


@dataclass(frozen=True)
class Plan:
    """``rate`` requests a second by ``clients`` at once, each given up after ``timeout`` seconds.

    ``user`` signs in for the steps with a session, "" for an anonymous one. ``proxy_header`` is the
    header by which the project believes that a request was HTTPS, and its value. ``requests``
    bounds the whole, 0 for no bound.
    """

    steps: Sequence[Step]
    rate: float = 300.0
    clients: int = 24
    timeout: float = 10.0
    requests: int = 0
    user: str = ""
    proxy_header: Sequence[str] = ()

    def to_json(self) -> str:
        """The plan as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that ``to_json`` wrote."""
        told = json.loads(text)
        return cls(**{**told, "steps": [Step(**step) for step in told["steps"]]})


def standard(pages: Sequence[str], *, slow_seconds: float = 2.0) -> list[Step]:
    """A mix for any project: its pages, signed-in requests, counted POSTs, a few slow ones."""
    shown = list(pages) or ["/.drill/page/"]
    return [
        *(Step("get", path, weight=50 / len(shown)) for path in shown),
        Step("session", "/.drill/session/", weight=15, session=True),
        Step("post", "/.drill/count/", "POST", weight=24.5, contains="counted"),
        Step("query", "/.drill/query/", weight=10, contains="rows"),
        Step("slow", f"/.drill/slow/?seconds={slow_seconds:g}", weight=0.5, contains="slept"),
    ]


def from_toml(file: Path) -> list[Step]:
    """Read ``[[step]]`` tables with the names of ``Step``; DrillError if one is not understood."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DrillError(f"{file}: {error.strerror}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise DrillError(f"{file}: {error}") from error
    if unknown := told.keys() - {"step"}:
        raise DrillError(f"{file}: {', '.join(sorted(unknown))}: accepts [[step]] tables alone.")
    tables = told.get("step", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise DrillError(f"{file}: step: got {tables!r}, accepts [[step]] tables.")
    if not tables:
        raise DrillError(f"{file}: there is no [[step]] in it.")
    return [_step(f"{file}: step {number}", table) for number, table in enumerate(tables, 1)]


@dataclass(frozen=True)
class _Value:
    accepts: str
    takes: Callable[[Any], bool]


def _number(lowest: float, highest: float) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and lowest <= value <= highest
    )


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


_TEXT = _Value("a text", lambda value: isinstance(value, str))
_VALUES: Mapping[str, _Value] = {
    "kind": _TEXT,
    "path": _Value(
        "a path, such as /shop/", lambda value: isinstance(value, str) and value.startswith("/")
    ),
    "method": _Value("GET or POST", lambda value: value in ("GET", "POST")),
    "weight": _Value("a number from 0", _number(0, math.inf)),
    "status": _Value(
        "a whole number from 100 to 599",
        lambda value: type(value) is int and 100 <= value <= 599,  # noqa: PLR2004 - of HTTP
    ),
    "contains": _TEXT,
    "fields": _Value("a table of texts", _texts),
    "session": _Value("true or false", lambda value: isinstance(value, bool)),
    "fresh": _Value("a number from 0 to 1", _number(0, 1)),
}


def _step(where: str, table: Mapping[str, Any]) -> Step:
    if unknown := table.keys() - _VALUES.keys():
        raise DrillError(f"{where}: {', '.join(sorted(unknown))}: accepts {', '.join(_VALUES)}.")
    for name, value in {"path": None, **table}.items():
        if not _VALUES[name].takes(value):
            raise DrillError(f"{where}: {name}: got {value!r}, accepts {_VALUES[name].accepts}.")
    kind = "post" if table.get("method") == "POST" else "get"
    return Step(**{"kind": kind, **table})
