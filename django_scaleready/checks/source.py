"""The source of a project, as a rule asks for it: which places of it a replica comes to."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.celery_apart import apart
from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.loading.load import load
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.deployment.schedules import scheduled
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.progress import on_terminal
from django_scaleready.checks.reaching.made_settings import Apps, made_apps
from django_scaleready.checks.reaching.never_true import is_never_true
from django_scaleready.checks.reaching.reach import Reach
from django_scaleready.checks.reaching.remaining import Remaining
from django_scaleready.checks.reaching.sayers import Sayers
from django_scaleready.checks.reaching.settings_clock import started_by_settings
from django_scaleready.checks.reaching.started import begun, by_clock, programs, running
from django_scaleready.checks.reaching.switched import Switched
from django_scaleready.checks.reaching.unasked import Unasked
from django_scaleready.checks.reaching.uninstalled import LeftOut
from django_scaleready.checks.reaching.unloaded import unloaded
from django_scaleready.checks.registry import COLLECTORS


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
    def closed_by(self) -> dict[Location, str]:
        """The setting that has to be on for a replica to come to a place, as far as was asked."""
        return {}

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
        return Reach(self.code, self._sayers, self._running, self._unloaded)

    @cached_property
    def _sayers(self) -> Sayers:
        return self.alike._sayers if self.alike else Sayers(self.code, self.root)

    @cached_property
    def _running(self) -> frozenset[str]:
        if self.alike:
            return self.alike._running
        return running(self.code, self.deploy, self.programs)

    @cached_property
    def _unloaded(self) -> frozenset[str]:
        if self.alike:
            return self.alike._unloaded
        return unloaded(self.code, self._sayers, self.root, self._running)

    @cached_property
    def remaining(self) -> Remaining:
        """Where a replica comes without what is off."""
        return Remaining(self.reach, self.switched.off)

    @cached_property
    def switched(self) -> Switched:
        """What runs only where a setting is on that is off."""
        return Switched(self.code, self, self.programs)

    @cached_property
    def unasked(self) -> Unasked:
        """What runs only if a function is given what no replica gives it."""
        if self.alike:
            return self.alike.unasked
        return Unasked(self.code, self.programs, self._sayers, self.root)

    def is_off(self, name: str, unset: bool, module: str = "") -> bool:
        """Whether a setting is False, or none at all where code asks for one that may be unset.

        ``module`` is what it is imported from, "" for Django's settings. Of an entry of a setting,
        the key stands behind a dot.
        """
        raise NotImplementedError

    def is_off_in(self, module: str, name: str) -> bool:
        """Whether a module of the project that is not its settings has an option of its own off."""
        return getattr(sys.modules.get(module), name, None) is False

    def is_never_true(self, attribute: str) -> bool:
        """Whether the code gives objects an attribute, and never one that is true."""
        return self.code.once(is_never_true, self.root, attribute)

    @property
    def left_out(self) -> LeftOut:
        """The apps and the middleware that these settings do not take."""
        raise NotImplementedError

    @cached_property
    def made_apps(self) -> Apps:
        """The apps in the settings that the project makes for others, by the name of the list."""
        return self.alike.made_apps if self.alike else made_apps(self.code, self.root)

    def is_variable(self, _: str) -> bool:
        """Whether no other file may have a setting on, so that it is off if it is read to be."""
        return True

    @cached_property
    def programs(self) -> frozenset[str]:
        """The files that a deployment starts as programs, as it starts a server."""
        return self.alike.programs if self.alike else programs(self.code, self.deploy)

    @cached_property
    def scheduled(self) -> frozenset[str]:
        """The project's own commands and scripts that a clock starts where it is deployed."""
        return by_clock(self.code, self._clocks | started_by_settings(self))

    @cached_property
    def _clocks(self) -> frozenset[str]:
        """The commands and scripts, as they are written, that deploy files have a clock start."""
        return self.alike._clocks if self.alike else scheduled(self.deploy, self.code.listed)

    @cached_property
    def _begun_by_clock(self) -> frozenset[Key]:
        """What these begin with, be it in a class of the project that they are derived from."""
        sources = (source for source in self.code if source.path in self.scheduled)
        found = (each for source in sources for each in begun(self.code, source))
        return frozenset((source.path, name) for source, name, _ in found)

    def settings_named(self, *words: str) -> dict[str, Any]:
        """Return the settings whose name holds one of the words."""
        raise NotImplementedError

    def installed(self, app: str) -> bool:
        """Whether an app is in INSTALLED_APPS, by its name or its AppConfig."""
        raise NotImplementedError

    def is_scheduled(self, source: Summary, fact: Fact) -> bool:
        """Whether a command that a clock starts comes to a place of which nobody is said to."""
        if not self.scheduled or self.is_switched_off(source.path, fact.function, fact.line):
            return False
        seen: set[Key] = set()
        pending = {(source.path, fact.function)}
        while pending and pending.isdisjoint(self._begun_by_clock):
            if any(path in self.scheduled for path, _ in pending):
                break
            seen |= pending
            calls = {each: self.code.calls_of(each) for each in pending}
            if any(self._is_said_by_clock(key) for key, known in calls.items() if not known):
                break
            found = [call[:3] for known in calls.values() for call in known]
            pending = {call[:2] for call in found if not self.is_switched_off(*call)} - seen
        return bool(pending)

    def _is_said_by_clock(self, key: Key) -> bool:
        """Whether what a clock starts calls a method of an object whose class nobody knows.

        Names of one word are those of too many other things.
        """
        owner, _, name = key[1].rpartition(".")
        if not owner or "_" not in name.strip("_"):
            return False
        files = self.code.by_path
        told = (files[path].said.get(place, "") for path, place in self._begun_by_clock)
        return any(f" .{name} " in text for text in told)

    @cached_property
    def files_by_name(self) -> frozenset[str]:
        """The names of all files of the repository: what is among them is shipped with the code."""
        return frozenset(path.rpartition("/")[2] for path in self.code.listed)

    @cached_property
    def celery_sites(self) -> list[tuple[Summary, Fact]]:
        """The places in the project's source that make a Celery app, those of the site first."""
        sites = list(self.code.facts("celery-app"))
        folders = apart(self.code, sites)
        return sorted(sites, key=lambda site: site[0].path.startswith(folders))

    @property
    def takes_plain_settings(self) -> bool:
        """Whether each Celery app surely takes Django's settings without a namespace."""
        sites = self.celery_sites
        return bool(sites) and all(fact.data == ("", True) for _, fact in sites)

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
        if self._reaches_all or (self.reach.comes(*key) and not self._is_closed(*key, fact.line)):
            return False
        self.passed_over += 1
        return True

    def is_switched_off(self, path: str, function: str, line: int) -> bool:
        """Whether a line runs only where a setting is on that is off, or somebody asks for it."""
        if self._reaches_all:
            return False
        place = (path, function, line)
        switch = self.switched.keeps_from(*place)
        if not switch and not self.unasked.keeps_from(*place):
            return False
        if switch:
            self.closed_by[Location(path, line)] = switch
        self.passed_over += 1
        return True

    def _is_closed(self, path: str, function: str, line: int) -> bool:
        """Whether all ways to a function are below settings that are off."""
        switch = self.switched.off.leads and self.remaining.closed(path, function)
        if switch:
            self.closed_by[Location(path, line)] = switch
        return bool(switch)

    @contextlib.contextmanager
    def reaching_all(self) -> Iterator[None]:
        """Take the places that nobody comes to for a replica's meanwhile."""
        self._reaches_all = True
        try:
            yield
        finally:
            self._reaches_all = False
