"""The environment, typed. An error names the variable, what it got and what it accepts.

``NAME_FILE`` works for every variable, because Docker and Kubernetes mount secrets as files. A
variable that is set but empty counts as not set: ``REDIS_URL=`` in a compose file is a template
that nobody filled in, not a wish for no Redis.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from environ import Env
from environ.fileaware_mapping import FileAwareMapping

from django_scaleready.service_urls import (
    REDIS_SCHEMES,
    database_schemes,
    fault,
    redact,
    shift_database,
    spelt,
)

ROLES = ("web", "worker", "beat", "manage")
TRUE = frozenset({"true", "on", "yes", "y", "1"})
FALSE = frozenset({"false", "off", "no", "n", "0"})

_WEB_SERVERS = ("gunicorn", "uvicorn", "daphne", "hypercorn", "granian", "uwsgi", "mod_wsgi")
_CELERY_TAKES_VALUE = ("-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config")
_DATABASE_FLAGS = frozenset(
    {"ATOMIC_REQUESTS", "AUTOCOMMIT", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS"}
)
_REQUIRED: Final = object()


class EnvError(ImproperlyConfigured):
    """A variable is missing or malformed. The message never holds a password."""


class Environment:
    """Reads variables when asked; nothing is cached."""

    def __init__(self) -> None:
        # No cache: a rotated secret would otherwise be read in its old form by a later import.
        # Not FileAwareEnv's own casts: they take a leading "$" for the name of another variable,
        # and a generated SECRET_KEY may well begin with one.
        self._variables = FileAwareMapping(cache=False)  # type: ignore[no-untyped-call]  # theirs

    def _read(self, name: str) -> str:
        """Return the value of NAME or the content of the file NAME_FILE, "" if neither is set."""
        file = self._variables.env.get(f"{name}_FILE", "")
        if file and self._variables.env.get(name, ""):
            raise EnvError(f"{name} and {name}_FILE are both set; keep one of them.")
        try:
            value = str(self._variables[name])
        except KeyError:
            return ""
        except OSError as error:
            raise EnvError(f"{name}_FILE: cannot read {file!r}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise EnvError(f"{name}_FILE: {file!r} is not in UTF-8.") from None
        value = value.rstrip("\r\n") if file else value  # An editor's, not the secret's.
        return value if value.strip() else ""

    def _refuse(self, name: str, value: str, accepts: str) -> EnvError:
        return EnvError(f"{name}: got {redact(value)!r}, accepts {accepts}.")

    @property
    def production(self) -> bool:
        """True unless ``DEBUG`` holds a true value: a forgotten variable must fail loudly."""
        return self._read("DEBUG").strip().lower() not in TRUE

    @property
    def building(self) -> bool:
        """True while an image is built: services are named, and none of them can be reached."""
        return self.flag("SCALEREADY_BUILD")

    def role(self) -> str:
        """Return "web", "worker", "beat" or "manage", by ``SCALEREADY_ROLE`` or the command line.

        A program that is not known (a script, a test runner) is "manage".
        """
        return self.choice("SCALEREADY_ROLE", ROLES, _role_of(sys.argv))

    def text(self, name: str, default: str | object = _REQUIRED) -> str:
        """Return a string as it stands; EnvError if it is not set and has no default."""
        value = self._read(name)
        if value:
            return value
        if isinstance(default, str):
            return default
        raise EnvError(f"{name} is not set. Set it, or {name}_FILE to a file that holds it.")

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a true or false value, in any case: true/false, on/off, yes/no, 1/0."""
        value = self._read(name).strip().lower()
        if value in TRUE or value in FALSE:
            return value in TRUE
        if not value:
            return default
        raise self._refuse(name, value, "true or false")

    def whole(
        self, name: str, default: int, *, minimum: int = 0, maximum: int | None = None
    ) -> int:
        """Return a whole number within the limits, both included."""
        value = self._read(name).strip()
        if not value:
            return default
        above = f"to {maximum}" if maximum is not None else "upwards"
        number = int(value) if re.fullmatch(r"[+-]?[0-9]{1,18}", value) else None
        if number is None or number < minimum or (maximum is not None and number > maximum):
            raise self._refuse(name, value, f"a whole number from {minimum} {above}")
        return number

    def seconds(self, name: str, default: float, *, minimum: float = 0.0) -> float:
        """Return a finite number of seconds, with or without a fraction."""
        value = self._read(name).strip()
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < minimum:
            raise self._refuse(name, value, f"seconds, a number from {minimum:g} upwards")
        return number

    def share(self, name: str, default: float) -> float:
        """Return a number from 0 to 1, both included."""
        value = self._read(name).strip()
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 <= number <= 1:
            raise self._refuse(name, value, "a share, a number from 0 to 1")
        return number

    def choice(self, name: str, accepts: Iterable[str], default: str) -> str:
        """Return one of ``accepts``, spelt as there, whatever the case of the value."""
        spelt = {word.lower(): word for word in accepts}
        value = self._read(name).strip()
        if not value:
            return default
        if value.lower() not in spelt:
            raise self._refuse(name, value, f"one of {', '.join(spelt.values())}")
        return spelt[value.lower()]

    def words(
        self, name: str, default: Iterable[str] = (), *, accepts: Iterable[str] = ()
    ) -> list[str]:
        """Return a comma separated list without blanks around or empty items.

        With ``accepts``, any other word is refused; the words are then in lower case.
        """
        words = [word.strip() for word in self._read(name).split(",") if word.strip()]
        if not words:
            return list(default)
        if not accepts:
            return words
        for word in words:
            if word.lower() not in accepts:
                raise self._refuse(name, word, f"a comma separated list of {', '.join(accepts)}")
        return [word.lower() for word in words]

    def text_with_extra(self, name: str, *, modules: Iterable[str], extra: str) -> str:
        """Return a string or ""; EnvError if it is set and what it needs is not installed."""
        value = self.text(name, "")
        missing = [module for module in modules if value and find_spec(module) is None]
        if missing:
            raise EnvError(
                f"{name} is set, but {' and '.join(missing)} cannot be imported."
                f' Install "django-scaleready[{extra}]".'
            )
        return value

    def file(self, name: str) -> str:
        """Return the path of a file, "" if not set; EnvError if the file is not there."""
        path = self._read(name).strip()
        if path and not Path(path).is_file():
            raise EnvError(f"{name}: got {path!r}, accepts the path of a file that exists.")
        return path

    def service(
        self, name: str, *, schemes: Sequence[str], development: str, placeholder: str
    ) -> str:
        """Return the URL of a service that production cannot do without.

        Not set: ``placeholder`` while an image is built, ``development`` under DEBUG, else
        EnvError. Several URLs may be joined by ";", as Celery's brokers are; each is checked.
        """
        value = self._read(name).strip()
        accepts = spelt(schemes)
        if value:
            for url in re.split(r";(?=[a-z0-9+.-]+://)", value):
                if wrong := fault(url, schemes):
                    # Without a scheme it may be anything, a bare password included.
                    got = repr(redact(url)) if "://" in url else "a value that is no URL"
                    raise EnvError(f"{name}: got {got}, accepts {accepts}: {wrong}.")
            return value
        if self.building:
            return placeholder
        if self.production:
            raise EnvError(
                f"{name} is not set. Set it to {schemes[0]}://..., or {name}_FILE to a file with"
                " it, or DEBUG=true for development, or SCALEREADY_BUILD=1 while building an image."
            )
        return development

    def redis(self, name: str, *, shift: int, also: Sequence[str] = ()) -> str:
        """Return NAME, or ``REDIS_URL`` with its database number raised by ``shift``.

        Two uses never share a database: django-redis keys its pools by URL, so a second alias on
        the same one would silently get the time-outs of the first. ``also`` are further schemes
        that NAME itself may have (a broker's). "" in development when neither is set.
        """
        if self._read(name):
            return self.service(
                name, schemes=(*REDIS_SCHEMES, *also), development="", placeholder=""
            )
        url = self.service(
            "REDIS_URL",
            schemes=REDIS_SCHEMES,
            development="",
            placeholder="redis://build.invalid:6379/0",
        )
        return shift_database(url, shift) if url else ""

    def database(self, name: str, *, development: str, placeholder: str) -> dict[str, Any]:
        """Return a service's URL as an entry for ``DATABASES``, parsed by django-environ."""
        url = self.service(
            name, schemes=database_schemes(), development=development, placeholder=placeholder
        )
        entry: dict[str, Any] = Env.db_url_config(url)  # type: ignore[no-untyped-call]  # theirs
        if not entry["NAME"] and "service" not in entry.get("OPTIONS", {}):
            raise self._refuse(name, url, "a URL that ends in the database's name: .../name")
        for key in {"CONN_MAX_AGE", *_DATABASE_FLAGS} & entry.keys():
            entry[key] = _query_value(name, key, str(entry[key]).lower())
        return entry


def _query_value(name: str, key: str, got: str) -> bool | int | None:
    # django-environ leaves ?CONN_HEALTH_CHECKS=false a string, and "false" is true.
    if key == "CONN_MAX_AGE":
        if got == "none" or got.isdecimal():
            return None if got == "none" else int(got)
    elif got in TRUE | FALSE:
        return got in TRUE
    accepts = "seconds or None" if key == "CONN_MAX_AGE" else "true or false"
    raise EnvError(f"{name}: got {key}={got!r} in its query, accepts {accepts}.")


def _role_of(argv: Sequence[str]) -> str:
    program = PurePath(argv[0] if argv else "")
    # "python -m celery" runs celery/__main__.py.
    name = program.parent.name if program.name == "__main__.py" else program.stem
    words = list(argv[1:])
    if name in _WEB_SERVERS:
        return "web"
    if name == "celery":
        while words and words[0].startswith("-"):
            del words[: 2 if words[0] in _CELERY_TAKES_VALUE else 1]
        return words[0] if words and words[0] in {"worker", "beat"} else "manage"
    return "web" if words and words[0].startswith("runserver") else "manage"


env = Environment()
