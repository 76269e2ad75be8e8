"""What a worker and a beat do otherwise than by themselves; connected when the app is loaded."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader

SIGNALS = "celery.signals"


def keep_logging(**_: Any) -> None:
    """Leave logging as the project's ``LOGGING`` has set it up, for worker, children and beat.

    Without a receiver Celery gives the root logger a handler of its own, and tasks another: lines
    that the collector of the JSON lines cannot read. ``LOG_LEVEL`` decides then, not
    ``--loglevel``. Past all logging go the banner, which ``celery --quiet`` leaves out, and what
    the worker's signal handler writes, ``worker: Warm shutdown``.
    """


def settle_patiently(**_: Any) -> None:
    """In a worker, before it opens a channel."""
    # The web processes, which load the app too, need no transport for it.
    import_module("django_scaleready.celery.acknowledging").use()


def connect() -> None:
    """Connect the receivers. Django has applied ``LOGGING`` by now.

    A project whose root logger has no handler would have a worker that says nothing: there Celery
    may set up its own.
    """
    from celery.signals import celeryd_after_setup, setup_logging

    celeryd_after_setup.connect(
        settle_patiently, dispatch_uid="django_scaleready.celery.settle_patiently"
    )
    if logging.getLogger().handlers:
        setup_logging.connect(keep_logging, dispatch_uid="django_scaleready.celery.keep_logging")


def connect_once_imported() -> None:
    """Connect the receivers now if Celery is loaded, else as soon as it is.

    A process that has nothing to do with tasks would load Celery for them, which takes most of the
    time that this app takes to start. A worker has loaded it before the app; a command of the
    project's may do so later.
    """
    if SIGNALS in sys.modules:
        connect()
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Sees when Celery's signals are imported, once."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - as importlib calls it
        target: ModuleType | None = None,  # noqa: ARG002 - as importlib calls it
    ) -> ModuleSpec | None:
        """Have the module loaded as it would be, and the receivers connected then."""
        if fullname != SIGNALS:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # it has what is called
        return spec


class _Loader:
    def __init__(self, own: Loader) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__loader__ = module.__spec__.loader = self._own
        self._own.exec_module(module)
        connect()
