"""Everything that a drill needs, started together: services, replicas, a balancer, the load."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django_scaleready.drill import balancers, provision, rolling, target
from django_scaleready.drill.balancers import Balancer
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.load.generator import Load
from django_scaleready.drill.load.plan import Plan, Step, standard
from django_scaleready.drill.provision import Provision
from django_scaleready.drill.release import Release
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.target import Facts, Target
from django_scaleready.drill.waiting import until

_READY_SECONDS = 60
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What can be chosen. ``rate`` is requests a second, ``balancer`` "" the best one there is.
    ``kit`` serves with the kit's configuration of the server, or without it; None: as the project
    uses the kit or not.

    ``steps`` is the mix of requests, None for one that is discovered; ``configured`` has the
    project's own servers used instead of embedded ones.
    """

    replicas: int = 3
    server: str = "gthread"
    kit: bool | None = None
    balancer: str = ""
    rate: float = 100.0
    clients: int = 24
    quick: bool = False
    steps: Sequence[Step] | None = None
    configured: bool = False
    allow_remote: bool = False
    pgbouncer: bool = False
    commands: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Stage:
    """What runs, and its zero of time."""

    options: Options
    supervisor: Supervisor
    release: Release
    services: Provision
    replicas: Sequence[Replica]
    balancer: Balancer
    load: Load
    clock: Clock = field(default_factory=Clock)

    @property
    def naive(self) -> bool:
        """Whether the server runs without the kit's configuration."""
        return _naive(self.release, self.options)

    @property
    def headers(self) -> Mapping[str, str]:
        """By which the project believes that the balancer ended TLS."""
        return dict([_header(self.release.facts)] if self.release.facts.proxy_header else [])

    def restart(self, *replicas: Replica) -> None:
        """Restart replicas one after the other, as the balancer's documentation has it."""
        rolling.restart(replicas, self.balancer, self.clock)

    def settle(self) -> None:
        """Return when every replica gets requests."""
        names = frozenset(replica.name for replica in self.replicas)
        until(lambda: self.balancer.up() == names, _READY_SECONDS, "all replicas in the balancer")


@contextlib.contextmanager
def stage(project: Target, options: Options, say: Say) -> Iterator[Stage]:
    """Set the stage; the load has begun. Nothing of it is left when the block ends.

    Raises DrillError if the project cannot be run.
    """
    with contextlib.ExitStack() as stack:
        # Processes of the project end before the services that they use.
        services = stack.enter_context(Supervisor())
        # Nobody has to be drained for: what was to be measured has been.
        processes = stack.enter_context(Supervisor(patience=1.0))
        say("Reading the project's settings")
        facts = target.facts(project)
        say("Starting its services")
        made = _services(stack, services, facts, options)
        release = Release(processes, project, facts, made)
        say("Copying and migrating it")
        release.prepare(*options.commands)
        replicas = _replicas(release, options, say)
        balancer = balancers.balancer(processes, replicas, options.balancer)
        say(f"Starting {balancer.name} and the load")
        balancer.start()
        clock = Clock()
        load = Load(processes, _plan(release, options), balancer.url, clock)
        load.start()
        yield Stage(options, processes, release, made, replicas, balancer, load, clock)


def _services(
    stack: contextlib.ExitStack, supervisor: Supervisor, facts: Facts, options: Options
) -> Provision:
    if options.configured:
        return stack.enter_context(
            provision.configured(supervisor, facts, allow_remote=options.allow_remote)
        )
    return provision.embedded(supervisor, facts, pooler=options.pgbouncer)


def _replicas(release: Release, options: Options, say: Say) -> list[Replica]:
    replicas = [
        release.replica(f"replica-{number}", options.server, naive=_naive(release, options))
        for number in range(1, options.replicas + 1)
    ]
    say(f"Starting {len(replicas)} replicas")
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.wait()
    return replicas


def _naive(release: Release, options: Options) -> bool:
    return not (release.facts.uses_kit if options.kit is None else options.kit)


def _plan(release: Release, options: Options) -> Plan:
    steps = standard(release.pages()) if options.steps is None else options.steps
    facts = release.facts
    return Plan(
        steps,
        rate=options.rate,
        clients=options.clients,
        user=release.user,
        proxy_header=facts.proxy_header,
    )


def _header(facts: Facts) -> tuple[str, str]:
    name, value = facts.proxy_header
    return name.removeprefix("HTTP_").replace("_", "-"), value
