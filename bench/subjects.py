"""Who is compared: six health check packages in their released versions, and this one."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from bench import venvs

SITES = Path(__file__).resolve().parent / "sites"


@dataclass(frozen=True)
class Subject:
    """A package: its name in ``sites/probed_site.py``, what to install, where its probes are.

    Without a ``requirement`` it is this package, of this environment; ``variables`` are added to
    what its processes get.
    """

    name: str
    title: str
    liveness: str
    readiness: str
    requirement: str = ""
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def python(self) -> Path:
        """The interpreter of its environment, which is made now if it is not there."""
        if not self.requirement:
            return Path(sys.executable)
        return venvs.environment(self.name, [*venvs.common(), self.requirement])


OURS = Subject("scaleready", "django-scaleready", "/livez", "/readyz")
# Every probe asks the database and the cache, as with the others.
UNCACHED = replace(OURS, variables=(("SCALEREADY_PROBE_TTL", "0"),))
HEALTH_CHECK = Subject(
    "health-check",
    "django-health-check 4.8",
    "/",  # It has no liveness of its own; a bare view is what people use.
    "/health/",
    "django-health-check==4.8.0",
)
DOCKERFLOW = Subject(
    "dockerflow",
    "dockerflow 2026.3",
    "/__lbheartbeat__",
    "/__heartbeat__",
    "dockerflow[django]==2026.3.4",
)
WATCHMAN = Subject(
    "watchman",
    "django-watchman 1.5",
    "/watchman/ping/",
    "/watchman/",
    "django-watchman==1.5.0",
)
ALIVE = Subject(
    "alive",
    "django-alive 2.0",
    "/-/alive/",
    "/-/health/",
    "django-alive==2.0.0",
)
KUBERNETES = Subject(
    "kubernetes",
    "django-kubernetes 1.1",
    "/livez",
    "/readyz",
    "django-kubernetes==1.1.0",
)
DEPLOY_PROBES = Subject(
    "deploy-probes",
    "django-deploy-probes 0.6",
    "/probes/healthz",
    "/probes/readyz",
    "django-deploy-probes==0.6.3",
)

PEERS = (HEALTH_CHECK, DOCKERFLOW, WATCHMAN, ALIVE, KUBERNETES, DEPLOY_PROBES)
