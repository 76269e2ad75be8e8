"""Counts, while the tests of a rule run, how often it finds something and how often it does not.

A false alarm is a bug as much as a leak that is missed, so each module must leave alone at least as
much as it finds. Counted is what the rule really said to each project it was shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.base import Finding, Rule, Severity, Unknown
from django_scaleready.checks.registry import RULES

BY_MODULE = {rule.slug.replace("-", "_"): rule for rule in RULES}
KEY = pytest.StashKey[Counter[str]]()


@dataclass
class Tally:
    """What a rule said: to how many projects something, to how many nothing."""

    found: int = 0
    left_alone: int = 0
    tests: list[str] = field(default_factory=list)

    def note(self, rule: Rule, items: list[Finding | Unknown]) -> None:
        # Information beside a worse severity says that the rule sees no harm.
        harmless = set() if "I" in rule.code else {Severity.INFO}
        said = {item.severity for item in items if isinstance(item, Finding)} - harmless
        if said:
            self.found += 1
        else:
            self.left_alone += 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Before -k and the like take some away.
    config.stash[KEY] = Counter(item.nodeid.partition("::")[0] for item in items)


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    path = request.node.nodeid.partition("::")[0]
    rule = BY_MODULE[Path(path).stem.removeprefix("test_")]
    counted, find = Tally(), rule.find

    def counting(project: Any) -> Iterator[Finding | Unknown]:
        items = list(find(project))
        counted.note(rule, items)
        return iter(items)

    # A rule is frozen; for as long as its tests run, this one is not.
    object.__setattr__(rule, "find", counting)
    yield counted
    object.__setattr__(rule, "find", find)
    if len(counted.tests) == request.config.stash[KEY][path]:
        assert counted.left_alone >= counted.found, (
            f"{rule.slug} is shown {counted.found} projects in which it finds something,"
            f" and only {counted.left_alone} that it leaves alone."
        )


@pytest.fixture(autouse=True)
def _counted(tally: Tally, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    tally.tests.append(request.node.nodeid)
