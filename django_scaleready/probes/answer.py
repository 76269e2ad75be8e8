"""From a request for a probe to its answer."""

from __future__ import annotations

import json
import platform

import django
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare

import django_scaleready
from django_scaleready.conf import conf
from django_scaleready.probe_paths import Probe
from django_scaleready.probes.asking import ask
from django_scaleready.probes.flights import now, soon
from django_scaleready.probes.formats import (
    CONTENT_TYPES,
    JSON,
    MEDIA_TYPES,
    OPENMETRICS,
    PLAIN,
    write,
)
from django_scaleready.probes.results import Outcome, Status

METHODS = ("GET", "HEAD")


def answer(request: HttpRequest, probe: Probe) -> HttpResponse:
    """200 or 503 for one probe, 405 for any method but GET and HEAD.

    Other methods are not passed on: the project's answer to ``OPTIONS /readyz`` (what a bare
    ``option httpchk`` of HAProxy sends) could be a 200 that has checked nothing.
    """
    if request.method not in METHODS:
        return _refuse()
    if probe is Probe.VERSION:
        return _version(request)
    return _respond(request, probe, now(ask(probe, holds_thread=True)))


async def answer_soon(request: HttpRequest, probe: Probe) -> HttpResponse:
    """``answer`` for ASGI: waits without holding the loop up."""
    if request.method not in METHODS:
        return _refuse()
    if probe is Probe.VERSION:
        return _version(request)
    # The waiting itself needs no thread. Django's ASGI handler, where ``front`` could not answer
    # before it, gives each request one all the same, for the receivers of request_started, and
    # keeps it until the answer.
    return _respond(request, probe, await soon(ask(probe, holds_thread=True)))


def _refuse() -> HttpResponse:
    return HttpResponseNotAllowed(
        METHODS, headers={"Cache-Control": "no-store", "Content-Length": "0"}
    )


def _respond(request: HttpRequest, probe: Probe, outcome: Outcome) -> HttpResponse:
    media_type = preferred(request)
    body = write(probe, outcome, media_type, details=bool(outcome.results) and _trusted(request))
    # A scraper throws the body of a 503 away, and with it the one line that says so.
    failed = outcome.status is Status.FAIL and media_type != OPENMETRICS
    response = _response(request, body, media_type, 503 if failed else 200)
    if failed:
        # Django's mark for "logged": the journal writes a line for each change, ``django.request``
        # would write one for each probe, and mail it to ADMINS.
        response._has_been_logged = True  # type: ignore[attr-defined]  # the stubs lack it
    return response


def _version(request: HttpRequest) -> HttpResponse:
    """What is deployed, for everybody; on what, for whoever holds the token."""
    media_type = preferred(request)
    told = {"version": conf.version}
    if _trusted(request):
        told |= {
            "django": django.get_version(),
            "python": platform.python_version(),
            "django-scaleready": django_scaleready.__version__,
        }
    if media_type == PLAIN:
        lines = [told.pop("version"), *(f"{name} {version}" for name, version in told.items())]
        return _response(request, "\n".join([*lines, ""]).encode(), PLAIN, 200)
    return _response(request, (json.dumps(told) + "\n").encode(), JSON, 200)


def _response(request: HttpRequest, body: bytes, media_type: str, status: int) -> HttpResponse:
    return HttpResponse(
        b"" if request.method == "HEAD" else body,
        status=status,
        content_type=CONTENT_TYPES[media_type],
        headers={
            # A proxy that remembers an earlier 200 keeps a dead replica in rotation.
            "Cache-Control": "no-store",
            # CommonMiddleware, which sets it, comes later; without it the server has to send a
            # chunked body or to close the connection.
            "Content-Length": str(len(body)),
        },
    )


def preferred(request: HttpRequest) -> str:
    """Return which of MEDIA_TYPES the request prefers."""
    # What balancers and the kubelet send: nothing, or */*, which is not worth parsing.
    if request.META.get("HTTP_ACCEPT", "*/*") == "*/*":
        return PLAIN
    # Django's own choice wants the parameters to be equal, and Prometheus sends some of its own.
    for accepted in request.accepted_types:
        for ours in MEDIA_TYPES:
            main, _, sub = ours.partition("/")
            if accepted.main_type in {main, "*"} and accepted.sub_type in {sub, "*"}:
                return ours
    return PLAIN


def _trusted(request: HttpRequest) -> bool:
    """Does the request carry the token, as ``Authorization: Bearer`` or ``X-Probe-Token``?"""
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    given = [request.META.get("HTTP_X_PROBE_TOKEN", "")]
    if scheme.lower() == "bearer":
        given.append(credentials)
    # Header values arrive as latin-1 whatever their bytes were, and ``constant_time_compare``
    # would encode them as UTF-8 a second time.
    offered = [value.strip().encode("latin-1", "replace") for value in given if value.strip()]
    # Read only for who offers one: a token file that went away must not fail the balancer's probe.
    token = conf.probe_token if offered else None
    return token is not None and any(constant_time_compare(value, token) for value in offered)
