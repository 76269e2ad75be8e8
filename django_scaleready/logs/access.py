"""What a line of a web server's access log says, as fields; and which lines are not worth one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django_scaleready.probe_paths import BY_PATH

_NOTHING = "-"
# What neither uvicorn nor granian tells.
_UNTOLD = dict.fromkeys(("B", "a", "{x-request-id}i"), _NOTHING)


def access_atoms(record: logging.LogRecord) -> Mapping[str, Any] | None:
    """Return the atoms of an access record, as gunicorn names them; None for any other record."""
    match record.name, record.args:
        case "gunicorn.access", Mapping() as atoms:
            return atoms
        case "uvicorn.access", (str(client), method, str(target), _, status):
            address = client.rpartition(":")[0]
            return _atoms(address, method, target, status, _NOTHING)
        case "granian.access", {
            "addr": address, "method": method, "path": str(path), "status": status,
            "dt_ms": float(took),
        }:  # fmt: skip
            return _atoms(address, method, path, status, round(took * 1000))
    return None


def _atoms(
    address: object, method: object, target: str, status: object, took: object
) -> dict[str, Any]:
    path = target.partition("?")[0]
    told = {"h": address, "m": method, "U": path, "s": status, "D": took, "{raw_uri}e": path}
    return {**told, **_UNTOLD}


def _number(atom: object) -> int | None:
    text = str(atom)
    return int(text) if text.isdecimal() else None


def access_fields(atoms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of one request; ``duration_ms`` in milliseconds, ``bytes`` of the body.

    Of the request line only method and path are kept, and no ``Referer``: query strings carry
    password-reset tokens, signatures of signed URLs and session keys.
    """
    target = str(atoms["{raw_uri}e"])
    microseconds = _number(atoms["D"])
    fields = {
        "method": atoms["m"],
        "path": str(atoms["U"]) if target == "-" else target.partition("?")[0],
        "status": _number(atoms["s"]),
        "duration_ms": None if microseconds is None else microseconds / 1000,
        "bytes": _number(atoms["B"]),
        "remote": atoms["h"],
        "request_id": atoms["{x-request-id}i"],
        "user_agent": atoms["a"],
    }
    return {name: value for name, value in fields.items() if value not in (None, "", "-")}


def access_message(fields: Mapping[str, Any]) -> str:
    """Return the request in short: ``GET /path 200``."""
    return " ".join(str(fields.get(name, "-")) for name in ("method", "path", "status"))


class DropAnsweredProbes(logging.Filter):
    """Keep an answered probe out of the access log, whatever the answer was.

    Three probes every two seconds on each replica would bury the requests of people, and most of
    all during an outage. The probes write a line themselves when what they find changes.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False for an access record of a probe that was answered 2xx or 503."""
        atoms = access_atoms(record)
        if atoms is None or atoms["U"] not in BY_PATH:
            return True
        return not str(atoms["s"]).startswith(("2", "503"))
