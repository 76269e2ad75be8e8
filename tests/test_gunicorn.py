"""The gunicorn configuration, as gunicorn itself reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery.utils.sysinfo import cpu_budget


def gunicorn(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "gunicorn", "-c", "python:django_scaleready.gunicorn"),
            *arguments,
            "wsgiref.simple_server:demo_app",
        ],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def printed(*arguments: str, **variables: str) -> dict[str, str]:
    done = gunicorn("--print-config", *arguments, **variables)
    assert done.returncode == 0, done.stderr
    pairs = (line.partition("=") for line in done.stdout.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def test_what_gunicorn_understood() -> None:
    config = printed()
    expected = {
        "workers": str(cpu_budget().count),
        "worker_class": "gthread",
        "threads": "4",
        "max_requests": "1000",
        "max_requests_jitter": "200",
        "control_socket_disable": "True",
        "keepalive": "75",
        "graceful_timeout": "23",
        "timeout": "30",
        "reuse_port": "False",
        "loglevel": "info",
        "preload_app": "False",
    }
    assert {name: config[name] for name in expected} == expected


def test_every_name_is_a_setting_of_gunicorn() -> None:
    # gunicorn ignores a misspelt name silently.
    from gunicorn.config import Config

    from django_scaleready import gunicorn as config

    # pytest adds names of its own to what it rewrites; those begin with @.
    ours = {name for name in vars(config) if not name.startswith(("_", "@"))}
    imported = {"late", "LADDER", "LOGGING", "annotations", "cpu_budget", "env", "os"}
    assert ours - imported <= set(Config().settings)


def test_it_loads_an_application() -> None:
    done = gunicorn("--check-config")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_gunicorn_reads_itself_still_counts() -> None:
    config = printed(PORT="8123", FORWARDED_ALLOW_IPS="10.0.0.1", WEB_CONCURRENCY="7")
    assert config["bind"] == "['0.0.0.0:8123']"
    assert config["forwarded_allow_ips"] == "['10.0.0.1']"
    assert config["workers"] == "7"
    assert printed()["bind"] == "['127.0.0.1:8000']"


def test_the_command_line_wins() -> None:
    config = printed(
        *("--threads", "9", "--keep-alive", "3"),
        GUNICORN_CMD_ARGS="--workers 5 --threads 8",
        WEB_CONCURRENCY="7",
    )
    assert (config["workers"], config["threads"], config["keepalive"]) == ("5", "9", "3")


def test_variables_of_the_kit() -> None:
    config = printed(
        GUNICORN_THREADS="2",
        GUNICORN_MAX_REQUESTS="0",
        GUNICORN_KEEPALIVE="5",
        GUNICORN_GRACEFUL_TIMEOUT="9",
        LOG_LEVEL="ERROR",
    )
    names = ("threads", "max_requests", "max_requests_jitter", "keepalive", "graceful_timeout")
    assert [config[name] for name in names] == ["2", "0", "0", "5", "9"]
    assert config["loglevel"] == "error"


def test_the_ladder_s_figures() -> None:
    config = printed(
        SCALEREADY_BALANCER_IDLE_TIMEOUT="100",
        SCALEREADY_DRAIN="10",
        SCALEREADY_GRACE_PERIOD="45",
        SCALEREADY_MARGIN="5",
    )
    assert (config["keepalive"], config["graceful_timeout"]) == ("125", "30")


@pytest.mark.parametrize(
    ("variables", "timeout"),
    [
        ({"SCALEREADY_REQUEST_TIMEOUT": "60"}, "62"),
        ({"SCALEREADY_GRACE_PERIOD": "90"}, "62"),
        ({"SCALEREADY_REQUEST_TIMEOUT": "5"}, "30"),
        ({"SCALEREADY_WORKER_TIMEOUT": "10"}, "10"),
        ({"SCALEREADY_WORKER_TIMEOUT": "10", "GUNICORN_TIMEOUT": "11"}, "11"),
    ],
)
def test_a_worker_may_be_silent_for_longer_than_a_request(
    variables: dict[str, str], timeout: str
) -> None:
    assert printed(**variables)["timeout"] == timeout


def test_every_hook_is_gunicorn_s_to_call() -> None:
    from gunicorn.config import Config

    from django_scaleready import gunicorn as config

    for name in ("on_starting", "when_ready", "pre_fork", "post_fork", "post_worker_init",
                 "pre_request", "child_exit", "on_exit"):  # fmt: skip
        given = getattr(config, name)
        assert given.__module__ == "django_scaleready.arbiter.hooks"
        # It checks the number of arguments.
        Config().set(name, given)


def test_a_configuration_of_one_s_own_can_begin_with_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("from django_scaleready.gunicorn import *\nthreads = 7\n")
    config = printed("-c", str(own))
    assert (config["threads"], config["keepalive"]) == ("7", "75")
    assert config["when_ready"] == "<when_ready()>"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCALEREADY_DRAIN", "-1"),
        ("GUNICORN_GRACEFUL_TIMEOUT", "soon"),
        ("WEB_CONCURRENCY", "0"),
        ("GUNICORN_KEEPALIVE", "-2"),
        ("GUNICORN_THREADS", "four"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    done = gunicorn("--check-config", **{name: value})
    assert done.returncode != 0
    assert f"{name}: got '{value}', accepts" in done.stderr


def test_no_database_is_needed_to_read_it() -> None:
    code = """
import sys
import django_scaleready.gunicorn
print([n for n in sys.modules if n.startswith(("django_scaleready.settings.", "django.db"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['django_scaleready.settings.logging']\n"
