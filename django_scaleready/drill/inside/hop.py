"""Two addresses of ``/.drill/`` that only the hop asks: a row of the database, and every logger."""

from __future__ import annotations

import importlib
import logging
import logging.handlers
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.models import FileField
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse

from django_scaleready.drill.inside.order import current

# What these take is gone from the replica, to where it may well be read.
_ELSEWHERE = (
    logging.handlers.HTTPHandler,
    logging.handlers.SMTPHandler,
    logging.handlers.SocketHandler,
    logging.handlers.SysLogHandler,
)
_KNOWN = ("django", "django_scaleready", "logging")


def create_row(request: HttpRequest) -> HttpResponse:
    """Make a user of this ``?name=``; 404 if the project has no users of Django's kind."""
    if not apps.is_installed("django.contrib.sessions"):
        return HttpResponseNotFound("no table that is known")
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    # Not a user: a project's own may require who knows what.
    Session.objects.create(
        session_key=request.GET["name"], session_data="", expire_date=timezone.now()
    )
    return HttpResponse("created")


def find_row(request: HttpRequest) -> HttpResponse:
    """Say whether there is such a row."""
    from django.contrib.sessions.models import Session

    known = Session.objects.filter(session_key=request.GET["name"]).exists()
    return HttpResponse("known") if known else HttpResponseNotFound("no such row")


def log_everywhere(request: HttpRequest) -> HttpResponse:
    """Log ``<text>:<name>;`` as an error by each logger; answer with who took it, by name.

    A logger that hands its records to something beyond the replica is left out: whether they
    arrive cannot be seen from here.
    """
    taken: dict[str, str] = {}
    for name in _names():
        handlers = list(_handlers(logging.getLogger(None if name == "root" else name)))
        if any(map(_leads_elsewhere, handlers)):
            continue
        text = f"{request.GET.get('text', '')}:{name};"
        logging.getLogger(None if name == "root" else name).error("%s", text)
        kinds = dict.fromkeys(type(handler).__name__ for handler in handlers)
        taken[name] = ", ".join(kinds) or "no handler"
    return JsonResponse(taken)


def caches_declared() -> bool:
    """Whether the project says something of its caches; the default is one for each process."""
    return hasattr(importlib.import_module(current().settings), "CACHES")


def takes_uploads() -> bool:
    """Whether the project keeps files: a model has a field for them, or MEDIA_ROOT is set."""
    fields = (field for model in apps.get_models() for field in model._meta.get_fields())
    return bool(settings.MEDIA_ROOT) or any(isinstance(field, FileField) for field in fields)


def _names() -> list[str]:
    # django.request has the traceback of a 500.
    return list(dict.fromkeys(["root", "django.request", *settings.LOGGING.get("loggers", {})]))


def _handlers(logger: logging.Logger) -> Iterator[logging.Handler]:
    """The handlers that an error logged by it gets to."""
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, "", (), None)
    above: logging.Logger | None = logger
    while above is not None:
        for handler in above.handlers:
            if handler.level <= logging.ERROR and handler.filter(record):
                yield handler
        above = above.parent if above.propagate else None


def _leads_elsewhere(handler: logging.Handler) -> bool:
    package = type(handler).__module__.partition(".")[0]
    own = package in _KNOWN or isinstance(handler, logging.StreamHandler)
    return isinstance(handler, _ELSEWHERE) or not own
