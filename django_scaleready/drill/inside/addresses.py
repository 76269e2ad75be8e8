"""``/.drill/...``: what any project can be asked, whatever its own pages are.

They stand behind the whole middleware of the project, so that sessions, users and files are the
project's own. Only a drill's settings have them.

=============  ====  ==============================================================================
page/          GET   nothing but the middleware
slow/          GET   answers after ``?seconds=``
query/         GET   one query to the default database
count/         POST  counted, like each POST with an X-Drill-Id
login/         POST  signs in ``?user=``, if there is one, and marks the session with ``?mark=``
session/       GET   JSON: who is signed in, and the mark
upload/        POST  stores the body under ``?name=``; JSON: its name, and if the project has files
upload/        GET   the file of this ``?name=``
cache/         POST  sets ``?key=`` to ``?value=`` in the default cache; says if CACHES is declared
cache/         GET   the value of ``?key=``
row/           POST  makes a row named ``?name=`` in the default database
row/           GET   404 if there is no such row
log/           POST  JSON: who takes an error with ``?text=`` from each logger, by logger
=============  ====  ==============================================================================
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse

from django_scaleready.drill.inside import hop

PREFIX = "/.drill/"
PLENTY = 300  # seconds: how long a cached value is kept

Address = Callable[[HttpRequest], HttpResponse]


def find(request: HttpRequest) -> Address | None:
    """Return what answers a request, None if it is the project's."""
    if not request.path_info.startswith(PREFIX):
        return None
    name = request.path_info.removeprefix(PREFIX).strip("/")
    return _ADDRESSES.get((request.method or "", name), _unknown)


async def call_async(address: Address, request: HttpRequest) -> HttpResponse:
    """Answer under ASGI; ``slow`` must not hold the one thread that all sync code shares."""
    if address is _slow:
        await asyncio.sleep(_seconds(request))
        return HttpResponse("slept")
    return await sync_to_async(address)(request)


def _unknown(_request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound("no such address of the drill")


def _page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


def _seconds(request: HttpRequest) -> float:
    return float(request.GET.get("seconds", "1"))


def _slow(request: HttpRequest) -> HttpResponse:
    time.sleep(_seconds(request))
    return HttpResponse("slept")


def _query(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(f"rows {cursor.fetchone()}")


def _count(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("counted")


def _login(request: HttpRequest) -> HttpResponse:
    if (name := request.GET.get("user")) and apps.is_installed("django.contrib.auth"):
        from django.contrib.auth import get_user_model, login

        user = get_user_model()._default_manager.get_by_natural_key(name)
        # Without its form, which may ask for a second factor, solve riddles or be elsewhere.
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    if hasattr(request, "session"):
        request.session["drill"] = request.GET.get("mark", "")
    return _session(request)


def _session(request: HttpRequest) -> HttpResponse:
    user = getattr(request, "user", None)
    session = getattr(request, "session", None)
    return JsonResponse(
        {
            "user": user.get_username() if user is not None and user.is_authenticated else None,
            "mark": session.get("drill") if session is not None else None,
        }
    )


def _upload(request: HttpRequest) -> HttpResponse:
    name = default_storage.save(request.GET.get("name", "drill"), ContentFile(request.body))
    return JsonResponse({"name": name, "used": hop.takes_uploads()})


def _download(request: HttpRequest) -> HttpResponse:
    name = request.GET.get("name", "drill")
    if not default_storage.exists(name):
        return HttpResponseNotFound("no such file")
    with default_storage.open(name) as file:
        return HttpResponse(file.read(), content_type="application/octet-stream")


def _set_cache(request: HttpRequest) -> HttpResponse:
    cache.set(request.GET["key"], request.GET["value"], PLENTY)
    return HttpResponse("declared" if hop.caches_declared() else "undeclared")


def _get_cache(request: HttpRequest) -> HttpResponse:
    return HttpResponse(cache.get(request.GET["key"], ""))


_ADDRESSES: dict[tuple[str, str], Address] = {
    ("GET", "page"): _page,
    ("GET", "slow"): _slow,
    ("GET", "query"): _query,
    ("POST", "count"): _count,
    ("POST", "login"): _login,
    ("GET", "session"): _session,
    ("POST", "upload"): _upload,
    ("GET", "upload"): _download,
    ("POST", "cache"): _set_cache,
    ("GET", "cache"): _get_cache,
    ("POST", "row"): hop.create_row,
    ("GET", "row"): hop.find_row,
    ("POST", "log"): hop.log_everywhere,
}
