"""Each way to read a variable: what it takes, what it refuses, and what it never prints."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from support.fragments import only

from django_scaleready.env import EnvError, env

SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)


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
