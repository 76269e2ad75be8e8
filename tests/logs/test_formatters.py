"""One record, one line, whatever is in it."""

from __future__ import annotations

import datetime
import decimal
import json
import logging
import os
import sys
import time
import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from django_scaleready.logs import formatters
from django_scaleready.logs.formatters import ConsoleFormatter, JSONFormatter


def record(
    msg: object = "hello", *args: object, name: str = "app", **extra: object
) -> logging.LogRecord:
    made = logging.getLogger(name).makeRecord(
        name, logging.WARNING, __file__, 1, msg, args, None, extra=extra
    )
    made.created, made.msecs = 1_700_000_000.5, 500
    return made


@pytest.fixture(params=["stdlib", "orjson"], autouse=True)
def encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "stdlib":
        monkeypatch.setattr(formatters, "_dumps_fast", None)
    else:
        pytest.importorskip("orjson")


def line(made: logging.LogRecord) -> dict[str, Any]:
    text = JSONFormatter().format(made)
    assert len(text.splitlines()) == 1
    assert text.isascii()
    assert "NaN" not in text
    loaded = json.loads(text)
    json.dumps(loaded, ensure_ascii=False).encode()  # no lone surrogate left
    assert isinstance(loaded, dict)
    return loaded


def test_the_four_fields_come_first() -> None:
    assert list(line(record("hello %s", "world", order=7)).items()) == [
        ("timestamp", "2023-11-14T22:13:20.500Z"),
        ("level", "WARNING"),
        ("logger", "app"),
        ("message", "hello world"),
        ("order", 7),
    ]


def test_the_time_is_utc_whatever_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    try:
        assert line(record())["timestamp"] == "2023-11-14T22:13:20.500Z"
        assert ConsoleFormatter().format(record()).startswith("2023-11-14T22:13:20.500Z WARNING")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_traceback_is_one_field() -> None:
    made = record()
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        made.exc_info = sys.exc_info()
    text = line(made)["exc_info"]
    assert text.startswith("Traceback (most recent call last):\n")
    assert text.endswith("ValueError: first\nsecond")


def test_a_stack_is_one_field() -> None:
    made = record()
    made.stack_info = "Stack (most recent call last):\n  here"
    assert line(made)["stack_info"] == made.stack_info


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (1.5, 1.5),
        ([1, {"a": True}], [1, {"a": True}]),
        ("é\u2028\x85\n", "é\u2028\x85\n"),
        ("😀", "😀"),
        (r"\ud800 spelt out", r"\ud800 spelt out"),
        ("lone \ud800 there", "lone \ufffd there"),
        ("twice \udc80\ud83d", "twice \ufffd\ufffd"),
        (os.fsdecode(b"caf\xe9"), "caf\ufffd"),
        (2**70, 2**70),
        (decimal.Decimal("1.10"), "1.10"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({1: "a"}, {"1": "a"}),
    ],
)
def test_values_are_kept(value: object, kept: object) -> None:
    assert line(record(value=value))["value"] == kept


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class HostileError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def circular() -> list[object]:
    items: list[object] = []
    items.append(items)
    return items


def deep() -> list[object]:
    items: list[object] = []
    for _ in range(100_000):
        items = [items]
    return items


@pytest.mark.parametrize(
    "value",
    [Hostile(), HostileError(), [HostileError()], circular(), deep(), {(1, 2): 3}, object()],
    ids=["text", "error", "nested", "circular", "deep", "keys", "object"],
)
def test_a_value_that_cannot_be_encoded_costs_only_itself(value: object) -> None:
    loaded = line(record(value=value, order=7))
    assert loaded["order"] == 7
    assert isinstance(loaded["value"], str)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("nan")]])
def test_what_json_has_no_number_for(value: object) -> None:
    assert "value" in line(record(value=value))


@pytest.mark.parametrize(
    ("msg", "args"), [("%d", ("x",)), ("%s %s", ("x",)), ("%(a)s", ("x",)), ("%s", (Hostile(),))]
)
def test_arguments_that_do_not_fit_do_not_lose_the_record(msg: str, args: tuple[object]) -> None:
    assert line(record(msg, *args))["message"].startswith(repr(msg))


def test_a_message_may_be_any_object() -> None:
    assert line(record(ValueError("no")))["message"] == "no"
    assert line(record({"event": "paid", "amount": 3}))["event"] == "paid"
    assert "arguments do not fit" in line(record(HostileError()))["message"]


def test_an_extra_cannot_take_the_place_of_a_field() -> None:
    loaded = line(record(level="mine", timestamp=0))
    assert loaded["level"] == "WARNING"
    assert loaded["extra_level"] == "mine"
    assert loaded["extra_timestamp"] == 0


def test_of_a_request_only_method_and_path_are_told() -> None:
    request = SimpleNamespace(method="GET", path="/reset", GET={"token": "s3cr3t"})
    loaded = line(record(request=request, status_code=500))
    assert loaded["method"] == "GET"
    assert loaded["path"] == "/reset"
    assert loaded["status_code"] == 500
    assert "s3cr3t" not in str(loaded)


def test_of_a_task_the_arguments_are_left_out() -> None:
    data = {"id": "1", "name": "mail.send", "args": "('s3cr3t',)", "kwargs": "{}", "runtime": 0.1}
    loaded = line(record(name="celery.app.trace", data=data))
    assert loaded["data"] == {"id": "1", "name": "mail.send", "runtime": 0.1}


def test_other_data_is_kept() -> None:
    assert line(record(data={"args": [1]}))["data"] == {"args": [1]}
    assert line(record(data=[1]))["data"] == [1]


def test_another_thing_named_request_is_kept() -> None:
    assert line(record(request="four"))["request"] == "four"


def test_the_record_is_left_as_it_was() -> None:
    made = record("hello %s", "world", order=7)
    before = dict(vars(made))
    JSONFormatter().format(made)
    ConsoleFormatter().format(made)
    assert vars(made) == before


def test_people_get_a_line_and_the_traceback_below() -> None:
    made = record("hello %s", "world")
    try:
        raise ValueError("no")
    except ValueError:
        made.exc_info = sys.exc_info()
    first, *rest = ConsoleFormatter().format(made).splitlines()
    assert first == "2023-11-14T22:13:20.500Z WARNING app: hello world"
    assert rest[-1] == "ValueError: no"
