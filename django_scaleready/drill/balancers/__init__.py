"""Who spreads requests over the replicas: HAProxy, nginx, the drill's own, Kubernetes' order.

Each is used as the documentation of the kit says, so that a drill shows what a deployment gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django_scaleready.drill import programs
from django_scaleready.drill.balancers.base import Balancer
from django_scaleready.drill.balancers.haproxy import HAProxy
from django_scaleready.drill.balancers.nginx import Nginx
from django_scaleready.drill.balancers.own import Kubernetes, Own
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError

__all__ = ["BALANCERS", "Balancer", "HAProxy", "Kubernetes", "Nginx", "Own", "balancer"]

BALANCERS: Mapping[str, Callable[[Supervisor, Sequence[Replica]], Balancer]] = {
    "haproxy": HAProxy,
    "nginx": Nginx,
    "own": Own,
    "kubernetes": Kubernetes,
}


def balancer(supervisor: Supervisor, replicas: Sequence[Replica], name: str = "") -> Balancer:
    """Return a balancer by name, not started; without a name HAProxy, or the own one.

    nginx is taken only by name: the open-source one does not ask for readiness. Raises DrillError
    for a name that there is not, or a program that is not installed.
    """
    if name and name not in BALANCERS:
        raise DrillError(f"No balancer {name!r}; there are {', '.join(BALANCERS)}.")
    chosen = name or ("haproxy" if programs.find("haproxy") else "own")
    return BALANCERS[chosen](supervisor, replicas)
