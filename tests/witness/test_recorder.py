"""What is decided at once, what waits, and what is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Fate, Kind, Moment, Seen
from django_scaleready.witness import recorder as module
from django_scaleready.witness.frames import Site
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.traces import FileTrace, Trace
from django_scaleready.witness.windows import Window

PLACE = Location("shop/views.py", 7)
SITE = Site(PLACE, None, PLACE)


def window(recorder: Recorder, moment: Moment = Moment.REQUEST) -> Window:
    return recorder.begin(moment, lambda: ("GET /", None))


def trace(path: Path, kind: Kind = Kind.FILE, *, temporary: bool = False) -> Trace:
    return FileTrace(kind, SITE, str(path), temporary)


def fates(recorder: Recorder) -> list[Fate]:
    return [seen.fate for seen in recorder.seen.values()]


def test_a_temporary_file_may_be_removed_by_whoever_holds_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for name in ("removed", "forgotten"):
        request = window(recorder)
        recorder.add(request, trace(tmp_path / name, temporary=True))
        (tmp_path / name).touch()
        request.end()
    assert fates(recorder) == []
    (tmp_path / "removed").unlink()
    recorder.finish()
    assert fates(recorder) == [Fate.TEMPORARY]
    assert [seen.target for seen in recorder.seen.values()] == ["forgotten"]


def test_what_waits_is_decided_when_patience_ends(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, patience=0.0)
    request = window(recorder)
    recorder.add(request, trace(tmp_path / "a", temporary=True))
    (tmp_path / "a").touch()
    request.end()
    assert fates(recorder) == [Fate.TEMPORARY]


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    (tmp_path / "a").touch()
    for _ in range(module.MOST_PENDING + 3):
        request = window(recorder)
        recorder.add(request, trace(tmp_path / "a", temporary=True))
        (tmp_path / "a").touch()
        request.end()
    (seen,) = recorder.seen.values()
    assert seen.count == 3


def test_a_connection_that_writes_later_is_found_then(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    path = tmp_path / "quota.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table hits (name text)")
        request = window(recorder)
        late = trace(path, Kind.SQLITE)
        late.at += 1
        recorder.add(request, late)
        request.end()
        assert fates(recorder) == []
        late.at -= 1
        connection.execute("insert into hits values ('page')")
        connection.commit()
    recorder.finish()
    assert fates(recorder) == [Fate.STAYS]


def test_what_is_done_after_the_request_belongs_to_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    request = window(recorder)
    request.end()
    recorder.add(request, trace(tmp_path / "late"))
    (tmp_path / "late").touch()
    recorder.finish()
    assert fates(recorder) == [Fate.STAYS]


def test_a_folder_a_link_and_a_file_that_never_came_are_silent(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    request = window(recorder)
    for name in ("", "link", "never"):
        recorder.add(request, trace(tmp_path / name))
    request.end()
    recorder.finish()
    assert fates(recorder) == []


def test_what_all_replicas_see_is_silent(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    recorder = Recorder(tmp_path, shared=[str(tmp_path / "shared")])
    request = window(recorder)
    for name in ("shared/a", "shared-not"):
        recorder.add(request, trace(tmp_path / name))
        (tmp_path / name).touch()
    request.end()
    assert [seen.target for seen in recorder.seen.values()] == ["shared-not"]


def test_who_hears_is_told_of_each_time(tmp_path: Path) -> None:
    heard: list[Seen] = []
    recorder = Recorder(tmp_path, heard=heard.append)
    for _ in range(3):
        request = window(recorder)
        recorder.add(request, trace(tmp_path / "a"))
        (tmp_path / "a").touch()
        request.end()
    assert [seen.count for seen in heard] == [1, 2, 3]
    assert {seen.during for seen in heard} == {"GET /"}


def test_each_error_is_told_of_once_and_not_where_it_is_met(tmp_path: Path) -> None:
    lost: list[str] = []
    recorder = Recorder(tmp_path, lost=lost.append)
    request = window(recorder)
    recorder.failed(ValueError("odd"))
    recorder.failed(ValueError("odd"))
    assert lost == []
    request.end()
    window(recorder).end()
    assert lost == ["ValueError: odd"]
