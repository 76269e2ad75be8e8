"""Services: their URLs in production, in development, while an image is built."""

from __future__ import annotations

import traceback

import pytest
from support.fragments import only

from django_scaleready.env import EnvError, env

SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)


def service(name: str = "SOME_URL") -> str:
    return env.service(
        name, schemes=("redis", "rediss"), development="local", placeholder="redis://build.invalid"
    )


# --- services ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_production_cannot_do_without_a_service(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("SOME_URL", value)
    with pytest.raises(EnvError) as caught:
        service()
    for part in ("SOME_URL is not set", "redis://", "DEBUG=true", "SCALEREADY_BUILD=1", "_FILE"):
        assert part in str(caught.value)


def test_development_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "true")
    assert service() == "local"


@pytest.mark.parametrize("debug", ["true", "false"])
def test_a_build_gets_a_placeholder(debug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_BUILD", "1")
    monkeypatch.setenv("DEBUG", debug)
    assert service() == "redis://build.invalid"


@pytest.mark.parametrize("debug", ["true", "false"])
def test_a_malformed_url_is_refused_everywhere(debug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", debug)
    monkeypatch.setenv("SOME_URL", "http://host/0")
    with pytest.raises(EnvError, match="SOME_URL: got 'http://host/0', accepts redis://"):
        service()


def test_a_bare_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_URL", SECRET)
    with pytest.raises(EnvError) as caught:
        service()
    assert SECRET not in str(caught.value)


def test_no_error_carries_another_that_shows_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    # urllib's own error would say: Port could not be cast to integer value as 's3cr3t'.
    monkeypatch.setenv("SOME_URL", f"redis://app:{SECRET}")
    with pytest.raises(EnvError) as caught:
        service()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_each_of_several_urls_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_URL", "redis://a/0;redis://b/0")
    assert service() == "redis://a/0;redis://b/0"
    monkeypatch.setenv("SOME_URL", "redis://a/0;http://b/0")
    with pytest.raises(EnvError, match="http://b/0"):
        service()


# --- Redis ------------------------------------------------------------------------------------


def test_each_use_of_redis_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"rediss://:{SECRET}@host:6380/2")
    assert env.redis("CACHE_URL", shift=0) == f"rediss://:{SECRET}@host:6380/2"
    assert env.redis("CELERY_BROKER_URL", shift=2) == f"rediss://:{SECRET}@host:6380/4"


def test_a_url_of_its_own_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://host/0")
    monkeypatch.setenv("CACHE_URL", "redis://other/7")
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://rabbit//")
    assert env.redis("CACHE_URL", shift=3) == "redis://other/7"
    assert env.redis("CELERY_BROKER_URL", shift=2, also=("amqp",)) == "amqp://rabbit//"
    with pytest.raises(EnvError, match="CELERY_BROKER_URL: got 'amqp://rabbit//'"):
        env.redis("CELERY_BROKER_URL", shift=2)


def test_without_redis_production_names_redis_url(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=r"^REDIS_URL is not set"):
        env.redis("CACHE_URL", shift=0)
    monkeypatch.setenv("DEBUG", "true")
    assert env.redis("CACHE_URL", shift=0) == ""
    monkeypatch.setenv("SCALEREADY_BUILD", "1")
    assert env.redis("CACHE_URL", shift=1) == "redis://build.invalid:6379/1"


# --- databases --------------------------------------------------------------------------------


def database(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("DATABASE_URL", url)
    return env.database("DATABASE_URL", development="", placeholder="")


def test_words_in_the_query_of_a_database_url_mean_what_they_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = database(
        "postgres://h/db?CONN_HEALTH_CHECKS=false&ATOMIC_REQUESTS=1&CONN_MAX_AGE=None&sslmode=require",
        monkeypatch,
    )
    assert entry["CONN_HEALTH_CHECKS"] is False
    assert entry["ATOMIC_REQUESTS"] is True
    assert entry["CONN_MAX_AGE"] is None
    assert entry["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("query", ["CONN_MAX_AGE=long", "CONN_MAX_AGE=-1", "AUTOCOMMIT=perhaps"])
def test_other_words_there_are_refused(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match="DATABASE_URL: got "):
        database(f"postgres://h/db?{query}", monkeypatch)


def test_a_database_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=r"DATABASE_URL: got .* the database's name") as caught:
        database(f"postgres://app:{SECRET}@host:5432", monkeypatch)
    assert SECRET not in str(caught.value)
    assert database("postgres://h?service=app", monkeypatch)["OPTIONS"] == {"service": "app"}


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("mysql://u:p@h/db", "django.db.backends.mysql"),
        ("sqlite:////tmp/db.sqlite3", "django.db.backends.sqlite3"),
        ("postgis://h/db", "django.contrib.gis.db.backends.postgis"),
    ],
)
def test_the_scheme_names_the_engine(
    url: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database(url, monkeypatch)["ENGINE"] == engine


def test_an_encoded_password_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert database("postgres://u:p%23%2F%40@h/db", monkeypatch)["PASSWORD"] == "p#/@"
