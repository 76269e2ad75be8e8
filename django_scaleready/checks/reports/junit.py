"""The report as JUnit XML, which CI servers show among the tests.

The standard library's XML suffices to write it; a library would be one to read it.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from django_scaleready.checks.reports.report import Entry, Other, Report

# What XML 1.0 cannot hold, escaped or not; a file may be named so.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SUITE = "check --deploy-scale"


def as_junit(report: Report) -> str:
    """Return a suite: a case per finding, and one per rule that ran and found nothing.

    A case fails if its finding makes the command fail; what does not is written to its output.
    What is undecided is skipped, unless that makes it fail.
    """
    suite = ET.Element("testsuite", name=_SUITE)
    for entry in report.entries:
        _finding(suite, entry)
    silent = {rule.slug for rule in report.ran} - {entry.rule.slug for entry in report.entries}
    for slug in sorted(silent):
        ET.SubElement(suite, "testcase", classname=slug, name="nothing found")
    for unknown in report.unknown:
        case = ET.SubElement(suite, "testcase", classname="undecided", name=unknown.subject)
        kind = "failure" if report.unknown_fails else "skipped"
        ET.SubElement(case, kind, message=unknown.reason)
    for other in report.others:
        _other(suite, other)
    _count(suite)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_NOT_XML.sub("?", text)}\n'


def _finding(suite: ET.Element, entry: Entry) -> None:
    rule, finding = entry.rule, entry.finding
    case = ET.SubElement(
        suite,
        "testcase",
        classname=rule.slug,
        name=str(finding.location),
        file=finding.location.path,
        line=str(finding.location.line),
    )
    places = [str(place) for place in finding.related]
    related = f"\nRelated: {', '.join(places)}" if places else ""
    text = f"{rule.code} {finding.location}\n{finding.message}\nHint: {finding.hint}{related}"
    _outcome(case, text, entry.fails, finding.severity, finding.message)


def _other(suite: ET.Element, other: Other) -> None:
    name = other.id or other.message
    case = ET.SubElement(suite, "testcase", classname="django", name=name)
    _outcome(case, other.shown, other.fails, other.level, other.message)


def _outcome(case: ET.Element, text: str, fails: bool, kind: str, message: str) -> None:
    if fails:
        ET.SubElement(case, "failure", type=kind, message=message).text = text
    else:
        ET.SubElement(case, "system-out").text = text


def _count(suite: ET.Element) -> None:
    kinds = Counter(child.tag for case in suite for child in case)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(kinds["failure"]))
    suite.set("errors", "0")
    suite.set("skipped", str(kinds["skipped"]))
