"""What the scheduler refuses, and what it hands on; that it outlives Redis is in tests/live."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from celery import Celery
from django.core.exceptions import ImproperlyConfigured
from redbeat.schedulers import ensure_conf, get_redis
from redis.exceptions import ConnectionError as RedisConnectionError

from django_scaleready.celery import scheduler
from django_scaleready.celery.scheduler import Scheduler


def app_with(**settings: Any) -> Celery:
    app = Celery("test", set_as_current=False)
    settings = {
        "CELERY_BROKER_URL": "memory://",
        "CELERY_REDBEAT_REDIS_URL": "redis://127.0.0.1:1/4",
        "CELERY_REDBEAT_LOCK_TIMEOUT": 10,
        "CELERY_BEAT_MAX_LOOP_INTERVAL": 2,
        "CELERY_BEAT_SCHEDULE": {"a": {"task": "a", "schedule": 1}},
        **settings,
    }
    app.config_from_object({k: v for k, v in settings.items() if v is not None}, namespace="CELERY")
    return app


def test_options_with_a_prefix_reach_redis() -> None:
    app = app_with(CELERY_REDBEAT_REDIS_OPTIONS={"socket_timeout": 0.25})
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # redbeat warns if it does not see its URL
        Scheduler(app)
        client = get_redis(app)
    assert client.connection_pool.connection_kwargs["socket_timeout"] == 0.25
    assert client.connection_pool.connection_kwargs["db"] == 4


def test_a_private_ca_reaches_redis() -> None:
    tls = {"ssl_ca_certs": "/ca.pem", "ssl_check_hostname": True}
    app = app_with(
        CELERY_REDBEAT_REDIS_URL="rediss://127.0.0.1:1/4", CELERY_REDBEAT_REDIS_USE_SSL=tls
    )
    Scheduler(app)
    options = get_redis(app).connection_pool.connection_kwargs
    assert {**options, **tls} == options


@pytest.mark.parametrize("lazy", [True, False])
def test_it_is_made_without_redis(lazy: bool) -> None:
    made = Scheduler(app_with(), lazy=lazy)
    assert "redis://127.0.0.1:1/4" in made.info


def test_a_tick_without_redis_waits(caplog: pytest.LogCaptureFixture) -> None:
    made = Scheduler(app_with())
    assert [made.tick() for _ in range(3)] == [scheduler.LOOK_SECONDS] * 3
    assert len([r for r in caplog.records if "waiting for Redis" in r.getMessage()]) == 1


def test_a_lock_that_cannot_be_given_back_does_not_end_in_an_error() -> None:
    made = Scheduler(app_with())

    class Lock:
        def release(self) -> None:
            raise RedisConnectionError("refused")

    made.lock = Lock()  # type: ignore[assignment]  # all that close() asks of it
    made.close()
    assert made.lock is None


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"CELERY_REDBEAT_REDIS_URL": ""}, "redbeat_redis_url"),
        ({"CELERY_REDBEAT_LOCK_TIMEOUT": 10, "CELERY_BEAT_MAX_LOOP_INTERVAL": 300}, "got 10 s"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=named):
        Scheduler(app_with(**settings))


def test_no_lock_is_refused() -> None:
    app = app_with()
    app.conf.redbeat_redis_url = "redis://127.0.0.1:1/4"
    ensure_conf(app).lock_key = None
    with pytest.raises(ImproperlyConfigured, match="redbeat_lock_key"):
        Scheduler(app)
