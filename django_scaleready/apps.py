"""The app: what is checked when a process starts."""

from __future__ import annotations

import difflib
import os
import re
from contextlib import suppress
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.urls import Resolver404, resolve
from django.utils.module_loading import autodiscover_modules

from django_scaleready import probe_paths, unloadable
from django_scaleready.celery import signals
from django_scaleready.conf import LADDER_OPTIONS, OPTIONS, conf
from django_scaleready.probe_paths import Probe
from django_scaleready.probes import asking, groups
from django_scaleready.replica_state import replica
from django_scaleready.shapes import usable

PROBES = "django_scaleready.middleware.ProbeMiddleware"
# What the groups and the paths are made of.
PROBE_SETTINGS = frozenset({"CACHES", "DATABASES", "DEBUG", "SCALEREADY", "STORAGES"})
# They watch a request and hand it on, answer nothing themselves and insist on being first.
WATCHERS = ("django_prometheus.", "opentelemetry.")
PREFIX = "SCALEREADY_"
# Read from the environment, beside the ladder; the last ones by the kit's own processes.
VARIABLES = frozenset(
    {"BUILD", "PROBE_PREFIX", "PROBE_TOKEN", "PROBE_TTL", "ROLE", "SHARED_FAILURE_AFTER", "VERSION",
     "WITNESS", "DRILL", "TWIN_HOST", "TWIN_SHIFT", "WITNESS_FOLDER", *LADDER_OPTIONS}
)  # fmt: skip
# What Kubernetes tells every pod of a Service of that name.
SERVICE = re.compile(r"(SERVICE_(HOST|PORT)|PORT)(_|$)")


def check_middleware(**_: Any) -> list[checks.CheckMessage]:
    """``scaleready.W900``: something that may answer a probe stands before the probes.

    A project without the middleware is left alone: it may have probes of its own.
    """
    middleware = _middleware()
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


def _middleware() -> list[str]:
    # What is no list is for Django to refuse, when it makes the handler.
    listed: list[str] = usable("MIDDLEWARE", settings.MIDDLEWARE)
    return list(listed)


def check_paths(**_: Any) -> list[checks.CheckMessage]:
    """``scaleready.W901``: a page of the project stands where a probe answers, and is never seen.

    ``/version`` and ``/healthz`` are names that others give, too.
    """
    if PROBES not in _middleware() or not getattr(settings, "ROOT_URLCONF", ""):
        return []
    return [
        checks.Warning(
            f"The project's page at {path} is never seen: the {probe} probe answers there.",
            hint=(
                f'Move the page, or the probe: SCALEREADY["PROBE_PATHS"] = {{"{probe}": ...}},'
                " None to switch it off, or PROBE_PREFIX for all of them."
            ),
            id="scaleready.W901",
        )
        for path, probe in sorted(probe_paths.BY_PATH.items())
        if _is_page(path)
    ]


def check_variables(**_: Any) -> list[checks.CheckMessage]:
    """``scaleready.W902``: a ``SCALEREADY_`` variable that nothing reads."""
    return [
        checks.Warning(
            f"The variable {variable} is set, and nothing reads it.",
            hint=_meant(option),
            id="scaleready.W902",
        )
        for variable in sorted(os.environ)
        if variable.startswith(PREFIX)
        and (option := variable.removeprefix(PREFIX).removesuffix("_FILE")) not in VARIABLES
        and not SERVICE.match(option)
    ]


def _meant(option: str) -> str:
    if option in OPTIONS:
        return f'It is an option of the settings alone: SCALEREADY = {{"{option}": ...}}.'
    close = difflib.get_close_matches(option, sorted(VARIABLES), n=1)
    return f"Did you mean {PREFIX}{close[0]}?" if close else "Take it out."


def _is_page(path: str) -> bool:
    view = _view(path)
    # A pattern that takes everything, as a single-page application has, means no page of its own.
    return view is not None and view is not _view(f"{path.rstrip('/')}-and-no-page")


def _view(path: str) -> object:
    try:
        return resolve(path).func
    except Resolver404:
        return None


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
        # For who stops the replica and has read no settings, as uWSGI's keeper.
        ladder = conf.ladder
        replica.declare(
            drain=ladder.drain, graceful=ladder.graceful_timeout, timeout=ladder.worker_timeout
        )
        # Before the groups are looked at: they may list what these declare.
        autodiscover_modules("probes")
        set_up_probes()
        setting_changed.connect(_follow_settings)
        checks.register(check_middleware)
        checks.register(check_paths, checks.Tags.urls)
        checks.register(check_variables)
        signals.connect_once_imported()
        if share := conf.witness:
            # Not at the top: without a share of requests to watch, nothing of it is loaded.
            from django_scaleready.witness import sampling

            sampling.start(share)


def set_up_probes() -> None:
    """Validate the groups and take the declared paths; raises ImproperlyConfigured."""
    groups.validate()
    paths = dict(conf.probe_paths)
    if not conf.version:
        paths[Probe.VERSION] = None  # /version stays the project's
    probe_paths.use(conf.probe_prefix, paths)


def _follow_settings(*, setting: str, **_: Any) -> None:
    """Django's signal for a test that overrides a setting."""
    if setting in PROBE_SETTINGS:
        asking.forget()
        # What is wrong is said where it is read, not to whoever set it.
        with suppress(ImproperlyConfigured):
            set_up_probes()
