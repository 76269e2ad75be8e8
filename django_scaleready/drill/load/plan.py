"""What is sent, and how often. Plain data: written to a file for the process that sends it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django_scaleready.drill.waiting import DrillError

# What of the load every project gets, whatever else is asked of it.
KINDS = ("get", "session", "post", "slow", "query")


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
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DrillError(f"{file}: {error}") from error
    if unknown := told.keys() - {"step"}:
        raise DrillError(f"{file}: {', '.join(sorted(unknown))}: accepts [[step]] tables alone.")
    return [_step(file, number, table) for number, table in enumerate(told.get("step", ()), 1)]


def _step(file: Path, number: int, table: Mapping[str, Any]) -> Step:
    table = {"kind": "post" if table.get("method", "GET") == "POST" else "get", **table}
    where = f"{file}: step {number}"
    fields = Step.__dataclass_fields__
    if unknown := table.keys() - fields.keys():
        raise DrillError(f"{where}: {', '.join(sorted(unknown))}: accepts {', '.join(fields)}.")
    if not str(table.get("path", "")).startswith("/"):
        raise DrillError(f"{where}: path: got {table.get('path')!r}, accepts a path, as /shop/.")
    for name, kinds in _TYPES.items():
        if name in table and not isinstance(table[name], kinds):
            raise DrillError(f"{where}: {name}: got {table[name]!r}, accepts {_NAMED[kinds]}.")
    return Step(**table)


_TYPES: Mapping[str, Any] = {
    "kind": str,
    "method": str,
    "weight": (int, float),
    "status": int,
    "contains": str,
    "fields": dict,
    "session": bool,
    "fresh": (int, float),
}
_NAMED: Mapping[Any, str] = {
    str: "a text",
    (int, float): "a number",
    int: "a whole number",
    dict: "a table of texts",
    bool: "true or false",
}
