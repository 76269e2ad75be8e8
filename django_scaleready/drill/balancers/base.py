"""What a drill asks of a balancer."""

from __future__ import annotations

from typing import Protocol

from django_scaleready.budget import Ladder
from django_scaleready.drill.replicas import Replica

# What a project gets that declares nothing.
LADDER = Ladder.derive({})


class Balancer(Protocol):
    """Listens at ``url``, without a slash at its end, once ``start`` has returned."""

    name: str
    url: str

    def start(self) -> None:
        """Start it; returns when all replicas that are ready get requests."""

    def stop(self) -> None:
        """End it."""

    def take_out(self, replica: Replica) -> None:
        """Do what has to be done before a replica is asked to end; nothing if it finds out."""

    def put_back(self, replica: Replica) -> None:
        """Do what has to be done once it is ready again; nothing if it finds out."""

    def up(self) -> frozenset[str]:
        """The names of the replicas that get requests."""
