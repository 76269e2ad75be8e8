"""A URLconf of one page that does nothing: what a request costs here is the middleware's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(_request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse(b"", content_type="text/plain")


urlpatterns = [path("", page)]
