"""The CELERY_ names: all of them known, and the numbers in the order that they must have."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.app.defaults import DEFAULTS
from django.utils.module_loading import import_string
from redbeat.schedulers import RedBeatScheduler
from support.fragments import evaluate

from django_scaleready.celery.scheduler import SETTINGS as REDBEAT
from django_scaleready.env import EnvError

REDIS = {"REDIS_URL": "redis://redis:6379/0"}
RABBITMQ = {**REDIS, "CELERY_BROKER_URL": "amqp://app:s3cret@rabbit:5672//"}


def made(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    return evaluate("celery", monkeypatch, **variables)


@pytest.mark.parametrize("variables", [REDIS, RABBITMQ, {"DEBUG": "true"}])
def test_celery_knows_every_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    names = {name.removeprefix("CELERY_").lower() for name in made(monkeypatch, **variables)}
    assert names - set(DEFAULTS) - set(REDBEAT) == set()


def test_celery_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Celery("test", set_as_current=False)
    app.config_from_object(made(monkeypatch, **REDIS), namespace="CELERY")
    assert app.conf.broker_url == "redis://redis:6379/2"
    assert app.conf.redbeat_redis_url == "redis://redis:6379/4"
    assert app.conf.worker_max_tasks_per_child == 400
    assert app.conf.task_acks_late is True


def test_the_scheduler_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(monkeypatch, **REDIS)["CELERY_BEAT_SCHEDULER"]
    assert issubclass(import_string(path), RedBeatScheduler)


@pytest.mark.parametrize("limit", ["2", "30", "300", "7200"])
def test_times_are_in_order(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    settings = made(monkeypatch, **REDIS, CELERY_TASK_TIME_LIMIT=limit)
    visibility = settings["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"]
    soft, hard = settings["CELERY_TASK_SOFT_TIME_LIMIT"], settings["CELERY_TASK_TIME_LIMIT"]
    assert 0 < soft < hard < visibility
    lock, interval = (
        settings["CELERY_REDBEAT_LOCK_TIMEOUT"],
        settings["CELERY_BEAT_MAX_LOOP_INTERVAL"],
    )
    assert lock >= 5 * interval


def test_a_visibility_timeout_within_the_time_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(EnvError, match=r"CELERY_VISIBILITY_TIMEOUT: got '300', accepts .* 301"):
        made(monkeypatch, **REDIS, CELERY_VISIBILITY_TIMEOUT="300")


def test_the_ladder_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {
        "SCALEREADY_TASK_HARD_LIMIT": "600",
        "SCALEREADY_TASK_SOFT_LIMIT": "500",
        "SCALEREADY_VISIBILITY_TIMEOUT": "5000",
        "SCALEREADY_GRACE_PERIOD": "90",
    }
    settings = made(monkeypatch, **REDIS, **declared)
    assert settings["CELERY_TASK_TIME_LIMIT"] == 600
    assert settings["CELERY_TASK_SOFT_TIME_LIMIT"] == 500
    assert settings["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"] == 5000
    assert settings["CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT"] == 60


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CELERY_WORKER_MAX_TASKS_PER_CHILD", "", 400),
        ("CELERY_WORKER_MAX_TASKS_PER_CHILD", "50", 50),
        ("CELERY_WORKER_MAX_MEMORY_PER_CHILD", "200000", 200_000),
        ("CELERY_WORKER_CONCURRENCY", "", "auto"),
        ("CELERY_WORKER_CONCURRENCY", "6", 6),
        ("CELERY_TASK_TIME_LIMIT", "60", 60),
        ("CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT", "5", 5.0),
        ("CELERY_REDBEAT_LOCK_TIMEOUT", "20", 20),
        ("CELERY_REDBEAT_REDIS_URL", "redis://beat/9", "redis://beat/9"),
        ("CELERY_RESULT_BACKEND", "", None),
        ("CELERY_RESULT_BACKEND", "redis://results/1", "redis://results/1"),
        ("CELERY_RESULT_BACKEND", "django-db", "django-db"),
    ],
)
def test_a_variable_overrides(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    assert made(monkeypatch, **REDIS, **{name: value})[name] == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CELERY_WORKER_MAX_TASKS_PER_CHILD", "0"),
        ("CELERY_WORKER_MAX_TASKS_PER_CHILD", "many"),
        ("CELERY_WORKER_CONCURRENCY", "-1"),
        ("CELERY_TASK_TIME_LIMIT", "1"),
        ("CELERY_SOCKET_TIMEOUT", "0"),
        ("CELERY_BROKER_URL", "sqs://app:s3cret@"),
        ("CELERY_BROKER_URL", "memory://"),
        ("CELERY_BROKER_URL", "s3cret"),
        ("CELERY_RESULT_BACKEND", "redis://app:s3cret@results:port/1"),
        ("CELERY_REDBEAT_REDIS_URL", "amqp://app:s3cret@rabbit//"),
    ],
)
def test_what_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(EnvError, match=f"^{name}: got") as refused:
        made(monkeypatch, **REDIS, **{name: value})
    assert "s3cret" not in str(refused.value)


def test_production_without_a_broker_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match="REDIS_URL is not set"):
        made(monkeypatch)


def test_development_without_a_broker_runs_tasks_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = made(monkeypatch, DEBUG="true")
    assert settings["CELERY_BROKER_URL"] == "memory://"
    assert settings["CELERY_TASK_ALWAYS_EAGER"] is True


def test_with_a_broker_development_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = made(monkeypatch, DEBUG="true", **REDIS)
    assert settings["CELERY_TASK_ALWAYS_EAGER"] is False


def test_rabbitmq_has_options_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = made(monkeypatch, **RABBITMQ)
    options = settings["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["confirm_publish"] is True
    assert "visibility_timeout" not in options
    assert settings["CELERY_BROKER_USE_SSL"] is None
    # Beat's schedule is in Redis whatever the broker is.
    assert settings["CELERY_REDBEAT_REDIS_URL"] == "redis://redis:6379/4"


def test_tls_is_verified_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    settings = made(
        monkeypatch,
        REDIS_URL="rediss://redis:6380/0",
        CELERY_RESULT_BACKEND="rediss://redis:6380/3",
        REDIS_CA_FILE=str(authority),
    )
    for name in (
        "CELERY_BROKER_USE_SSL",
        "CELERY_REDIS_BACKEND_USE_SSL",
        "CELERY_REDBEAT_REDIS_USE_SSL",
    ):
        assert settings[name] == {
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
            "ssl_check_hostname": True,
            "ssl_ca_certs": str(authority),
        }


def test_tls_to_rabbitmq_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = made(monkeypatch, **REDIS, CELERY_BROKER_URL="amqps://rabbit:5671//")
    assert settings["CELERY_BROKER_USE_SSL"]["context"]["check_hostname"] is True
    assert settings["CELERY_REDBEAT_REDIS_USE_SSL"] is None


def test_a_worker_waits_for_its_results_longer_than_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web = made(monkeypatch, **REDIS)["CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS"]
    worker = made(monkeypatch, **REDIS, SCALEREADY_ROLE="worker")
    assert web["retry_policy"]["max_retries"] == 1
    assert worker["CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS"] == {}
