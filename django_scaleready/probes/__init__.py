"""Liveness, readiness and startup: what they ask, how they run, and how they answer.

For a project's own checks, in a module ``probes`` of one of its apps::

    from django_scaleready import probes

    @probes.check("payments", impact="degraded")
    def payments() -> None:
        if not gateway.ping(timeout=0.3):
            raise probes.CheckFailedError("the gateway does not answer")
"""

from __future__ import annotations

from django_scaleready.probes.catalogue import check
from django_scaleready.probes.members import CheckFailedError, CheckWarning

__all__ = ["CheckFailedError", "CheckWarning", "check"]
