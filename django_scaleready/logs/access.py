"""What a line of gunicorn's access log says, as fields; and which lines are not worth one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django_scaleready.probe_paths import BY_PATH

LOGGER = "gunicorn.access"


def access_atoms(record: logging.LogRecord) -> Mapping[str, Any] | None:
    """Return gunicorn's atoms of an access record, None for any other record."""
    if record.name == LOGGER and isinstance(record.args, Mapping):
        return record.args
    return None


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
