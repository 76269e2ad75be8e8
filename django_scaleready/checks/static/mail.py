"""What sends mail, by reading the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import global_settings

from django_scaleready.checks.known.classes import Named
from django_scaleready.checks.live import Mailer
from django_scaleready.checks.static.mail_ways import MAIL, by_options
from django_scaleready.checks.static.reader.definitions import Settings
from django_scaleready.checks.static.reader.places import place
from django_scaleready.checks.static.values.undecided import UNDECIDED, decided

SMTP = "django.core.mail.backends.smtp.EmailBackend"
# Stands for a time-out that only running the settings would tell.
SOME = 1.0
NAMING = frozenset({"EMAIL_BACKEND", "MAILERS"})


def all_mailers(settings: Settings, make: Callable[..., Named], root: Path) -> list[Mailer]:
    """Return what sends mail, also where an optional variable has to name the relay."""
    names = settings.names
    found = dict.fromkeys(mailers(names, make))
    relayed = [names | taken for taken, own in settings.optional if "EMAIL_HOST" in own]
    if relayed and "EMAIL_HOST" not in names and all(map(_ends, relayed)):
        # Without that branch there is no relay but this machine.
        found = dict.fromkeys(replace(each, timeout=each.timeout or SOME) for each in found)
    for taken, definitions in [*settings.optional, *by_options(names, settings.definitions)]:
        if definitions.keys() & NAMING:
            for each in mailers(names | taken, make):
                where = place([definitions], each.setting[0], each.setting[1:], root)
                known = found.setdefault(each, where)
                if known is None and names.keys().isdisjoint(MAIL):
                    # Nothing else says that mail is sent: whoever sets the variable sends it.
                    found[each] = where
    return [replace(each, chosen_at=where) for each, where in found.items()]


def _ends(names: dict[str, Any]) -> bool:
    return names.get("EMAIL_TIMEOUT") is not None


def mailers(names: dict[str, Any], make: Callable[..., Named]) -> list[Mailer]:
    """Return the mailers that MAILERS, or else EMAIL_BACKEND, names."""
    configured = names.get("MAILERS")
    if isinstance(configured, dict):
        found = [
            (alias, config) for alias, config in configured.items() if isinstance(config, dict)
        ]
        return [_mailer(str(alias), config, make) for alias, config in found]
    backend = names.get("EMAIL_BACKEND", global_settings.EMAIL_BACKEND)
    timeout, folder = names.get("EMAIL_TIMEOUT"), names.get("EMAIL_FILE_PATH")
    if not isinstance(backend, str):
        return []
    timeout = SOME if timeout is UNDECIDED else timeout
    return [Mailer(make(backend), timeout, folder, ("EMAIL_BACKEND",))]  # type: ignore[arg-type]  # stands for the class


def _mailer(alias: str, config: dict[str, Any], make: Callable[..., Named]) -> Mailer:
    raw = config.get("OPTIONS")
    options = raw if isinstance(raw, dict) else {}
    timeout = SOME if options.get("timeout") is UNDECIDED else options.get("timeout")
    backend = decided(config).get("BACKEND", SMTP)
    folder = decided(options).get("file_path")
    return Mailer(make(str(backend)), timeout, folder, ("MAILERS", alias))  # type: ignore[arg-type]  # stands for the class
