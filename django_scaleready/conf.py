"""The ``SCALEREADY`` setting, read at call time so that ``override_settings`` just works.

It declares what the code cannot know: how many replicas there will be, what stands between them
and the database, which paths all of them share. Undeclared context keeps the rules that depend on
it at warning or info.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from django_scaleready import declarations
from django_scaleready.budget import Ladder
from django_scaleready.env import env
from django_scaleready.figures import FIGURES, Declaration
from django_scaleready.probe_paths import (
    ACCEPTS,
    DEFAULTS,
    Probe,
    is_path,
    prefix_of_environment,
)

POOLERS = ("transaction", "session", "none")
OWN_OPTIONS = (
    "DB_MAX_CONNECTIONS",
    "POOLER",
    "PROBES",
    "PROBE_PATHS",
    "PROBE_PREFIX",
    "PROBE_TOKEN",
    "PROBE_TTL",
    "REPLICAS",
    "SHARED_FAILURE_AFTER",
    "SHARED_PATHS",
    "TASK_PROCESSES",
    "THREADS",
    "VERSION",
    "WITNESS",
    "WORKERS",
)
VERSION_VARIABLES = ("SCALEREADY_VERSION", "RELEASE", "GIT_SHA")
# What is longer was meant as milliseconds.
_HOUR = 3600
LADDER_OPTIONS = tuple(figure.option for figure in FIGURES)
OPTIONS = (*OWN_OPTIONS, *LADDER_OPTIONS)


def _refuse(option: str, got: object, accepts: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"SCALEREADY[{option!r}]: got {got!r}, accepts {accepts}.")


class Conf:
    """A property per option; each raises ImproperlyConfigured, naming the option, if it is bad."""

    def __init__(self, declared: Mapping[str, Any] | None = None) -> None:
        """Take the setting's value where it was only read; else it is asked for at each call."""
        self._given = declared

    @property
    def declared(self) -> Mapping[str, Any]:
        """The dictionary as the project wrote it; unknown options are refused."""
        declared = getattr(settings, "SCALEREADY", {}) if self._given is None else self._given
        if not isinstance(declared, Mapping):
            raise ImproperlyConfigured(
                f"SCALEREADY: got a {type(declared).__name__}, accepts a dictionary."
            )
        for option in declared:
            if option not in OPTIONS:
                import difflib

                close = difflib.get_close_matches(str(option), OPTIONS, n=1)
                meant = f" Did you mean {close[0]!r}?" if close else ""
                raise ImproperlyConfigured(
                    f"SCALEREADY: unknown option {option!r}; accepts {', '.join(OPTIONS)}.{meant}"
                )
        return declared

    def _positive(self, option: str) -> int | None:
        value = self.declared.get(option)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise _refuse(option, value, "a whole number of at least 1")
        return value

    @property
    def replicas(self) -> int | None:
        """How many replicas will run at once, not counting the surge of a deploy."""
        return self._positive("REPLICAS")

    @property
    def workers(self) -> int | None:
        """Worker processes in each replica."""
        return self._positive("WORKERS")

    @property
    def threads(self) -> int | None:
        """Threads in each worker process, else ``GUNICORN_THREADS``."""
        return self._positive("THREADS") or env.whole("GUNICORN_THREADS", 0, minimum=1) or None

    @property
    def task_processes(self) -> int | None:
        """Children of the Celery workers that come with each replica."""
        return self._positive("TASK_PROCESSES")

    @property
    def db_max_connections(self) -> int | None:
        """PostgreSQL's ``max_connections``, or the client limit of the pooler in front of it."""
        return self._positive("DB_MAX_CONNECTIONS")

    @property
    def pooler(self) -> str | None:
        """The pool mode in front of the database: transaction, session, none; None if undeclared.

        Falls back to ``DATABASE_POOLER``, which the settings import exports under its own name.
        """
        name, value = "SCALEREADY['POOLER']", self.declared.get("POOLER")
        if value is None:
            name, value = "DATABASE_POOLER", getattr(settings, "DATABASE_POOLER", None)
        if value is not None and value not in POOLERS:
            raise ImproperlyConfigured(f"{name}: got {value!r}, accepts {', '.join(POOLERS)}.")
        return value

    @property
    def shared_paths(self) -> tuple[str, ...]:
        """Directories that every replica mounts (NFS, CephFS): files below them are not a leak."""
        value = self.declared.get("SHARED_PATHS", ())
        if not isinstance(value, list | tuple) or not all(
            isinstance(path, str) and path.startswith("/") for path in value
        ):
            raise _refuse("SHARED_PATHS", value, "a list of absolute paths, each a string")
        return tuple(value)

    @property
    def probe_token(self) -> str | None:
        """The secret that opens a probe's details, else ``SCALEREADY_PROBE_TOKEN``."""
        value = self.declared.get("PROBE_TOKEN")
        if value is None:
            value = env.text("SCALEREADY_PROBE_TOKEN", "").strip()
        # The value is a secret: name its type alone. White space around a header's value does
        # not arrive, so a token with some could never be matched.
        if not isinstance(value, str) or value != value.strip():
            raise _refuse("PROBE_TOKEN", type(value), "a string without white space around it")
        return value or None

    @property
    def probes(self) -> Mapping[str, Any]:
        """The groups of checks by the probe that asks them; their content is ``probes.groups``'."""
        value = self.declared.get("PROBES", {})
        if not isinstance(value, Mapping):
            raise _refuse("PROBES", value, "a dictionary of readiness, startup, health")
        for name, group in value.items():
            where = f"SCALEREADY['PROBES'][{name!r}]"
            if name == Probe.LIVENESS:
                raise ImproperlyConfigured(
                    f"{where}: liveness asks nothing; what it depended on would restart every"
                    " replica at once. Use readiness, or lifecycle.mark_broken."
                )
            if name not in {Probe.READINESS, Probe.STARTUP, Probe.HEALTH}:
                raise _refuse("PROBES", name, "the keys readiness, startup, health")
            if not isinstance(group, Mapping | list | tuple):
                raise ImproperlyConfigured(
                    f"{where}: got {group!r}, accepts a list of checks, or a dictionary of check"
                    " to critical or degraded."
                )
        return value

    @property
    def probe_paths(self) -> Mapping[Probe, str | None]:
        """Where each probe answers, below the prefix; None where it is switched off."""
        value = self.declared.get("PROBE_PATHS", {})
        if not isinstance(value, Mapping):
            raise _refuse("PROBE_PATHS", value, f"a dictionary of {', '.join(Probe)}")
        for name, path in value.items():
            if name not in set(Probe):
                raise _refuse("PROBE_PATHS", name, f"the keys {', '.join(Probe)}")
            if path is not None and not is_path(path):
                raise _refuse("PROBE_PATHS", path, f"{ACCEPTS}; or None")
        paths = {**DEFAULTS, **{Probe(name): path for name, path in value.items()}}
        taken = [path for path in paths.values() if path is not None]
        if len(set(taken)) < len(taken):
            raise _refuse("PROBE_PATHS", dict(value), "a path of its own for each probe")
        return paths

    @property
    def probe_prefix(self) -> str:
        """What stands before every probe's path, else ``SCALEREADY_PROBE_PREFIX``; "" for none."""
        value = self.declared.get("PROBE_PREFIX")
        if value is None:
            return prefix_of_environment()
        if value != "" and not is_path(value):
            raise _refuse("PROBE_PREFIX", value, ACCEPTS)
        return str(value)

    @property
    def probe_ttl(self) -> float:
        """Seconds for which the outcome of a run of checks answers every probe."""
        return self._seconds("PROBE_TTL", 1.0)

    @property
    def shared_failure_after(self) -> float:
        """Seconds after which a replica serves on if what has failed has failed for all of them.

        Infinite for "never".
        """
        option = "SHARED_FAILURE_AFTER"
        if self.declared.get(option, env.text(f"SCALEREADY_{option}", "")) == "never":
            return math.inf
        return self._seconds(option, 30.0, "a number of seconds, or 'never'")

    def _seconds(self, option: str, default: float, accepts: str = "a number of seconds") -> float:
        value = self.declared.get(option)
        if value is None:
            return env.seconds(f"SCALEREADY_{option}", default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _HOUR > value >= 0:
            raise _refuse(option, value, f"{accepts}, less than an hour")
        return float(value)

    @property
    def version(self) -> str:
        """What is deployed, as ``/version`` tells everybody; "" if nobody says.

        Else ``SCALEREADY_VERSION``, ``RELEASE`` or ``GIT_SHA``, the first that is set.
        """
        value = self.declared.get("VERSION")
        if value is None:
            named = (env.text(name, "").strip() for name in VERSION_VARIABLES)
            value = next((text for text in named if text), "")
        if not isinstance(value, str) or not value.isprintable():
            raise _refuse("VERSION", value, "a printable string")
        return value

    @property
    def witness(self) -> float:
        """The share of the requests and tasks that are watched, 0 to 1; 0 puts in no hook at all.

        Else ``SCALEREADY_WITNESS``. It is read when the process starts.
        """
        value = self.declared.get("WITNESS")
        if value is None:
            return env.share("SCALEREADY_WITNESS", 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise _refuse("WITNESS", value, "a share of the requests, from 0 to 1")
        return float(value)

    @property
    def ladder_declarations(self) -> list[Declaration]:
        """What is declared of the ladder, the strongest first, each with where it stands.

        gunicorn's, the database's and Celery's own variables; ``SCALEREADY``; the ``SCALEREADY_``
        variables.
        """
        return [*declarations.variables(), *self._ladder_options(), *declarations.options()]

    def _ladder_options(self) -> list[Declaration]:
        declared = self.declared
        options = []
        for figure in FIGURES:
            value = declared.get(figure.option)
            if value is None:
                continue
            if not figure.takes(value):
                raise _refuse(figure.option, value, figure.accepts)
            options.append(Declaration(figure.name, value, f"SCALEREADY[{figure.option!r}]"))
        return options

    @property
    def ladder(self) -> Ladder:
        """The ladder of time-outs, in seconds. It is made anew each time: keep it in a loop."""
        return Ladder.of(self.ladder_declarations)

    def validate(self) -> None:
        """Read every option once, so that a bad one fails at start and not in a request."""
        for option in OWN_OPTIONS:
            getattr(self, option.lower())
        self.ladder  # noqa: B018 - read for its error

    def validate_declared(self) -> None:
        """Read the options that the dictionary holds, and none from elsewhere."""
        for option in self.declared:
            if option in OWN_OPTIONS:
                getattr(self, option.lower())
        self._ladder_options()


conf = Conf()
