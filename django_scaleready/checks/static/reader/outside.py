"""What settings take from Django itself: its own defaults, which they build on."""

from __future__ import annotations

import copy
from typing import Any

from django.conf import global_settings

from django_scaleready.checks.static import logs
from django_scaleready.checks.static.values.undecided import Ref

DEFAULTS = "django.conf.global_settings."


def of_django(dotted: str) -> Any:
    """Return a copy of a default of Django's by its dotted name; of all else, the name."""
    if dotted == "django.utils.log.DEFAULT_LOGGING":
        return copy.deepcopy(logs.default())
    name = dotted.removeprefix(DEFAULTS)
    if name != dotted and name.isupper() and hasattr(global_settings, name):
        return copy.deepcopy(getattr(global_settings, name))
    return Ref(dotted)
