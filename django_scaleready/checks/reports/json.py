"""The report for a program. Its keys are a promise: new ones may come, none goes."""

from __future__ import annotations

import json
from typing import Any

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.reports.report import Entry, Report


def as_json(report: Report) -> str:
    """Return one JSON object: findings, unknown, django (other checks' messages), silenced."""
    document = {
        "findings": [_finding(entry) for entry in report.entries],
        "unknown": [
            *(_unknown(unknown, known=False) for unknown in report.unknown),
            *(_unknown(unknown, known=True) for unknown in report.known_unknown),
        ],
        "django": [
            {
                "id": other.id,
                "level": other.level,
                "message": other.message,
                "hint": other.hint,
                "object": other.object,
                "known": other.known,
            }
            for other in report.others
        ],
        "silenced": report.silenced,
        "gone": report.gone,
        "replicas": report.replicas,
        "rules": [rule.code for rule in report.ran],
        "deploy_files": report.deploy_files,
        "services": report.services,
    }
    return json.dumps(document, indent=2) + "\n"


def _unknown(unknown: Unknown, *, known: bool) -> dict[str, Any]:
    return {"subject": unknown.subject, "reason": unknown.reason, "known": known}


def _finding(entry: Entry) -> dict[str, Any]:
    rule, finding = entry.rule, entry.finding
    return {
        "id": rule.code,
        "slug": rule.slug,
        "leak": rule.leak,
        "severity": finding.severity,
        "confidence": finding.confidence,
        **_place(finding.location),
        "message": finding.message,
        "hint": finding.hint,
        "related": [_place(place) for place in finding.related],
        "fingerprint": entry.fingerprint,
        "known": entry.known,
    }


def _place(place: Location) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}
