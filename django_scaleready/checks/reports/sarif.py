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
_ROOT = "The root of the repository; outside one, the folder of manage.py."
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_OTHER_LEVELS = {"critical": "error", "error": "error", "warning": "warning"}


def as_sarif(report: Report) -> str:
    """Return a log of one run.

    What has no place, what is undecided and messages of other checks, is a notification of the
    tool: of a log with one result without a location GitHub takes nothing.
    """
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
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": _ROOT}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": f"{one.subject}: {one.reason}"}}
                    for one in report.unknown
                ]
                + [_other(other) for other in report.others if not other.known],
            }
        ],
        "results": [_result(entry, index[entry.rule], report) for entry in report.entries],
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


def _result(entry: Entry, index: int, report: Report) -> dict[str, Any]:
    finding = entry.finding
    return {
        "ruleId": entry.rule.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.hint}"},
        "locations": [{"physicalLocation": _physical(finding.location, report)}],
        "relatedLocations": [
            {"id": number, "physicalLocation": _physical(place, report)}
            for number, place in enumerate(finding.related)
        ],
        "partialFingerprints": {"scaleready/v1": entry.fingerprint},
        "baselineState": "unchanged" if entry.known else "new",
        "properties": {"confidence": finding.confidence},
    }


def _physical(place: Location, report: Report) -> dict[str, Any]:
    # A name of a file need not be UTF-8; its bytes are then what a URI holds.
    artifact = {"uri": quote(report.from_repository(place.path), errors="surrogateescape")}
    if not place.path.startswith("/"):
        artifact["uriBaseId"] = "SRCROOT"
    region = {"region": {"startLine": place.line}} if place.line else {}
    return {"artifactLocation": artifact, **region}


def _other(other: Other) -> dict[str, Any]:
    return {
        **({"descriptor": {"id": other.id}} if other.id else {}),
        "level": _OTHER_LEVELS.get(other.level, "note"),
        "message": {"text": other.shown},
    }
