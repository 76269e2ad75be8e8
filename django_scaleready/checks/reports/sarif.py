"""The report as SARIF 2.1.0, which code hosts and editors show beside the line.

Written by hand: the document is small, and the libraries for it bring a validator along that
nobody needs at run time. The tests hold it against the published schema.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django_scaleready import __version__
from django_scaleready.checks.base import Location, Rule, Severity
from django_scaleready.checks.pages import page, title
from django_scaleready.checks.reports.report import Entry, Other, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_OTHER_LEVELS = {"critical": "error", "error": "error", "warning": "warning"}


def as_sarif(report: Report) -> str:
    """Return a log of one run; what is undecided is a notification of the tool."""
    rules = sorted({entry.rule for entry in report.entries}, key=lambda rule: rule.code)
    index = {rule: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "django-scaleready",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder of manage.py."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": f"{one.subject}: {one.reason}"}}
                    for one in report.unknown
                ],
            }
        ],
        "results": [
            *(_result(entry, index[entry.rule]) for entry in report.entries),
            *(_other(other) for other in report.others),
        ],
        "properties": {"verdict": report.verdict()},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": title(rule)},
        "help": {"text": page(rule), "markdown": page(rule)},
        # Code hosts filter by tags.
        "properties": {"area": rule.area, "leak": rule.leak, "tags": [rule.leak]},
    }


def _result(entry: Entry, index: int) -> dict[str, Any]:
    finding = entry.finding
    return {
        "ruleId": entry.rule.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.hint}"},
        "locations": [{"physicalLocation": _physical(finding.location)}],
        "relatedLocations": [
            {"id": number, "physicalLocation": _physical(place)}
            for number, place in enumerate(finding.related)
        ],
        "partialFingerprints": {"scaleready/v1": entry.fingerprint},
        "baselineState": "unchanged" if entry.known else "new",
        "properties": {"confidence": finding.confidence},
    }


def _physical(place: Location) -> dict[str, Any]:
    # A name of a file need not be UTF-8; its bytes are then what a URI holds.
    artifact = {"uri": quote(place.path, errors="surrogateescape")}
    if not place.path.startswith("/"):
        artifact["uriBaseId"] = "SRCROOT"
    region = {"region": {"startLine": place.line}} if place.line else {}
    return {"artifactLocation": artifact, **region}


def _other(other: Other) -> dict[str, Any]:
    return {
        **({"ruleId": other.id} if other.id else {}),
        "level": _OTHER_LEVELS.get(other.level, "note"),
        "message": {"text": other.shown},
        "baselineState": "unchanged" if other.known else "new",
    }
