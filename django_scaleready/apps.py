"""The app: what is checked when a process starts."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from django_scaleready import unloadable
from django_scaleready.celery import signals
from django_scaleready.conf import conf

PROBES = "django_scaleready.middleware.ProbeMiddleware"
# They watch a request and hand it on, answer nothing themselves and insist on being first.
WATCHERS = ("django_prometheus.", "opentelemetry.")


def check_middleware(**_: Any) -> list[checks.CheckMessage]:
    """``scaleready.W900``: something that may answer a probe stands before the probes.

    A project without the middleware is left alone: it may have probes of its own.
    """
    middleware = list(settings.MIDDLEWARE)
    if PROBES not in middleware:
        return []
    before = [
        path for path in middleware[: middleware.index(PROBES)] if not path.startswith(WATCHERS)
    ]
    if not before:
        return []
    return [
        checks.Warning(
            f"ProbeMiddleware is not first in MIDDLEWARE: {', '.join(before)} runs before it.",
            hint=(
                f"Move {PROBES} to the top. What runs before it may answer a probe with 400"
                " (Host) or 301 (HTTPS), or open a session."
            ),
            id="scaleready.W900",
        )
    ]


class ScalereadyConfig(AppConfig):
    """Refuses to start on a bad ``SCALEREADY``, and watches the kit's own wiring."""

    name = "django_scaleready"
    label = "scaleready"

    def __init__(self, app_name: str, app_module: Any) -> None:
        # As early as an app can be: the models of those after it are still to be loaded.
        unloadable.watch()
        super().__init__(app_name, app_module)

    def ready(self) -> None:
        """Validate ``SCALEREADY``; raises ImproperlyConfigured, naming the option."""
        conf.validate()
        checks.register(check_middleware)
        signals.connect()
