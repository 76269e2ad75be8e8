from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from django_scaleready.probes.checks import broker
from django_scaleready.probes.checks.broker import Broker
from django_scaleready.probes.members import CheckFailedError


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    app = Celery("site", set_as_current=False)
    monkeypatch.setattr(broker, "celery_app", lambda: app)
    yield app
    app.close()


@pytest.mark.parametrize(
    ("url", "eager", "declared"),
    [
        ("redis://127.0.0.1:1/0", False, True),
        ("redis://127.0.0.1:1/0", True, False),
        ("memory://", False, False),
        ("filesystem://", False, False),
    ],
)
def test_a_broker_is_declared_if_tasks_go_there(
    app: Celery, url: str, eager: bool, declared: bool
) -> None:
    app.conf.update(broker_url=url, task_always_eager=eager)
    assert broker.declared() is declared


def test_without_an_app_there_is_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "celery_app", lambda: None)
    assert not broker.declared()
    with pytest.raises(CheckFailedError, match="no Celery app"):
        Broker()()


def test_a_broker_that_answers(app: Celery) -> None:
    app.conf.broker_url = "memory://"
    Broker()()


def test_a_broker_that_refuses(app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[object] = []
    pauses: list[float] = []
    connect = socket.socket.connect

    def counted(sock: socket.socket, address: tuple[str, int]) -> None:
        tries.append(address)
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", counted)
    for module in ("kombu.utils.functional", "redis.retry"):
        monkeypatch.setattr(f"{module}.sleep", pauses.append)
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    with pytest.raises(OperationalError, match="refused"):
        Broker()()
    assert 1 <= len(tries) <= 2  # at most one more, and without a pause between
    assert pauses == []
