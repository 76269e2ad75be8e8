"""DATABASES: what a transaction pooler survives, and that nobody else gets PostgreSQL's options."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from support.fragments import evaluate, only

from django_scaleready.env import EnvError, env

URL = "postgres://app:p%40ss@pooler:6432/app"


def databases(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    return evaluate("database", monkeypatch, **{"DATABASE_URL": URL, **variables})["DATABASES"]


def test_the_default_is_fit_for_a_transaction_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    assert databases(monkeypatch, DJANGO_SETTINGS_MODULE="shop.settings.production") == {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "app",
            "USER": "app",
            "PASSWORD": "p@ss",
            "HOST": "pooler",
            "PORT": 6432,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": True,
            "OPTIONS": {
                "application_name": "shop-web",
                "connect_timeout": 5,
                "keepalives": 1,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 15000,
                "prepare_threshold": None,
            },
        }
    }


@pytest.mark.parametrize("mode", ["session", "none"])
def test_other_modes_keep_what_only_a_transaction_pooler_breaks(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = databases(monkeypatch, DATABASE_POOLER=mode)["default"]
    assert default["DISABLE_SERVER_SIDE_CURSORS"] is False
    assert "prepare_threshold" not in default["OPTIONS"]


def test_the_mode_is_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    fragment = evaluate("database", monkeypatch, DATABASE_URL=URL, DATABASE_POOLER="Session")
    assert fragment["DATABASE_POOLER"] == "session"
    with pytest.raises(EnvError, match="DATABASE_POOLER: got 'statement', accepts one of trans"):
        evaluate("database", monkeypatch, DATABASE_URL=URL, DATABASE_POOLER="statement")


def test_no_startup_options_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = databases(monkeypatch, DATABASE_DIRECT_URL=URL, DATABASE_POOL_MAX_SIZE="4")
    assert all("options" not in entry["OPTIONS"] for entry in entries.values())


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_pooler_is_not_sent_what_it_refuses(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    timeout = {"SCALEREADY_STATEMENT_TIMEOUT": "9"}
    default = databases(monkeypatch, DATABASE_POOLER=mode, **timeout)["default"]
    assert "options" not in default["OPTIONS"]


def test_without_a_pooler_a_request_has_a_statement_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def options(**variables: str) -> Any:
        direct = {"DATABASE_POOLER": "none", "DATABASE_DIRECT_URL": URL, **variables}
        entries = databases(monkeypatch, **direct)
        assert "options" not in entries["direct"]["OPTIONS"]
        return entries["default"]["OPTIONS"].get("options")

    assert options() == "-c statement_timeout=14000"
    assert options(SCALEREADY_STATEMENT_TIMEOUT="0.5") == "-c statement_timeout=500"
    assert options(SCALEREADY_REQUEST_TIMEOUT="10") == "-c statement_timeout=5000"
    for role in ("worker", "beat", "manage"):
        assert options(SCALEREADY_ROLE=role) is None


def test_the_query_of_the_url_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "?connect_timeout=9&sslmode=verify-full&CONN_MAX_AGE=0&application_name=mine"
    default = databases(monkeypatch, DATABASE_URL=URL + query)["default"]
    assert default["CONN_MAX_AGE"] == 0
    assert default["OPTIONS"]["connect_timeout"] == 9
    assert default["OPTIONS"]["sslmode"] == "verify-full"
    assert default["OPTIONS"]["application_name"] == "mine"
    assert default["OPTIONS"]["keepalives"] == 1


def test_variables_for_what_differs_between_deployments(monkeypatch: pytest.MonkeyPatch) -> None:
    default = databases(monkeypatch, DATABASE_CONN_MAX_AGE="0", DATABASE_CONNECT_TIMEOUT="2")[
        "default"
    ]
    assert default["CONN_MAX_AGE"] == 0
    assert default["OPTIONS"]["connect_timeout"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_CONN_MAX_AGE", "-1"),
        ("DATABASE_CONNECT_TIMEOUT", "0"),
        ("SCALEREADY_CONNECT_TIMEOUT", "0"),
        ("SCALEREADY_STATEMENT_TIMEOUT", "0"),
        ("DATABASE_POOL_MAX_SIZE", "many"),
        ("DATABASE_URL", "postgres://app:s3cr3t@host:port/app"),
        ("DATABASE_DIRECT_URL", "http://app:s3cr3t@host/app"),
    ],
)
def test_bad_values_are_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=f"^{name}: got ") as caught:
        databases(monkeypatch, **{name: value})
    assert "s3cr3t" not in str(caught.value)


def test_several_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgres://app:x@a:6432,b:6433/app?load_balance_hosts=random"
    default = databases(monkeypatch, DATABASE_URL=url)["default"]
    assert (default["HOST"], default["PORT"]) == ("a,b", "6432,6433")
    assert default["OPTIONS"]["load_balance_hosts"] == "random"


def test_libpq_accepts_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    psycopg = pytest.importorskip("psycopg")
    from django.db.backends.postgresql.base import DatabaseWrapper

    default = databases(
        monkeypatch,
        DATABASE_URL="postgres://app:x@127.0.0.1:1,127.0.0.1:2/app?load_balance_hosts=random",
    )["default"]
    params = DatabaseWrapper({**default, "TIME_ZONE": None}, "default").get_connection_params()
    # It would say "invalid connection option" before it connects.
    params = {name: value for name, value in params.items() if isinstance(value, str | int)}
    assert psycopg.conninfo.make_conninfo(
        **{k: v for k, v in params.items() if k not in ("context", "cursor_factory")}
    )


def test_the_direct_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = databases(
        monkeypatch, DATABASE_DIRECT_URL="postgres://owner:x@db:5432/app?sslmode=require"
    )["direct"]
    assert (direct["HOST"], direct["USER"]) == ("db", "owner")
    assert direct["TEST"] == {"MIRROR": "default"}
    assert "CONN_MAX_AGE" not in direct  # nothing that only migrations use is held open
    assert "DISABLE_SERVER_SIDE_CURSORS" not in direct
    assert "prepare_threshold" not in direct["OPTIONS"]
    assert direct["OPTIONS"]["sslmode"] == "require"
    assert direct["OPTIONS"]["tcp_user_timeout"] == 15000


def test_there_is_none_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(databases(monkeypatch)) == ["default"]
    assert list(databases(monkeypatch, DATABASE_DIRECT_URL="")) == ["default"]


@pytest.mark.parametrize(("size", "minimum"), [("10", 2), ("1", 1)])
def test_a_pool_in_the_web_role(size: str, minimum: int, monkeypatch: pytest.MonkeyPatch) -> None:
    default = databases(monkeypatch, DATABASE_POOL_MAX_SIZE=size, DATABASE_CONN_MAX_AGE="60")[
        "default"
    ]
    assert default["OPTIONS"]["pool"] == {"min_size": minimum, "max_size": int(size), "timeout": 5}
    assert default["CONN_MAX_AGE"] == 0  # Django refuses both


@pytest.mark.parametrize("role", ["worker", "beat", "manage"])
def test_no_pool_elsewhere(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = databases(monkeypatch, DATABASE_POOL_MAX_SIZE="10", SCALEREADY_ROLE=role)["default"]
    assert "pool" not in default["OPTIONS"]
    assert default["CONN_MAX_AGE"] == 60
    assert default["OPTIONS"]["application_name"] == f"django-{role}"


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("mysql://u:p@h:3306/db?charset=utf8mb4", "django.db.backends.mysql"),
        ("sqlite:////srv/app.sqlite3?timeout=20", "django.db.backends.sqlite3"),
        ("oracle://u:p@h:1521/db?x=1", "django.db.backends.oracle"),
    ],
)
def test_other_databases_get_their_own_options_only(
    url: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = databases(monkeypatch, DATABASE_URL=url, DATABASE_DIRECT_URL=url)
    for entry in entries.values():
        assert entry["ENGINE"] == engine
        assert len(entry["OPTIONS"]) == 1


def test_development_has_a_local_file(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, DEBUG="true")
    default = evaluate("database", monkeypatch, DEBUG="true")["DATABASES"]["default"]
    assert default["ENGINE"] == "django.db.backends.sqlite3"
    assert default["NAME"] == "db.sqlite3"
    assert default["CONN_MAX_AGE"] == 0  # a thread of its own for each request of runserver


def test_production_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=r"^DATABASE_URL is not set"):
        evaluate("database", monkeypatch)


def test_the_worker_is_told_from_its_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    monkeypatch.setattr(sys, "argv", ["celery", "-A", "shop", "worker"])
    assert env.role() == "worker"
