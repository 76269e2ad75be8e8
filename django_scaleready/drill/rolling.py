"""A deployment: each replica in turn is asked to end and started again."""

from __future__ import annotations

from collections.abc import Sequence

from django_scaleready.drill.balancers.base import Balancer
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.recording import FaultSpan
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.waiting import until

_BACK_SECONDS = 30


def restart(
    replicas: Sequence[Replica], balancer: Balancer, clock: Clock, name: str = "rolling restart"
) -> FaultSpan:
    """Restart the replicas one after the other, each only when the one before has requests again.

    Raises NotInTimeError if one does not become ready, or the balancer does not take it back: the
    others are left as they are, as every orchestrator does.
    """
    began = clock.now()
    for replica in replicas:
        balancer.take_out(replica)
        replica.restart()
        balancer.put_back(replica)
        until(
            lambda name=replica.name: name in balancer.up(),  # type: ignore[misc] # the loop's
            _BACK_SECONDS,
            f"{balancer.name} with {replica.name}",
        )
    return FaultSpan(name, began, clock.now())
