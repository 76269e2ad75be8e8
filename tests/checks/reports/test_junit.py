"""JUnit XML, as a CI server counts it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from support.reports import full_report

from django_scaleready.checks.registry import RULES
from django_scaleready.checks.reports.junit import as_junit
from django_scaleready.checks.reports.report import Report


def suite(report: Report) -> ET.Element:
    found = ET.fromstring(as_junit(report)).find("testsuite")
    assert found is not None
    return found


def test_a_rule_that_ran_and_found_nothing_is_a_case_that_passed() -> None:
    made = suite(Report((), ran=RULES[:3]))
    assert [case.get("classname") for case in made] == sorted(rule.slug for rule in RULES[:3])
    assert made.attrib["tests"] == "3"
    assert made.attrib["failures"] == "0"


def test_of_a_rule_that_did_not_run_nothing_is_said() -> None:
    assert list(suite(Report(()))) == []


def test_what_fails_the_command_fails_and_nothing_else() -> None:
    made = suite(full_report())
    failing = [case.get("name") for case in made if case.find("failure") is not None]
    assert failing == ["odd name, 100%:<&>.py:1", "shop.W001"]
    assert made.attrib["failures"] == "2"
    assert made.attrib["tests"] == str(len(made))


def test_what_is_undecided_is_skipped_unless_it_fails() -> None:
    report = full_report()
    assert suite(report).attrib["skipped"] == "1"
    strict = suite(replace(report, unknown_fails=True))
    assert (strict.attrib["skipped"], strict.attrib["failures"]) == ("0", "3")


def test_a_finding_that_does_not_fail_is_told_all_the_same() -> None:
    (case,) = [case for case in suite(full_report()) if case.get("name") == "/etc/else.py"]
    assert "Mend it." in (case.findtext("system-out") or "")


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert any(case.get("name") == "d?.py" for case in suite(full_report()))
