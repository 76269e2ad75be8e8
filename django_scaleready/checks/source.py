"""The source of a project, as a rule asks for it: which places of it a replica comes to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.load import load
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.progress import on_terminal
from django_scaleready.checks.reach import Reach
from django_scaleready.checks.registry import COLLECTORS
from django_scaleready.checks.started import programs, running
from django_scaleready.checks.switched import Switched
from django_scaleready.checks.unasked import Unasked


class Source:
    """The part of a project that is its code."""

    root: Path
    deploy: Deployment
    # How often a rule was told that nobody comes to a place.
    passed_over = 0
    # A project of the same code and deployment, with other settings, that answers for this one.
    alike: Source | None = None
    _reaches_all = False

    @cached_property
    def _by_hand(self) -> dict[Key, bool]:
        """Whether only an operator's command comes to a place, as far as it was asked."""
        return self.alike._by_hand if self.alike else {}

    @cached_property
    def code(self) -> Codebase:
        """The project's own Python files."""
        return load(self.root, COLLECTORS, progress=on_terminal())

    @cached_property
    def reach(self) -> Reach:
        """Where in the code a replica comes."""
        if self.alike:
            return self.alike.reach
        return Reach(self.code, self.root, running(self.code, self.deploy, self.programs))

    @cached_property
    def switched(self) -> Switched:
        """What runs only where a setting is on that is off."""
        return Switched(self.code, self.is_off, self.programs)

    @cached_property
    def unasked(self) -> Unasked:
        """What runs only if a function is given what no replica gives it."""
        return self.alike.unasked if self.alike else Unasked(self.code, self.programs)

    def is_off(self, name: str, unset: bool, module: str = "") -> bool:
        """Whether a setting is False, or none at all where code asks for one that may be unset.

        ``module`` is what it is imported from, "" for Django's settings. Of an entry of a setting,
        the key stands behind a dot.
        """
        raise NotImplementedError

    @staticmethod
    def entry(value: object, key: str) -> object:
        """Return the entry of a setting, None if it has none; all of it for ""."""
        if not key:
            return value
        return value.get(key) if isinstance(value, dict) else None

    @cached_property
    def programs(self) -> frozenset[str]:
        """The files that a deployment starts as programs, as it starts a server."""
        return self.alike.programs if self.alike else programs(self.code, self.deploy)

    @cached_property
    def files_by_name(self) -> frozenset[str]:
        """The names of all files of the repository: what is among them is shipped with the code."""
        return frozenset(path.rpartition("/")[2] for path in self.code.listed)

    @cached_property
    def celery_sites(self) -> list[tuple[Summary, Fact]]:
        """The places in the project's source that make a Celery app."""
        return list(self.code.facts("celery-app"))

    def noted(self, slug: str) -> Iterator[tuple[Summary, Fact, Location]]:
        """Yield what a rule's collector noted in code that a replica runs, with its place."""
        for source, fact in self.code.facts(slug):
            if not self.is_operators(source, fact):
                yield source, fact, Location(source.path, fact.line)

    def is_operators(self, source: Summary, fact: Fact) -> bool:
        """Whether only an operator's command comes to a place, or nobody."""
        key = (source.path, fact.function)
        by_hand = self._by_hand.get(key)
        if by_hand is None:
            by_hand = source.path not in self.programs and self.code.is_operators(source, fact)
            self._by_hand[key] = by_hand
        if by_hand:
            return True
        if self.is_switched_off(source.path, fact.function, fact.line):
            return True
        if self._reaches_all or self.reach.comes(source.path, fact.function):
            return False
        self.passed_over += 1
        return True

    def is_switched_off(self, path: str, function: str, line: int) -> bool:
        """Whether a line runs only where a setting is on that is off, or somebody asks for it."""
        place = (path, function, line)
        kept = self.switched.keeps_from(*place) or self.unasked.keeps_from(*place)
        if self._reaches_all or not kept:
            return False
        self.passed_over += 1
        return True

    @contextlib.contextmanager
    def reaching_all(self) -> Iterator[None]:
        """Take the places that nobody comes to for a replica's meanwhile."""
        self._reaches_all = True
        try:
            yield
        finally:
            self._reaches_all = False
