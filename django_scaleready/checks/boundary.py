"""The one place where anything may go wrong in code that is not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django_scaleready.checks.base import Unknown
from django_scaleready.service_urls import redacted

T = TypeVar("T")


def reason(error: BaseException) -> str:
    """Return an error's type and message; a URL in it loses its password."""
    return " ".join(redacted(f"{type(error).__name__}: {error}").split())


def attempt(subject: str, make: Callable[..., T], *args: object) -> T | Unknown:
    """Return what ``make(*args)`` returns, or an Unknown that names the error.

    A backend of the project may raise anything from its constructor, and so may a rule that meets
    code nobody thought of. Neither may cost the user the rest of the report. A module that calls
    sys.exit() when it is imported would even end the check, with no word and perhaps with code 0.
    """
    try:
        return make(*args)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - see above; the reason is reported, never dropped
        return Unknown(subject, reason(error))
