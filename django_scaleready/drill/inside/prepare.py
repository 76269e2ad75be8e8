"""A program: what a release does once. Migrates, makes a user, prints JSON: {"user": name}.

The name is "" where the project has no users, or none can be made without knowing more of them.
"""

from __future__ import annotations

import secrets
import sys
from typing import Any

import django
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connections, models

from django_scaleready.drill.inside.answering import answer

_NAME = "scaleready-drill"
_MAIL = "drill@example.com"


def migrate() -> None:
    """Migrate every database that is not another one's mirror."""
    for alias in connections:
        if not connections[alias].settings_dict["TEST"]["MIRROR"]:
            call_command("migrate", database=alias, interactive=False, verbosity=0)


def make_user() -> str:
    """Make a user that nobody knows the password of; return what it is found by."""
    if not apps.is_installed("django.contrib.auth"):
        return ""
    from django.contrib.auth import get_user_model

    model = get_user_model()
    fields = {name: _value(model._meta.get_field(name)) for name in _wanted(model)}
    try:
        user, _ = model._default_manager.get_or_create(
            **{model.USERNAME_FIELD: fields.pop(model.USERNAME_FIELD)}, defaults=fields
        )
        user.set_password(secrets.token_urlsafe())
        user.save()
    except (DatabaseError, TypeError, ValueError, ValidationError) as error:
        print(f"No user could be made: {error}", file=sys.stderr)  # noqa: T201 - a program
        return ""
    return str(user.get_username())


def _wanted(model: type[models.Model]) -> list[str]:
    return [model.USERNAME_FIELD, *model.REQUIRED_FIELDS]  # type: ignore[attr-defined] # of a user


def _value(field: Any) -> object:
    if isinstance(field, models.EmailField):
        return _MAIL
    if isinstance(field, models.CharField | models.TextField):
        return _NAME[: field.max_length]
    return field.get_default()


def prepare() -> dict[str, str]:
    """Do all of it."""
    django.setup()
    migrate()
    return {"user": make_user()}


if __name__ == "__main__":
    answer(prepare)
