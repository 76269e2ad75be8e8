"""From a request for a probe to its answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare
from django.utils.log import log_response

from django_scaleready.conf import conf
from django_scaleready.probes.formats import MEDIA_TYPES, PLAIN, write
from django_scaleready.probes.groups import Group
from django_scaleready.probes.results import Result, Status, overall
from django_scaleready.probes.runner import run

logger = logging.getLogger("django_scaleready.probes")

METHODS = ("GET", "HEAD")


def answer(request: HttpRequest, group: Group) -> HttpResponse:
    """200 or 503 for one probe, 405 for any method but GET and HEAD.

    Other methods are not passed on: the project's answer to ``OPTIONS /readyz`` (what a bare
    ``option httpchk`` of HAProxy sends) could be a 200 that has checked nothing.
    """
    if request.method not in METHODS:
        return HttpResponseNotAllowed(
            METHODS, headers={"Cache-Control": "no-store", "Content-Length": "0"}
        )
    results = run(group.checks)
    response = _respond(request, results)
    _log(request, response, group, results)
    return response


def _respond(request: HttpRequest, results: Sequence[Result]) -> HttpResponse:
    media_type = PLAIN
    # What balancers and the kubelet send. Parsing it took 23 of liveness' 53 µs.
    if request.META.get("HTTP_ACCEPT", "*/*") != "*/*":
        media_type = request.get_preferred_type(MEDIA_TYPES) or PLAIN
    body = write(results, media_type, details=bool(results) and _trusted(request))
    return HttpResponse(
        b"" if request.method == "HEAD" else body,
        status=503 if overall(results) is Status.FAIL else 200,
        content_type=media_type,
        headers={
            # A proxy that remembers an earlier 200 keeps a dead replica in rotation.
            "Cache-Control": "no-store",
            # CommonMiddleware, which sets it, comes later; without it the server has to send a
            # chunked body or to close the connection.
            "Content-Length": str(len(body)),
        },
    )


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


def _log(
    request: HttpRequest, response: HttpResponse, group: Group, results: Sequence[Result]
) -> None:
    """One line for a probe that failed or was slow, none for one that passed."""
    reasons = [f"{r.component}: {r.reason}" for r in results if r.status is not Status.PASS]
    if not reasons:
        return
    # Django's own function, because it marks the response as logged: ``django.request`` would
    # write a second line for each 503, and mail it to ADMINS.
    log_response(
        "%s %s: %s",
        group.name,
        overall(results),
        "; ".join(reasons),
        response=response,
        request=request,
        logger=logger,
        level="warning",
    )
