"""A project of one view, without the kit: what a drill makes of any project."""

from __future__ import annotations

from pathlib import Path

SETTINGS = """
from pathlib import Path
BASE = Path(__file__).resolve().parent.parent
SECRET_KEY = "tiny"
ROOT_URLCONF = "tiny.urls"
WSGI_APPLICATION = "tiny.wsgi.application"
ASGI_APPLICATION = "tiny.asgi.application"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE / "db.sqlite3"}}
MEDIA_ROOT = BASE / "media"
ALLOWED_HOSTS = ["*"]
"""
URLS = """
from django.http import HttpResponse
from django.urls import include, path, re_path
def page(request, **kwargs):
    return HttpResponse("page" if request.method == "GET" else "posted")
def secret(request):
    return HttpResponse(status=200 if request.user.is_authenticated else 403)
urlpatterns = [
    path("", page),
    path("shop/", include(([path("basket/", page), path("<int:pk>/", page)], "shop"))),
    re_path(r"^old/$", page),
    re_path(r"^old/(?P<pk>[0-9]+)/$", page),
    path("secret/", secret),
    path("basket/delete/", page),
]
"""
ENTRY = """
import os
from django.core.{kind} import get_{kind}_application
{line}
application = get_{kind}_application()
"""
SETDEFAULT = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tiny.settings")'


def write(folder: Path, *, settings: str = "", urls: str = "", entry: str = SETDEFAULT) -> Path:
    """Write the project to ``folder/site`` and return that.

    ``settings`` and ``urls`` are added to its own.
    """
    package = folder / "site" / "tiny"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "settings.py").write_text(SETTINGS + settings)
    (package / "urls.py").write_text(URLS + urls)
    for kind in ("wsgi", "asgi"):
        (package / f"{kind}.py").write_text(ENTRY.format(kind=kind, line=entry))
    return package.parent
