"""The probes through Django's own handlers, WSGI and ASGI, with the whole middleware stack."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from support import probe_checks

from django_scaleready import lifecycle
from django_scaleready.drill.waiting import until
from django_scaleready.middleware import ProbeMiddleware
from django_scaleready.probe_paths import BY_PATH
from django_scaleready.probes import asking

TOKEN = "a-long-probe-token"
BROKEN = {
    "PROBE_TOKEN": TOKEN,
    "PROBES": {
        "readiness": {
            "database": {"CHECK": "support.probe_checks.fail"},
            "cache": {"CHECK": "support.probe_checks.well"},
        }
    },
}
PATHS = [p + slash for p in ("/livez", "/readyz", "/startupz", "/healthz") for slash in ("", "/")]


@pytest.fixture(autouse=True)
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A replica that has passed the gate, and knows nothing of any check yet.

    A machine that stands still for a while is no check that hangs.
    """
    monkeypatch.setenv("SCALEREADY_PROBE_DEADLINE", "30")
    lifecycle.started()
    asking.forget()
    yield
    asking.forget()


@pytest.fixture
def broken() -> Iterator[None]:
    """Readiness with a database that is away."""
    with override_settings(SCALEREADY=BROKEN):
        yield


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Records of every level from all loggers, Django's included."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_path_answers(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Length"] == "3"


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_path_answers_under_asgi(path: str) -> None:
    response = asyncio.run(AsyncClient().get(path))
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.parametrize("path", ["/", "/livezz", "/livez//", "//livez", "/a/livez", "/LIVEZ"])
def test_every_other_path_is_the_project_s(path: str) -> None:
    middleware = ProbeMiddleware(lambda _: HttpResponse("the project's"))
    assert middleware(RequestFactory().get(path)).content == b"the project's"


def test_a_pass_through_adds_nothing_under_asgi() -> None:
    async def project(request: HttpRequest) -> HttpResponse:
        return HttpResponse("the project's")

    response = asyncio.run(ProbeMiddleware(project)(RequestFactory().get("/")))
    assert response.content == b"the project's"


@override_settings(ALLOWED_HOSTS=[], SECURE_SSL_REDIRECT=True)
def test_neither_the_host_nor_the_scheme_matters(client: Client) -> None:
    assert client.get("/livez", headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/", headers={"host": "10.1.2.3:8000"}).status_code in {301, 400}


def test_paths_are_below_the_script_name(client: Client) -> None:
    assert client.get("/livez", SCRIPT_NAME="/app").status_code == 200
    assert client.get("/app/livez").status_code == 404


def test_head_has_the_headers_and_no_body(client: Client) -> None:
    response = client.head("/livez")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == "3"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_by_name(client: Client, method: str) -> None:
    response = client.generic(method, "/readyz")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Length"] == "0"


def test_liveness_asks_nothing(client: Client) -> None:
    # Not marked django_db: pytest-django refuses any access to the database.
    for slash in ("", "/"):
        assert client.get(f"/livez{slash}", headers={"x-probe-token": TOKEN}).content == b"ok\n"


@pytest.mark.django_db
def test_no_session_is_opened(client: Client) -> None:
    client.cookies["sessionid"] = "any"
    response = client.get("/readyz")
    assert response.cookies == {}
    assert "Vary" not in response


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-probe-token": ""},
        {"x-probe-token": TOKEN[:-1]},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": TOKEN},
        {"authorization": "Bearer"},
        {"authorization": "Bearer schlüssel"},
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/health+json"])
def test_no_details_without_the_token(
    client: Client, headers: Mapping[str, str], accept: str
) -> None:
    response = client.get("/readyz", headers={**headers, "accept": accept})
    assert response.status_code == 503
    assert response.content in {b"unavailable\n", b'{"status": "fail"}\n'}


@override_settings(SCALEREADY={"PROBES": BROKEN["PROBES"]})
def test_no_details_where_no_token_is_declared(client: Client) -> None:
    for token in ("", "None", "null"):
        response = client.get("/readyz", headers={"x-probe-token": token})
        assert response.content == b"unavailable\n"


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"bearer  {TOKEN} "},
        {"x-probe-token": TOKEN},
        {"x-probe-token": TOKEN, "authorization": "Basic YTpi"},
    ],
)
def test_details_with_the_token(client: Client, headers: Mapping[str, str]) -> None:
    response = client.get("/readyz", headers={**headers, "accept": "application/health+json"})
    assert response["Content-Type"] == "application/health+json"
    document = json.loads(response.content)
    assert document["status"] == "fail"
    assert document["checks"]["database:responseTime"][0]["output"] == "ConnectionRefusedError"
    assert document["checks"]["cache:responseTime"][0]["status"] == "pass"
    assert b"db.internal" not in response.content
    plain = client.get("/readyz", headers=headers).content
    assert plain.startswith(b"unavailable\ndatabase fail")


