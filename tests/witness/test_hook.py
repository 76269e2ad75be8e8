"""The hook while nobody listens, and when something goes wrong in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Kind, Moment
from django_scaleready.witness import hook, watch
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.windows import current


def page(request: HttpRequest) -> HttpResponse:
    Path(request.GET["file"]).write_text("x")
    return HttpResponse("written")


urlpatterns = [path("", page)]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = Recorder(tmp_path)
    yield made
    watch.stop()


def test_off_everything_is_as_it_was(recorder: Recorder, tmp_path: Path) -> None:
    before = BaseHandler.get_response, BaseHandler.get_response_async, threading.Thread.start
    watch.start(recorder)
    assert BaseHandler.get_response is not before[0]
    watch.stop()
    after = BaseHandler.get_response, BaseHandler.get_response_async, threading.Thread.start
    assert after == before
    window = recorder.begin(Moment.REQUEST, lambda: ("", Location("shop/views.py")))
    (tmp_path / "a").write_text("x")
    window.end()
    assert recorder.seen == {}


def test_who_wrapped_the_handler_in_between_keeps_that(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.start(recorder)
    ours = BaseHandler.get_response

    def theirs(handler: Any, request: Any) -> Any:
        return ours(handler, request)

    monkeypatch.setattr(BaseHandler, "get_response", theirs)
    watch.stop()
    assert BaseHandler.get_response is theirs


def test_an_error_of_ours_is_noted_and_none_of_the_project_s(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "site", lambda *_: 1 / 0)
    watch.start(recorder)
    window = recorder.begin(Moment.REQUEST, lambda: ("", None))
    (tmp_path / "a").write_text("x")
    window.end()
    assert (tmp_path / "a").read_text() == "x"
    assert list(recorder.errors) == ["ZeroDivisionError: division by zero"]


def test_an_error_while_a_response_is_closed_is_noted(recorder: Recorder, tmp_path: Path) -> None:
    watch.start(recorder)
    window = recorder.begin(Moment.REQUEST, lambda: (str(1 / 0), None))
    with override_settings(ROOT_URLCONF=__name__):
        window.add(FAILING)
        window.end()
        assert list(recorder.errors) == ["ZeroDivisionError: division by zero"]


class Failing:
    """A trace that is there."""

    key = "failing"


FAILING: Any = Failing()


def test_a_request_whose_views_are_tests_is_nobody_s_affair(
    recorder: Recorder, tmp_path: Path
) -> None:
    watch.start(recorder)
    with override_settings(ROOT_URLCONF=__name__):
        assert Client().get("/", {"file": tmp_path / "a"}).status_code == 200
    recorder.finish()
    assert recorder.watched[Moment.REQUEST] == 1
    assert recorder.seen == {}


def test_one_window_ends_inside_another(recorder: Recorder) -> None:
    outer = recorder.begin(Moment.TEST, lambda: ("outer", None))
    inner = recorder.begin(Moment.TASK, lambda: ("inner", None))
    assert current.get() is inner
    inner.end()
    inner.end()
    assert current.get() is outer
    outer.end()
    assert current.get() is None
    assert recorder.watched == {Moment.TEST: 1, Moment.TASK: 1}


def test_a_response_that_nobody_closed_ends_with_the_next_request(recorder: Recorder) -> None:
    left = recorder.begin(Moment.REQUEST, lambda: ("left", None))
    left.running = False
    after = recorder.begin(Moment.REQUEST, lambda: ("next", None))
    assert left.ended
    after.end()
    assert current.get() is None


def test_a_program_is_named_without_its_arguments() -> None:
    assert hook._program(["/usr/bin/psql", "--password=hunter2"]) == "psql"
    assert hook._program("curl -u me:hunter2 https://x") == "curl"
    assert hook._program(b"pg_dump postgres://me:hunter2@x") == "pg_dump"
    assert hook._program([]) == "a program"


def test_a_loop_over_files_is_bounded(recorder: Recorder, tmp_path: Path) -> None:
    watch.start(recorder)
    window = recorder.begin(Moment.REQUEST, lambda: ("", Location("shop/views.py")))
    body = "for number in range(700):\n    open(f'{folder}/{number}', 'w').close()\n"
    names = {"__name__": "ledger", "__file__": "/x/site-packages/ledger.py", "folder": tmp_path}
    # A stack of its own: below it stands no test.
    thread = threading.Thread(target=exec, args=(compile(body, "ledger.py", "exec"), names))
    thread.start()
    thread.join()
    assert len(window.traces) == 500
    window.end()
    (seen,) = recorder.seen.values()
    assert (seen.kind, seen.place, seen.count) == (Kind.FILE, Location("shop/views.py"), 500)
    assert seen.package == "ledger"
