"""A record as one line of JSON, or as a line for people. UTC in both."""

from __future__ import annotations

import copy
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import merge_record_extra
from pythonjsonlogger.defaults import unknown_default
from pythonjsonlogger.json import JsonEncoder, JsonFormatter

from django_scaleready.logs.access import access_atoms, access_fields, access_message

_dumps_fast: Callable[[Any], bytes] | None
try:
    from orjson import dumps as _dumps_fast
except ImportError:
    _dumps_fast = None

_ESCAPE = re.compile(
    r"\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(?P<lone>ud[89a-f][0-9a-f]{2})|.)"
)


def _message(record: logging.LogRecord) -> str:
    """Return the message; never raise over arguments that do not fit it."""
    try:
        return record.getMessage()
    except Exception as error:  # noqa: BLE001 - the arguments' own __str__ runs here
        return f"{record.msg!r} (arguments do not fit: {type(error).__name__})"


def _readable(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy with its final message, and the fields of an access record beside it."""
    line = copy.copy(record)
    if isinstance(record.msg, dict):
        return line
    atoms = access_atoms(record)
    if atoms is None:
        line.msg = _message(record)
    else:
        fields = access_fields(atoms)
        line.msg = access_message(fields)
        vars(line).update(fields)
    line.args = ()
    return line


def _without_request(extra: dict[str, Any]) -> dict[str, Any]:
    """Replace a request object, which Django adds to each error, by its method and path.

    Its own text holds the query string, and with it whatever token the link carried.
    """
    request = extra.get("request")
    method, path = getattr(request, "method", None), getattr(request, "path", None)
    if not isinstance(method, str) or not isinstance(path, str):
        return extra
    kept = {name: value for name, value in extra.items() if name != "request"}
    return {"method": method, "path": path, **kept}


def _without_arguments(extra: dict[str, Any]) -> dict[str, Any]:
    """Leave out a task's arguments, which Celery adds to its records: a token may be among them."""
    data = extra.get("data")
    if not isinstance(data, Mapping) or not {"id", "args", "kwargs"} <= data.keys():
        return extra
    told = {name: value for name, value in data.items() if name not in {"args", "kwargs"}}
    return {**extra, "data": told}


def _encodable(value: Any) -> Any:
    """Return the value, or its text if it is circular, infinite or raises while it is read."""
    try:
        json.dumps(value, cls=JsonEncoder, allow_nan=False)
    except Exception:  # noqa: BLE001 - the value's own code runs here
        return unknown_default(value)
    return value


def _replace_lone(match: re.Match[str]) -> str:
    return r"\ufffd" if match["lone"] else match[0]


class JSONFormatter(JsonFormatter):
    """One record, one line: ``timestamp``, ``level``, ``logger``, ``message``, then what it has.

    ``exc_info`` and ``stack_info`` hold the whole text of a traceback; each ``extra`` is a field of
    its own, prefixed ``extra_`` where it would take the place of another. Access records of
    gunicorn have the fields of :func:`~django_scaleready.logs.access.access_fields`. The line is
    ASCII. Never raises: a value that cannot be encoded becomes its text, a lone surrogate U+FFFD.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line break."""
        return super().format(_readable(record))

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Fill ``log_data``; ``message_dict`` is a dictionary that was logged as the message."""
        created = datetime.fromtimestamp(record.created, tz=UTC)
        log_data["timestamp"] = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = record.message
        extra: dict[str, Any] = {}
        merge_record_extra(record, extra, reserved=self.reserved_attrs)
        for name, value in {**_without_arguments(_without_request(extra)), **message_dict}.items():
            log_data[f"extra_{name}" if name in log_data else name] = value

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Encode, with orjson where it can and gives the same ASCII text."""
        if _dumps_fast is not None:
            try:
                line = _dumps_fast(log_data).decode()
            except TypeError:
                line = ""
            if line and line.isascii():
                return line
        try:
            line = json.dumps(log_data, cls=JsonEncoder, allow_nan=False)
        except Exception:  # noqa: BLE001 - the values' own code runs here
            safe = {str(name): _encodable(value) for name, value in log_data.items()}
            line = json.dumps(safe, cls=JsonEncoder)
        return _ESCAPE.sub(_replace_lone, line) if r"\ud" in line else line


class ConsoleFormatter(logging.Formatter):
    """A line for people, in UTC as well; access records without their query string."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, followed by those of a traceback."""
        return super().format(_readable(record))
