"""Runs a group's checks and times them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django_scaleready.probes.checks import Check, CheckFailedError
from django_scaleready.probes.reasons import reason
from django_scaleready.probes.results import Result, Status

# Kubernetes' default timeoutSeconds, within which the whole answer must arrive: a check that took
# longer passed for us and failed for the kubelet, and nothing else would say why.
SLOW_SECONDS = 1.0


def run(checks: Mapping[str, Check]) -> tuple[Result, ...]:
    """Run every check in turn, in this thread; one result for each, in the same order."""
    return tuple(_run_one(component, check) for component, check in checks.items())


def _run_one(component: str, check: Check) -> Result:
    begun = time.perf_counter()
    try:
        check()
    except CheckFailedError as verdict:
        detail = why = str(verdict)
    # The boundary: whatever a driver or a backend raises is the answer, and an exception let
    # through would become a 500 page instead of a 503.
    except Exception as error:  # noqa: BLE001
        detail, why = type(error).__name__, reason(error)
    else:
        seconds = time.perf_counter() - begun
        if seconds < SLOW_SECONDS:
            return Result(component, Status.PASS, seconds)
        slow = f"slow: {seconds:.2f} s"
        return Result(component, Status.WARN, seconds, slow, slow)
    return Result(component, Status.FAIL, time.perf_counter() - begun, detail, why)
