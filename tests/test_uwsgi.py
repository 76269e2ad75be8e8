"""The ini file for uWSGI: figures from the environment, and what may be put in their place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from django_scaleready.uwsgi import ini
from django_scaleready.uwsgi.heard import Heard
from django_scaleready.uwsgi.traces import Traces


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "django_scaleready", "uwsgi-ini", *arguments],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def options(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if " = " in line]
    return dict(line.split(" = ", 1) for line in lines if not line.startswith("#"))


def test_the_command_prints_a_file_that_includes_ours() -> None:
    done = run(WEB_CONCURRENCY="3", SCALEREADY_GRACEFUL_TIMEOUT="40")
    assert (done.returncode, done.stderr) == (0, "")
    found = options(Path(done.stdout.strip()))
    assert found["processes"] == "3"
    assert found["harakiri"] == found["worker-reload-mercy"] == "40"
    assert found["ini"] == str(ini.INCLUDED)


def test_what_uwsgi_reads_itself_is_left_to_it() -> None:
    found = options(Path(run(UWSGI_THREADS="9", UWSGI_HARAKIRI="7").stdout.strip()))
    assert not {"threads", "harakiri"} & found.keys()
    assert {"listen", "processes"} <= found.keys()
    assert "processes" not in options(Path(run(UWSGI_WORKERS="3").stdout.strip()))


def test_the_same_figures_give_the_same_file() -> None:
    assert ini.write({"threads": 2}) == ini.write({"threads": 2})
    assert ini.write({"threads": 2}) != ini.write({"threads": 3})


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WEB_CONCURRENCY", "many"), ("SCALEREADY_DRAIN", "-1"), ("LOG_LEVEL", "LOUD")],
)
def test_a_bad_value_is_named_and_nothing_printed(variable: str, value: str) -> None:
    done = run(**{variable: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert variable in done.stderr
    assert "Traceback" not in done.stderr


def test_help_says_how_to_use_it() -> None:
    assert "uwsgi --ini" in run("--help").stdout
    assert run("--port").returncode == 2


def test_somebody_elses_directory_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ini, "_MEMORY", tmp_path)
    folder = tmp_path / f"scaleready-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(PermissionError, match="not this user's own"):
        ini.write({})


def test_a_file_system_without_shared_memory_will_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ini, "_MEMORY", tmp_path / "none")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ini.write({}).is_relative_to(tmp_path)
    monkeypatch.setattr(ini, "_SOMAXCONN", tmp_path / "none")
    assert ini.figures()["listen"] == 100


def test_a_signal_is_heard_until_it_is_forgotten() -> None:
    heard, before = Heard(), signal.getsignal(signal.SIGUSR2)
    heard.listen([signal.SIGUSR2])
    try:
        assert heard.wait(0) == b""
        os.kill(os.getpid(), signal.SIGUSR2)
        os.kill(os.getpid(), signal.SIGUSR2)
        both = bytes([signal.SIGUSR2]) * 2
        assert heard.wait(5) == heard.signals() == both
        heard.forget(1)
        assert heard.signals() == both[1:]
        heard.leave_to_the_master()
        os.kill(os.getpid(), signal.SIGUSR2)
        assert heard.signals() == both[1:]
    finally:
        heard.leave_to_the_master()
        signal.signal(signal.SIGUSR2, before)


def test_a_trace_is_told_once_and_whole() -> None:
    traces = Traces(2)
    file = traces._files[1]
    file.write(b"Thread 0x1\n")
    file.flush()
    assert traces.collect() == {}  # it may still grow
    file.write(b"  in view\n")
    file.flush()
    assert traces.collect() == {}
    assert traces.collect() == {2: "Thread 0x1\n  in view\n"}
    assert traces.collect() == {}


def test_it_takes_nothing_else() -> None:
    done = run("now")
    assert done.returncode == 2
    assert done.stderr.endswith("error: got 'now', accepts nothing\n")
