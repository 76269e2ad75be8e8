"""The registered checks, Django's and other apps' too, one that raises among them."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import Any

from django.core import checks
from django.core.checks.registry import CheckRegistry, registry

from django_scaleready.checks.base import UNKNOWN_ID
from django_scaleready.checks.boundary import reason
from django_scaleready.unloadable import place


class Guarded(CheckRegistry):
    """Runs what is registered, by name, for one run.

    Django's own run ends with the first check that raises: where the URLconf cannot be imported,
    all the others have nothing to say.
    """

    def __init__(self, root: Path) -> None:
        """Take the project's folder, which a place is relative to."""
        super().__init__()
        self._root = root
        self._raised: dict[str, list[str]] = {}

    def get_checks(self, include_deployment_checks: bool = False) -> Any:
        """Return the registered checks, in an order that is the same in the next run."""
        found = registry.get_checks(include_deployment_checks)
        return [self._guard(check) for check in sorted(found, key=_name)]

    def run_checks(self, *args: Any, **options: Any) -> list[checks.CheckMessage]:
        """Return what the checks say, and an error for each reason for which some raised."""
        messages: list[checks.CheckMessage] = list(super().run_checks(*args, **options))
        return [*messages, *map(_message, self._raised.items())]

    def _guard(self, check: Any) -> Any:
        @wraps(check)
        def guarded(**options: Any) -> list[checks.CheckMessage]:
            try:
                return list(check(**options))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - anybody's code; it is shown
                at = place(error, self._root)
                said = f"{reason(error)}{f' ({at})' if at else ''}"
                self._raised.setdefault(said, []).append(_name(check))
                return []

        return guarded


def _name(check: Any) -> str:
    return f"{check.__module__}.{check.__qualname__}"


def _message(raised: tuple[str, list[str]]) -> checks.CheckMessage:
    said, names = raised
    return checks.Error(
        f"{', '.join(names)} raised {said}",
        hint="What these checks look for is not known; the others ran.",
        id=UNKNOWN_ID,
    )
