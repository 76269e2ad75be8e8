"""The one place where anything may go wrong in code that is not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django_scaleready.checks.base import Unknown
from django_scaleready.service_urls import redact

T = TypeVar("T")


def reason(error: BaseException) -> str:
    """Return an error's type and message; a URL in it loses its password."""
    text = f"{type(error).__name__}: {error}"
    return " ".join(redact(word) if "://" in word else word for word in text.split())


def attempt(subject: str, make: Callable[..., T], *args: object) -> T | Unknown:
    """Return what ``make(*args)`` returns, or an Unknown that names the error.

    A backend of the project may raise anything from its constructor, and so may a rule that meets
    code nobody thought of. Neither may cost the user the rest of the report.
    """
    try:
        return make(*args)
    except Exception as error:  # noqa: BLE001 - see above; the reason is reported, never dropped
        return Unknown(subject, reason(error))
