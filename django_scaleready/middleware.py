"""The probes' place in a project: first in ``MIDDLEWARE``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from django_scaleready.probe_paths import BY_PATH
from django_scaleready.probes.answer import answer, answer_soon


class ProbeMiddleware:
    """Answers ``/livez``, ``/readyz`` and the other probes; hands everything else on untouched.

    First, because a balancer names a replica by its address: Host validation would answer 400 and
    the redirect to HTTPS 301, and a probe that opens the session needs what it is asked about.
    Paths are compared below ``SCRIPT_NAME``.
    """

    sync_capable = True
    async_capable = True

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]],
    ) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        probe = BY_PATH.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        return answer_soon(request, probe) if self.is_async else answer(request, probe)
