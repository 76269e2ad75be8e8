"""Redis over TLS with a CA of its own: used if it is named, refused if not, or if the host is not
the one that the certificate is for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import trustme
from django.core.cache import caches
from django.test import override_settings
from support.celery_site import CelerySite, said
from support.fragments import evaluate

from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.needs("redis-server")]


@dataclass(frozen=True)
class Secured:
    """A server that speaks TLS alone, with a certificate for "localhost"."""

    port: int
    authority: Path
    supervisor: Supervisor

    def url(self, database: int = 0, host: str = "localhost") -> str:
        return f"rediss://{host}:{self.port}/{database}"


@pytest.fixture(scope="module")
def server() -> Iterator[Secured]:
    with Supervisor() as supervisor:
        issuer = trustme.CA()
        authority, key, chain = (supervisor.directory / f"{n}.pem" for n in ("ca", "key", "chain"))
        issuer.cert_pem.write_to_path(authority)
        certificate = issuer.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(key)
        certificate.cert_chain_pems[0].write_to_path(chain)
        port = supervisor.port()
        process = supervisor.process(
            "redis-tls",
            [str(shutil.which("redis-server")), "--bind", "127.0.0.1", "--port", "0", "--save", "",
             "--tls-port", port, "--tls-cert-file", chain, "--tls-key-file", key,
             "--tls-ca-cert-file", authority, "--tls-auth-clients", "no"],
        )  # fmt: skip
        process.start()
        process.wait_until(lambda: "Ready to accept" in process.tail(), 10, "ready")
        yield Secured(port, authority, supervisor)


def refused(settings: dict[str, object]) -> str:
    with override_settings(**settings), pytest.raises(redis.ConnectionError) as error:
        caches["sessions"].get("key")
    return str(error.value)


def test_a_private_ca_is_trusted_if_it_is_named(
    server: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = evaluate(
        "cache", monkeypatch, REDIS_URL=server.url(), REDIS_CA_FILE=str(server.authority)
    )
    with override_settings(**settings):
        caches["sessions"].set("key", [1.0, "value"])
        assert caches["sessions"].get("key") == [1.0, "value"]
        caches["default"].set("key", "value")
        assert caches["default"].get("key") == "value"


def test_it_is_refused_if_not(server: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    # Another database, or the pool of the test above would be used.
    url = server.url(5)
    error = refused(evaluate("cache", monkeypatch, REDIS_URL=url))
    assert "CERTIFICATE_VERIFY_FAILED" in error


def test_another_host_s_certificate_is_refused(
    server: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url(7, host="127.0.0.1")
    error = refused(
        evaluate("cache", monkeypatch, REDIS_URL=url, REDIS_CA_FILE=str(server.authority))
    )
    assert "CERTIFICATE_VERIFY_FAILED" in error
    assert "127.0.0.1" in error


def test_worker_beat_and_results_use_it(server: Secured, supervisor: Supervisor) -> None:
    plain = Valkey(supervisor)  # never started: nothing may need it
    site = CelerySite(
        supervisor,
        plain,
        REDIS_URL=server.url(),
        REDIS_CA_FILE=str(server.authority),
        CELERY_RESULT_BACKEND=server.url(3),
    )
    site.worker()
    beat = site.celery("beat", "beat")
    beat.start()
    output = site.send('print("result", note.delay("over-tls").get(timeout=10))')
    assert "result " in output
    site.wait_for("over-tls")
    site.wait_for("tick", 2)
    assert said(beat, "this beat leads") == 1


def test_none_of_them_does_without_the_ca(server: Secured, supervisor: Supervisor) -> None:
    site = CelerySite(supervisor, Valkey(supervisor), REDIS_URL=server.url())
    worker, beat = site.celery("worker", "worker"), site.celery("beat", "beat")
    for process in (worker, beat):
        process.start()
    for process in (worker, beat):
        until(lambda p=process: said(p, "CERTIFICATE_VERIFY_FAILED"), 20, "refused")
    assert "CERTIFICATE_VERIFY_FAILED" in site.send('note.delay("never")')