@override_settings(SCALEREADY={**BROKEN, "PROBE_TOKEN": "schlüssel"})
def test_a_token_beyond_ascii(client: Client) -> None:
    # The bytes that curl sends, as WSGI hands them on.
    sent = "schlüssel".encode().decode("latin-1")
    assert b"database" in client.get("/readyz", headers={"x-probe-token": sent}).content


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/plain"),
        ("*/*", "text/plain"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/plain"),
        ("image/png", "text/plain"),
        ("", "text/plain"),
        ("nonsense;;q=x, ,", "text/plain"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("application/health+json", "application/health+json"),
        ("application/json;q=0.5, application/health+json", "application/health+json"),
        ("application/json, text/plain;q=0.1", "application/json"),
    ],
)
def test_the_media_type_is_the_one_asked_for(
    client: Client, accept: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"accept": accept}
    response = client.get("/livez", headers=headers)
    assert (response.status_code, response["Content-Type"]) == (200, media_type)


@pytest.mark.usefixtures("broken")
def test_a_failure_is_one_line_however_often_it_is_asked_for(
    client: Client, logged: pytest.LogCaptureFixture
) -> None:
    client.get("/livez")
    assert logged.records == []
    for _ in range(3):
        assert client.get("/readyz").status_code == 503
    # The thread that found it writes it down.
    until(lambda: logged.records, 5, "the line")
    (record,) = logged.records
    assert (record.name, record.levelname) == ("django_scaleready.probes", "WARNING")
    assert record.getMessage() == (
        "readiness fail: database: ConnectionRefusedError: db.internal:5432 refused"
    )


@pytest.mark.usefixtures("broken")
def test_a_failure_is_one_line_under_asgi(logged: pytest.LogCaptureFixture) -> None:
    assert asyncio.run(AsyncClient().get("/readyz")).status_code == 503
    until(lambda: logged.records, 5, "the line")
    assert [r.name for r in logged.records if r.levelno >= logging.WARNING] == [
        "django_scaleready.probes"
    ]


@override_settings(SCALEREADY={"PROBES": BROKEN["PROBES"]})
def test_a_token_file_that_went_away_fails_only_who_offers_a_token(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALEREADY_PROBE_TOKEN_FILE", "/nonexistent/token")
    assert client.get("/readyz").status_code == 503
    client.raise_request_exception = False
    assert client.get("/readyz", headers={"x-probe-token": TOKEN}).status_code == 500


def test_a_failure_reaches_a_scraper(client: Client) -> None:
    # What Prometheus sends; it throws the body of any other status away.
    accept = (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )
    with override_settings(SCALEREADY=BROKEN):
        response = client.get("/readyz", headers={"accept": accept, "x-probe-token": TOKEN})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {f.name: f for f in text_string_to_metric_families(response.content.decode())}
    failed = [s.labels for s in families["scaleready_check"].samples if s.value]
    assert {"probe": "readiness", "component": "database", "scaleready_check": "fail"} in failed


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_version_is_everybody_s_and_what_is_below_it_the_token_s(
    client: Client, slash: str
) -> None:
    declared = {"VERSION": "2026.11.3", "PROBE_TOKEN": TOKEN}
    with override_settings(SCALEREADY=declared):
        assert client.get(f"/version{slash}").content == b"2026.11.3\n"
        accept = {"accept": "application/json"}
        assert client.get("/version", headers=accept).json() == {"version": "2026.11.3"}
        told = client.get("/version", headers={**accept, "x-probe-token": TOKEN}).json()
        assert {"version", "django", "python"} <= told.keys()


def test_an_undeclared_version_leaves_the_path_to_the_project(client: Client) -> None:
    assert "/version" not in BY_PATH
    assert client.get("/version").status_code == 404


def test_the_paths_are_the_declared_ones(client: Client) -> None:
    declared = {
        "PROBE_PREFIX": "/internal",
        "PROBE_PATHS": {"liveness": "/alive", "health": None},
    }
    with override_settings(SCALEREADY=declared):
        assert client.get("/internal/alive").status_code == 200
        assert client.get("/internal/alive/").status_code == 200
        for path in ("/livez", "/alive", "/internal/livez", "/internal/healthz", "/healthz"):
            assert client.get(path).status_code == 404
    assert client.get("/livez").status_code == 200


def test_a_flight_does_not_block_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def project(request: HttpRequest) -> HttpResponse:
        return HttpResponse("served")

    async def main() -> None:
        middleware: Any = ProbeMiddleware(project)
        waiting = [
            asyncio.create_task(middleware(RequestFactory().get("/readyz"))) for _ in range(50)
        ]
        await asyncio.sleep(0)  # they have begun
        served = await middleware(RequestFactory().get("/"))
        assert served.content == b"served"
        assert not any(task.done() for task in waiting), "the flight has not landed yet"
        gate.open.set()
        statuses = {(await task).status_code for task in waiting}
        assert statuses == {200}

    gate = probe_checks.Gate()
    gate.open.clear()
    monkeypatch.setattr(probe_checks, "well", gate)
    path = "support.probe_checks.well"
    with override_settings(SCALEREADY={"PROBES": {"readiness": [path]}, "PROBE_DEADLINE": 10}):
        asyncio.run(main())
    assert gate.asked == 1
