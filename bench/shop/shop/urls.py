"""What is asked while the shop is restarted."""

from __future__ import annotations

import time

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

WORK_SECONDS = 0.002
MOST_SECONDS = 30.0


def page(_request: HttpRequest) -> HttpResponse:
    """A page that takes 2 ms."""
    time.sleep(WORK_SECONDS)
    return HttpResponse("page")


@csrf_exempt
def order(_request: HttpRequest) -> HttpResponse:
    """A POST that must not be lost and not be executed twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    time.sleep(WORK_SECONDS)
    return HttpResponse("ordered")


@csrf_exempt
def slow(request: HttpRequest) -> HttpResponse:
    """Takes the seconds it is told."""
    time.sleep(min(float(request.GET.get("seconds", "1")), MOST_SECONDS))
    return HttpResponse("slow")


def health(_request: HttpRequest) -> HttpResponse:
    """The health page of a project without probes."""
    return HttpResponse("ok")


urlpatterns = [
    path("", page),
    path("order", order),
    path("slow", slow),
    path("health", health),
]
