"""async-under-gevent: while one coroutine waits, the thread of all other requests is its own."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, image, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.async_under_gevent import RULE

GEVENT = image("gunicorn -k gevent shop.wsgi")
URLS = {
    "shop/urls.py": """from django.urls import path
from shop import views
urlpatterns = [path("rates", views.rates)]
"""
}
COROUTINE = {"shop/views.py": "async def rates(request): ...\n", **URLS}
CLASS = "from django.views import View\nclass Rates(View):\n  async def get(self, request): ...\n"
ONLY = """from django.utils.decorators import async_only_middleware
@async_only_middleware
def timed(get_response): ...
"""
CAPABLE = "class Timed:\n  async_capable = True\n  sync_capable = False\n"


@pytest.mark.parametrize(
    ("deploy", "place"),
    [
        (GEVENT, "Dockerfile:3"),
        (image("gunicorn -w4 -kgevent shop.wsgi"), "Dockerfile:3"),
        (image("gunicorn --worker-class=gunicorn.workers.ggevent.GeventWorker x"), "Dockerfile:3"),
        (
            {**image("gunicorn x"), "gunicorn.conf.py": "workers = 2\nworker_class = 'eventlet'\n"},
            "gunicorn.conf.py:2",
        ),
        (
            {"Procfile": "web: uwsgi --module x --gevent 100 --gevent-monkey-patch\n"},
            "Procfile:1",
        ),
    ],
)
def test_finds_the_server(make_project: Make, deploy: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, {**deploy, **COROUTINE})
    assert places(findings) == [place]
    assert [str(related) for related in findings[0].related] == ["shop/views.py:1"]
    assert findings[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    "code",
    [
        {"shop/rates.py": CLASS},
        {"shop/api.py": "import ninja\n@router.get('/x')\nasync def rates(request): ...\n"},
        {"shop/rates.py": COROUTINE["shop/views.py"], "shop/urls.py":
            "from django.urls import path\nfrom shop.rates import rates\npath('x', w(rates))\n"},
        {"shop/one.py": "from django.urls import path\nasync def rates(request): ...\n"
            "urlpatterns = [path('x', csrf_exempt(rates))]\n"},
        {"shop/urls.py": "from health_check.views import HealthCheckView\n"
            "path('x', HealthCheckView.as_view())\n"},
    ],
)  # fmt: skip
def test_finds_the_view(make_project: Make, code: dict[str, str]) -> None:
    (finding,) = found(make_project, RULE, {**GEVENT, **code})
    assert len(finding.related) == 1


@pytest.mark.parametrize("code", [ONLY, CAPABLE])
def test_finds_middleware(make_project: Make, code: str) -> None:
    name = "timed" if code is ONLY else "Timed"
    files = {**GEVENT, "shop/middleware.py": code}
    assert found(make_project, RULE, files, MIDDLEWARE=[f"shop.middleware.{name}"])


@pytest.mark.parametrize(
    "code",
    [
        "from asgiref.sync import async_to_sync\ndef f(request): async_to_sync(send)()\n",
        "import asyncio\ndef f(request): asyncio.run(send())\n",
        "import asyncio\ndef f(request): asyncio.new_event_loop().run_until_complete(send())\n",
    ],
)
def test_a_loop_in_a_view_is_a_warning(make_project: Make, code: str) -> None:
    (finding,) = found(make_project, RULE, {**GEVENT, "shop/views.py": code})
    assert finding.severity is Severity.WARNING


def test_another_server_beside_it_makes_it_a_warning(make_project: Make) -> None:
    files = {"Procfile": "web: gunicorn -k gevent x\nasync: daphne shop.asgi:application\n"}
    (finding,) = found(make_project, RULE, {**files, **COROUTINE})
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "deploy",
    [
        {},
        image("gunicorn shop.wsgi"),
        image("gunicorn -k gthread shop.wsgi"),
        image("gunicorn -kgthread -n gevent shop.wsgi"),
        image("gunicorn -k uvicorn_worker.UvicornWorker shop.asgi"),
        image("gunicorn shop.wsgi") | {"gunicorn.conf.py": "worker_class = 'gthread'\n"},
        {"docker-compose.dev.yml": "services:\n  web:\n    command: gunicorn -k gevent x\n"},
        # Nothing yields there: one request after the other.
        {"Procfile": "web: uwsgi --module x --gevent 100\n"},
        # Tasks have a gevent of their own.
        {"Procfile": "web: gunicorn x\nworker: celery -A shop worker -P gevent\n"},
    ],
)  # fmt: skip
def test_another_server_is_silent(make_project: Make, deploy: dict[str, str]) -> None:
    assert found(make_project, RULE, {**deploy, **COROUTINE}) == []


@pytest.mark.parametrize(
    "code",
    [
        {"shop/views.py": "def rates(request): ...\n", **URLS},
        # No URL leads to it, and not all that is called request is Django's.
        {"shop/client.py": "async def send(request): ...\n", **URLS},
        {"shop/api.py": "from fastapi import FastAPI\n" + COROUTINE["shop/views.py"], **URLS},
        {"shop/rates.py": "from aiohttp import web\nclass R(web.View):\n"
            "  async def get(self, request): ...\n"},
        {"shop/consumers.py": "from channels.generic.http import AsyncHttpConsumer\n"
            "class R(AsyncHttpConsumer):\n  async def handle(self, request): ...\n"},
        {"shop/management/commands/rates.py": CLASS},
        {"shop/tests/test_rates.py": CLASS},
        {"tests/urls.py": "from django.urls import path\n" + COROUTINE["shop/views.py"]
            + "urlpatterns = [path('x', rates)]\n"},
        # Both worlds: the wrapper that is a coroutine is for the other one.
        {"shop/views.py": "def cached(view):\n  async def rates(request): ...\n  return rates\n",
            **URLS},
        {"shop/views.py": "class Kept:\n  async def rates(self, request): ...\n", **URLS},
        {"shop/urls.py": "from shop.health import HealthCheckView\n"
            "path('x', HealthCheckView.as_view())\n"},
    ],
)  # fmt: skip
def test_other_code_is_silent(make_project: Make, code: dict[str, str]) -> None:
    assert found(make_project, RULE, {**GEVENT, **code}) == []


@pytest.mark.parametrize(
    "code",
    [
        "class timed:\n  async_capable = True\n  sync_capable = True\n",
        (
            "from django.utils.decorators import sync_and_async_middleware as both\n"
            "@both\ndef timed(get_response):\n  async def middleware(request): ...\n"
        ),
        ONLY.replace("timed", "unused"),
    ],
)
def test_other_middleware_is_silent(make_project: Make, code: str) -> None:
    files = {**GEVENT, "shop/middleware.py": code}
    assert found(make_project, RULE, files, MIDDLEWARE=["shop.middleware.timed"]) == []


@pytest.mark.parametrize(
    "code",
    [
        (
            "import asyncio\nfrom celery import shared_task\n@shared_task\n"
            "def f(request): asyncio.run(send())\n"
        ),
        "import asyncio\ndef f(): asyncio.run(send())\n",
        "import subprocess\ndef f(request): subprocess.run(['x'])\n",
        (
            "from asgiref.sync import async_to_sync\nfrom channels.generic.websocket import X\n"
            "class C(X):\n  def receive(self, text): async_to_sync(self.layer.send)()\n"
        ),
        "from asgiref.sync import sync_to_async\nasync def f(request): await sync_to_async(g)()\n",
        "import asyncio\nif __name__ == '__main__':\n  asyncio.run(main())\n",
    ],
)
def test_other_loops_are_silent(make_project: Make, code: str) -> None:
    assert found(make_project, RULE, {**GEVENT, "shop/code.py": code}) == []
