"""One page for the tests that need any page at all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home\n", content_type="text/plain")


urlpatterns = [path("", home)]
