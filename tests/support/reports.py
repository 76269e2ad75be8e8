"""Findings and reports made up for the tests of what shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django_scaleready.checks.base import (
    Confidence,
    Finding,
    Leak,
    Location,
    Rule,
    Severity,
    Unknown,
)
from django_scaleready.checks.engine import Found
from django_scaleready.checks.project import Project
from django_scaleready.checks.reports.report import Entry, Other, Report

SCHEMA = Path(__file__).with_name("sarif-schema-2.1.0.json")


def nothing(project: Project) -> Iterator[Finding]:
    """Find nothing.

    ## Bad
    """
    yield from ()


RULE = Rule("scaleready.E990", "made-up", nothing, leak=Leak.STATE)


def found(
    severity: Severity = Severity.ERROR,
    path: str = "a.py",
    line: int = 1,
    related: tuple[Location, ...] = (),
    confidence: Confidence = Confidence.HIGH,
    *,
    leak: Leak = RULE.leak,
) -> Found:
    place = Location(path, line)
    finding = Finding("It breaks.", "Mend it.", place, severity, confidence, related)
    return Found(replace(RULE, leak=leak), finding)


def entry(item: Found, *, fingerprint: str = "f", known: bool = False, fails: bool = True) -> Entry:
    return Entry(item.rule, item.finding, fingerprint, known, fails)


def other(level: str = "warning", *, fails: bool = False) -> Other:
    return Other("shop.W001", level, "mind the gap", "jump", "shop", "shop: mind the gap", fails)


def full_report() -> Report:
    """One of everything, with what the formats have to escape."""
    return Report(
        entries=(
            entry(found(path="odd name, 100%:<&>.py", related=(Location("b.py", 2),))),
            entry(found(Severity.WARNING, "/etc/else.py", 0), fingerprint="g", fails=False),
            entry(found(Severity.INFO, "c.py", 3), fingerprint="h", known=True, fails=False),
        ),
        unknown=(Unknown("d\x00.py", "a NUL <byte>"),),
        others=(other(), other("critical", fails=True)),
    )
