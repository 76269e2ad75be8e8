"""Where the probes answer. Start-up code: the access log needs the paths before apps are loaded.

Until Django's settings are there, the defaults below the variable ``SCALEREADY_PROBE_PREFIX`` hold;
the app then puts what ``SCALEREADY`` declares in their place.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django_scaleready.env import EnvError, env

PREFIX_VARIABLE: Final = "SCALEREADY_PROBE_PREFIX"
ACCEPTS: Final = "a path that begins with / and does not end with one, such as /internal"
# No query, no pattern, nothing that a client would have to quote.
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class Probe(enum.StrEnum):
    """What can be asked; the value is the probe's name in ``SCALEREADY`` and in the log."""

    LIVENESS = "liveness"
    READINESS = "readiness"
    STARTUP = "startup"
    HEALTH = "health"
    VERSION = "version"


DEFAULTS: Final[Mapping[Probe, str]] = MappingProxyType(
    {
        Probe.LIVENESS: "/livez",
        Probe.READINESS: "/readyz",
        Probe.STARTUP: "/startupz",
        Probe.HEALTH: "/healthz",
        Probe.VERSION: "/version",
    }
)

# Both spellings of each path, to the probe that answers there: templates of balancers differ on the
# slash, and a redirect to the other spelling is a failed probe. One dictionary for the life of the
# process, because each request looks into it.
BY_PATH: Final[dict[str, Probe]] = {}


def is_path(text: object) -> bool:
    """Whether it may be a probe's path or a prefix of one."""
    return isinstance(text, str) and _PATH.fullmatch(text) is not None


def prefix_of_environment() -> str:
    """Return the prefix that the environment declares, "" for none; EnvError if it is no path."""
    prefix = env.text(PREFIX_VARIABLE, "").strip()
    if prefix and not is_path(prefix):
        raise EnvError(f"{PREFIX_VARIABLE}: got {prefix!r}, accepts {ACCEPTS}.")
    return prefix


def use(prefix: str, paths: Mapping[Probe, str | None]) -> None:
    """Answer at ``prefix + path`` from now on; a probe without a path is not answered."""
    table = {
        f"{prefix}{path}{slash}": probe
        for probe, path in paths.items()
        if path is not None
        for slash in ("", "/")
    }
    # In this order: a request in another thread finds its path at every moment.
    BY_PATH.update(table)
    for path in BY_PATH.keys() - table.keys():
        del BY_PATH[path]


# The version is answered once one is declared: until then /version is the project's own.
use(prefix_of_environment(), {**DEFAULTS, Probe.VERSION: None})
