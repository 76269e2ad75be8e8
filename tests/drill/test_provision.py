"""A drill has services of its own, and never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from django_scaleready.drill import provision
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.target import Facts
from django_scaleready.drill.waiting import DrillError


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


def database(engine: str = "postgresql", **entry: str) -> dict[str, str]:
    empty = dict.fromkeys(("NAME", "HOST", "PORT", "USER", "PASSWORD"), "")
    return {**empty, "ENGINE": f"django.db.backends.{engine}", **entry}


def facts(databases: dict[str, dict[str, str]] | None = None, **known: Any) -> Facts:
    return Facts(
        **{
            "wsgi": "",
            "asgi": "",
            "databases": databases or {},
            "redis": [],
            "uses_kit": False,
            "proxy_header": [],
            "remote_storages": [],
            "needs_broker": False,
            "static_root": "",
            "paths": {},
            "imported_from": [],
            **known,
        }
    )


def test_a_project_on_files_alone_gets_nothing(supervisor: Supervisor) -> None:
    made = provision.embedded(supervisor, facts({"default": database("sqlite3")}))
    assert made == provision.Provision()
    assert made.environment() == {}


@pytest.mark.parametrize("engine", ["mysql", "oracle"])
def test_a_database_without_a_stand_in_is_refused(supervisor: Supervisor, engine: str) -> None:
    with pytest.raises(DrillError, match=rf"DATABASES\['default'\] is .*{engine}"):
        provision.embedded(supervisor, facts({"default": database(engine)}))


@pytest.mark.parametrize(
    "known",
    [
        {"databases": {"default": database(HOST="10.1.2.3", PASSWORD="secret")}},
        {"databases": {"default": database(HOST="no-such-host.invalid", PASSWORD="secret")}},
        {"redis": ["redis://:secret@10.1.2.3:6379/0"]},
    ],
    ids=["address", "name", "redis"],
)
def test_a_server_elsewhere_is_refused_without_its_password(
    supervisor: Supervisor, known: dict[str, Any]
) -> None:
    with (
        pytest.raises(DrillError, match="which is not this machine") as raised,
        provision.configured(supervisor, facts(**known)),
    ):
        pass
    assert "secret" not in str(raised.value)


@pytest.mark.live
def test_embedded_services_are_empty_and_answer(supervisor: Supervisor) -> None:
    real = database(HOST="db.example.com", NAME="real")
    known = facts(
        {"default": real, "same": real, "other": database(HOST="db.example.com", NAME="other")},
        redis=["redis://redis.example.com/0"],
        remote_storages=["default"],
    )
    made = provision.embedded(supervisor, known)
    assert made.databases["default"] == made.databases["same"] != made.databases["other"]
    with psycopg.connect(made.environment()["DATABASE_URL"]) as connection:
        assert connection.info.dbname == "drill_default"
    assert made.valkey is not None
    assert made.valkey.client(3).dbsize() == 0
    assert len(set(made.redis)) == 16
    assert made.environment()["MEDIA_S3_BUCKET"] == "drill"


@pytest.mark.live
def test_configured_servers_lend_an_empty_database_and_get_it_back(supervisor: Supervisor) -> None:
    postgres, valkey = Postgres(supervisor), Valkey(supervisor)
    postgres.start()
    valkey.start()
    postgres.create_database("real")
    for number in (0, 15):
        valkey.client(number).set("real", "1")
    known = facts(
        {"default": database(HOST="127.0.0.1", PORT=str(postgres.port), USER=USER, NAME="real")},
        redis=[valkey.url(0)],
    )
    names = "SELECT datname FROM pg_database WHERE datname LIKE 'scaleready_%'"
    with provision.configured(supervisor, known) as made:
        assert postgres.execute(names) == [(made.databases["default"]["NAME"],)]
        assert made.databases["default"]["NAME"] != "real"
        assert made.redis == [valkey.url(14)]
        valkey.client(14).set("of the drill", "1")
        assert made.postgres is None  # it is not the drill's to stop
    assert postgres.execute(names) == []
    assert valkey.client(14).dbsize() == 0
    assert valkey.client(0).get("real") == valkey.client(15).get("real") == "1"
