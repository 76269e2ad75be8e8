"""The command lines are the documented ones, and the naive ones know nothing of the kit."""

from __future__ import annotations

import pytest

from django_scaleready.drill.servers import SERVERS, server
from django_scaleready.drill.waiting import DrillError


def line(name: str, *, naive: bool = False) -> str:
    return " ".join(SERVERS[name].argv("/venv/bin/python", "shop.wsgi:application", 9, naive=naive))


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("naive", [True, False])
def test_each_serves_the_application_on_loopback(name: str, naive: bool) -> None:
    text = line(name, naive=naive)
    assert "shop.wsgi:application" in text
    assert "127.0.0.1:9" in text or "--host 127.0.0.1 --port 9" in text


@pytest.mark.parametrize("name", SERVERS)
def test_a_naive_one_does_not_know_the_kit(name: str) -> None:
    assert "scaleready" not in line(name, naive=True)


@pytest.mark.parametrize("name", ["gthread", "sync", "gevent", "asgi", "uvicorn-worker"])
def test_gunicorn_gets_the_kits_configuration(name: str) -> None:
    assert "gunicorn -c python:django_scaleready.gunicorn" in line(name)


def test_uwsgi_gets_the_kits_file() -> None:
    assert "django_scaleready uwsgi-ini" in line("uwsgi")


def test_an_unknown_server_is_refused_with_those_there_are() -> None:
    with pytest.raises(DrillError, match=r"'apache'; there are gthread, sync, .*uwsgi"):
        server("apache")
