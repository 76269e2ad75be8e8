"""The live services of a project, each asked once and all at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location
from django_scaleready.checks.services.bounded import SECONDS, answers
from django_scaleready.checks.services.clients import Kind, Use, uses
from django_scaleready.checks.services.redis import RedisFacts

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project
    from django_scaleready.checks.services.databases import DatabaseFacts


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A server, and all that the project keeps there."""

    facts: RedisFacts
    uses: tuple[Use, ...]

    def holding(self, *kinds: Kind) -> tuple[Use, ...]:
        """Return the uses of some kinds."""
        return tuple(use for use in self.uses if use.kind in kinds)

    def __str__(self) -> str:
        return f"{self.facts.product} ({named(self.uses)})"


@dataclass(frozen=True, slots=True)
class Services:
    """What answered."""

    databases: tuple[DatabaseFacts, ...] = ()
    redis: tuple[RedisServer, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Each service in a few words."""
        databases = [f"{d.product} (the database {d.alias!r})" for d in self.databases]
        return (*databases, *(str(server) for server in self.redis))


def named(uses: Iterable[Use]) -> str:
    """Name what is kept somewhere, in one phrase."""
    *others, last = (use.name for use in uses)
    return f"{', '.join(others)} and {last}" if others else last


def places(uses: Iterable[Use]) -> tuple[Location, ...]:
    """Return where it is set, each place once."""
    return tuple(dict.fromkeys(use.location for use in uses))


def ask(project: Project) -> Services:
    """Ask; what does not answer is noted as unknown."""
    # What connects takes long to import, and most runs ask nobody.
    from django_scaleready.checks.services.databases import DatabaseFacts

    databases = list(_databases(project))
    kept = project.known(uses(project))
    questions: list[tuple[str, Callable[[], DatabaseFacts | RedisFacts]]] = [
        *databases,
        *((f"the Redis that holds {use.name}", use.ask) for use in kept),
    ]
    given = answers(questions, SECONDS)
    project.known(iter(given))
    by_server: dict[str, tuple[RedisFacts, list[Use]]] = {}
    for use, facts in zip(kept, given[len(databases) :], strict=True):
        if isinstance(facts, RedisFacts):
            by_server.setdefault(facts.run_id, (facts, []))[1].append(use)
    return Services(
        tuple(facts for facts in given if isinstance(facts, DatabaseFacts)),
        tuple(RedisServer(facts, tuple(held)) for facts, held in by_server.values()),
    )


def _databases(project: Project) -> Iterator[tuple[str, Callable[[], DatabaseFacts]]]:
    from django_scaleready.checks.services.databases import ask as ask_database

    configured = project.setting("DATABASES") or {}
    for database in project.databases:
        # SQLite has no server, and to connect would make its file.
        if database.vendor != "sqlite":
            subject = f"the server of DATABASES[{database.alias!r}]"
            yield subject, partial(ask_database, database.alias, configured)
