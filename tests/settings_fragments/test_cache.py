"""CACHES: bounded against a Redis that is down or silent, verified over TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from support.fragments import evaluate

from django_scaleready.env import EnvError

URL = "redis://app:s3cret@redis:6379/0"


def made(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    found: dict[str, Any] = evaluate("cache", monkeypatch, **variables)["CACHES"]
    return found


def options(cache: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = cache["OPTIONS"]["CONNECTION_POOL_KWARGS"]
    return found


@contextmanager
def silent_server() -> Iterator[int]:
    """It accepts, in its backlog, and never answers; who waits for ever is sent away in the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        hang_up = threading.Timer(20, server.shutdown, [socket.SHUT_RDWR])
        hang_up.start()
        yield server.getsockname()[1]
        hang_up.cancel()


@contextmanager
def nobody() -> Iterator[int]:
    """A port that refuses."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_each_alias_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = made(monkeypatch, REDIS_URL=URL)
    assert caches["default"]["LOCATION"] == [URL]
    assert caches["sessions"]["LOCATION"] == ["redis://app:s3cret@redis:6379/1"]


def test_each_alias_may_have_a_server_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = made(
        monkeypatch,
        REDIS_URL=URL,
        CACHE_URL="redis://cache:6379/7",
        SESSION_CACHE_URL="rediss://sessions:6380/9",
    )
    assert caches["default"]["LOCATION"] == ["redis://cache:6379/7"]
    assert caches["sessions"]["LOCATION"] == ["rediss://sessions:6380/9"]
    assert "ssl_cert_reqs" not in options(caches["default"])
    assert options(caches["sessions"])["ssl_cert_reqs"] == ssl.CERT_REQUIRED


def test_a_password_may_hold_a_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    caches_made = made(monkeypatch, REDIS_URL="redis://:a,b@redis:6379/0")
    with override_settings(CACHES=caches_made):
        assert caches["default"].client._server == ["redis://:a,b@redis:6379/0"]


def test_errors_are_ignored_where_they_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = made(monkeypatch, REDIS_URL=URL)
    assert caches["default"]["OPTIONS"]["IGNORE_EXCEPTIONS"] is True
    assert "IGNORE_EXCEPTIONS" not in caches["sessions"]["OPTIONS"]


class Steps:
    """What an operation did on its way: connections it tried, limits it sat out, pauses it made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connects = 0
        self.sat_out: list[float | None] = []
        self.pauses: list[float] = []
        for name in ("connect", "recv", "recv_into"):
            method = self._watched(name, getattr(socket.socket, name))
            monkeypatch.setattr(socket.socket, name, method)
        monkeypatch.setattr("redis.retry.sleep", self.pauses.append)

    def _watched(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def watched(sock: socket.socket, *args: Any) -> Any:
            self.connects += name == "connect"
            try:
                return method(sock, *args)
            except TimeoutError:
                self.sat_out.append(sock.gettimeout())
                raise

        return watched


@pytest.mark.parametrize(
    ("server", "connects", "sat_out"), [(silent_server, 1, [0.5]), (nobody, 2, [])]
)
@pytest.mark.parametrize("alias", ["default", "sessions"])
def test_an_operation_is_bounded_by_one_time_out(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    alias: str,
    *,
    server: Any,
    connects: int,
    sat_out: list[float],
) -> None:
    with server() as port:
        settings = evaluate("cache", monkeypatch, REDIS_URL=f"redis://127.0.0.1:{port}/0")
        steps = Steps(monkeypatch)
        with override_settings(**settings):
            if alias == "default":
                assert caches[alias].get("key", "missing") == "missing"
                assert "Exception ignored" in caplog.text
            else:
                with pytest.raises((RedisTimeoutError, RedisConnectionError)):
                    caches[alias].get("key")
    assert (steps.sat_out, steps.pauses) == (sat_out, [])
    assert 1 <= steps.connects <= connects


def test_the_time_out_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = made(monkeypatch, REDIS_URL=URL, REDIS_SOCKET_TIMEOUT="0.2")
    for cache in caches.values():
        assert options(cache)["socket_timeout"] == 0.2
        assert options(cache)["socket_connect_timeout"] == 0.2


def test_tls_is_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    for name, expected in (("", None), (str(authority), str(authority))):
        caches = made(monkeypatch, REDIS_URL="rediss://redis:6380/0", REDIS_CA_FILE=name)
        for cache in caches.values():
            assert options(cache)["ssl_cert_reqs"] == ssl.CERT_REQUIRED
            assert options(cache)["ssl_check_hostname"] is True
            assert options(cache)["ssl_ca_certs"] == expected


def test_a_ca_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=r"REDIS_CA_FILE: got '/no/ca.pem', accepts the path"):
        made(monkeypatch, REDIS_URL=URL, REDIS_CA_FILE="/no/ca.pem")


def test_production_without_redis_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match="REDIS_URL is not set"):
        made(monkeypatch)


def test_a_wrong_url_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match="CACHE_URL") as refused:
        made(monkeypatch, REDIS_URL=URL, CACHE_URL="http://app:s3cret@redis/0")
    assert "s3cret" not in str(refused.value)


def test_development_without_redis_has_two_caches_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caches = made(monkeypatch, DEBUG="true")
    assert {c["BACKEND"] for c in caches.values()} == {
        "django.core.cache.backends.locmem.LocMemCache"
    }
    assert caches["default"]["LOCATION"] != caches["sessions"]["LOCATION"]


def test_a_build_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = made(monkeypatch, SCALEREADY_BUILD="1")
    assert caches["default"]["LOCATION"] == ["redis://build.invalid:6379/0"]
