"""Each way to read a variable: what it takes, what it refuses, and what it never prints."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
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


def test_an_error_is_one_that_django_reports_without_a_traceback() -> None:
    assert issubclass(EnvError, ImproperlyConfigured)


# --- production -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["true", "1", "yes", "on", "TRUE", " true "])
def test_a_true_debug_is_development(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", value)
    assert not env.production


@pytest.mark.parametrize("value", [None, "", "false", "0", "ture", "development"])
def test_anything_else_is_production(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is not None:
        monkeypatch.setenv("DEBUG", value)
    assert env.production


# --- NAME_FILE --------------------------------------------------------------------------------


def test_a_file_holds_the_value_without_its_last_line_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(" $key with blanks \r\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.text("SECRET_KEY") == " $key with blanks "


def test_a_changed_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    for value in ("old", "new"):
        (tmp_path / "key").write_text(value)
        assert env.text("SECRET_KEY") == value


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL_FILE", "/run/secrets/none")
    with pytest.raises(EnvError, match="REDIS_URL_FILE: cannot read '/run/secrets/none': No such"):
        env.text("REDIS_URL", "")


def test_a_directory_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path))
    with pytest.raises(EnvError, match="REDIS_URL_FILE: cannot read"):
        env.text("REDIS_URL", "")


def test_a_binary_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(EnvError, match="not in UTF-8"):
        env.text("SECRET_KEY")


def test_both_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("redis://a/0")
    monkeypatch.setenv("REDIS_URL", f"redis://:{SECRET}@b/0")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(EnvError, match="REDIS_URL and REDIS_URL_FILE are both set") as caught:
        env.text("REDIS_URL")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("name", "file"), [("REDIS_URL", "url"), ("REDIS_URL_FILE", "")])
def test_an_empty_one_of_both_does_not_count(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text("redis://file/0\n")
    monkeypatch.setenv("REDIS_URL", "" if file else "redis://plain/0")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / file) if file else "")
    assert env.text("REDIS_URL") == ("redis://file/0" if file else "redis://plain/0")


# --- plain values -----------------------------------------------------------------------------


def test_a_value_that_begins_with_a_dollar_is_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "$HOME-is-no-reference")
    assert env.text("SECRET_KEY") == "$HOME-is-no-reference"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_text_counts_as_not_set(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("NAME", value)
    assert env.text("NAME", "default") == "default"
    with pytest.raises(EnvError, match=r"^NAME is not set\. Set it, or NAME_FILE"):
        env.text("NAME")


@pytest.mark.parametrize(("value", "flag"), [("On", True), ("1", True), ("no", False), ("", True)])
def test_flags(value: str, flag: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", value)
    assert env.flag("NAME", True) is flag


def test_a_flag_is_no_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "ture")
    with pytest.raises(EnvError, match="NAME: got 'ture', accepts true or false"):
        env.flag("NAME")


@pytest.mark.parametrize("value", ["-1", "11", "1.5", "ten", "1_0", "٣", "1" * 5000])
def test_a_whole_number_keeps_its_limits(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", value)
    with pytest.raises(EnvError, match=r"NAME: got '.*', accepts a whole number from 0 to 10"):
        env.whole("NAME", 3, maximum=10)


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("10", 10), (" 7 ", 7), ("", 3)])
def test_whole_numbers(value: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", value)
    assert env.whole("NAME", 3, maximum=10) == number


@pytest.mark.parametrize("value", ["-0.1", "nan", "inf", "5s"])
def test_seconds_are_finite_and_not_negative(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", value)
    with pytest.raises(EnvError, match=r"NAME: got .* accepts seconds"):
        env.seconds("NAME", 1.0)


def test_seconds_with_a_fraction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "0.3")
    assert env.seconds("NAME", 1.0) == 0.3
    assert env.seconds("OTHER", 1.5) == 1.5


def test_a_choice_is_spelt_as_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert env.choice("LOG_LEVEL", ("DEBUG", "INFO"), "INFO") == "DEBUG"


def test_a_wrong_choice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(EnvError, match="LOG_LEVEL: got 'loud', accepts one of DEBUG, INFO"):
        env.choice("LOG_LEVEL", ("DEBUG", "INFO"), "INFO")


def test_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", " a, B ,,c")
    assert env.words("NAME") == ["a", "B", "c"]
    assert env.words("NAME", accepts=("a", "b", "c")) == ["a", "b", "c"]
    assert env.words("OTHER", ("x",)) == ["x"]
    with pytest.raises(EnvError, match="NAME: got 'B', accepts a comma separated list of a, c"):
        env.words("NAME", accepts=("a", "c"))


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


# --- role and extras --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "role"),
    [
        ("/app/.venv/bin/gunicorn -c python:x mysite.wsgi", "web"),
        ("/lib/gunicorn/__main__.py mysite.wsgi", "web"),
        ("uvicorn mysite.asgi:application", "web"),
        ("manage.py runserver", "web"),
        ("/bin/celery -A mysite worker -c 2", "worker"),
        ("/lib/celery/__main__.py --app=mysite worker", "worker"),
        ("celery -A worker beat", "beat"),
        ("celery -A mysite inspect ping", "manage"),
        ("manage.py migrate", "manage"),
        ("manage.py worker", "manage"),
        ("", "manage"),
    ],
)
def test_the_command_line_tells_the_role(
    argv: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", argv.split())
    assert env.role() == role


def test_the_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_ROLE", "beat")
    assert env.role() == "beat"
    monkeypatch.setenv("SCALEREADY_ROLE", "king")
    with pytest.raises(EnvError, match="accepts one of web, worker, beat, manage"):
        env.role()


def test_what_needs_an_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.text_with_extra("BUCKET", modules=("no_such_module",), extra="s3") == ""
    monkeypatch.setenv("BUCKET", "media")
    assert env.text_with_extra("BUCKET", modules=("json",), extra="s3") == "media"
    with pytest.raises(EnvError, match=r'BUCKET is set, but no_such_module .* "django-sc.*\[s3\]"'):
        env.text_with_extra("BUCKET", modules=("json", "no_such_module"), extra="s3")
