"""Where the probes answer. Start-up code: the access log needs the paths before apps are loaded."""

from __future__ import annotations

LIVENESS = "/livez"
READINESS = "/readyz"
STARTUP = "/startupz"

# Both spellings of each: templates of balancers differ on the slash, and a redirect to the other
# spelling is a failed probe.
PROBE_PATHS = frozenset(
    path + slash for path in (LIVENESS, READINESS, STARTUP) for slash in ("", "/")
)
