"""Ids are promises, the list of rules is complete, and every page tells the truth."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from support.projects import examples, run_python
from support.witnessed import witnessed

from django_scaleready.checks import rules
from django_scaleready.checks.base import Area, Finding, Rule, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.registry import RESERVED, RETIRED, RULES

FOLDER = Path(rules.__file__).parent
ISSUED = Path(__file__).parent / "issued.txt"
SLUGS = [rule.slug for rule in RULES]
each_rule = pytest.mark.parametrize("rule", RULES, ids=SLUGS)
# The examples of the others are servers, which tests/live/test_live_rules_live.py starts.
each_rule_that_reads = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.area is not Area.LIVE], ids=lambda rule: rule.slug
)
LETTERS = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}
RANKS = list(Severity)


def page(rule: Rule) -> str:
    return sys.modules[rule.find.__module__].__doc__ or ""


@pytest.fixture(autouse=True)
def _importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An example may have a URLconf.
    monkeypatch.syspath_prepend(tmp_path)


def example(rule: Rule, heading: str, make_project: Callable[..., Project]) -> Project:
    files = examples(page(rule), heading)
    project = make_project(files)
    if rule.area is Area.RUN:
        project.witnessed = witnessed(project.root, files)
    return project


def test_every_module_is_listed() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert {slug.replace("-", "_") for slug in SLUGS} == modules


def test_no_id_and_no_number_is_issued_twice() -> None:
    taken = [rule.code for rule in RULES] + sorted(RETIRED) + sorted(RESERVED)
    numbers = Counter(code[-3:] for code in taken)
    assert [number for number, count in numbers.items() if count > 1] == []


def test_an_id_that_was_issued_stays_with_its_rule_or_is_retired() -> None:
    lines = ISSUED.read_text(encoding="utf-8").splitlines()[1:]
    issued = {line[1:4]: line[5:] for line in lines}
    assert len(issued) == len(lines)
    retired = {code[-3:] for code in RETIRED}
    assert retired <= issued.keys()
    issued = {number: slug for number, slug in issued.items() if number not in retired}
    assert {rule.code[-3:]: rule.slug for rule in RULES} == issued


def test_rules_stand_in_the_order_of_their_numbers() -> None:
    numbers = [rule.code[-3:] for rule in RULES]
    assert numbers == sorted(numbers)


@each_rule
def test_a_rule_has_the_name_of_its_module(rule: Rule) -> None:
    assert rule.find.__module__.rpartition(".")[2] == rule.slug.replace("-", "_")
    assert re.fullmatch(r"scaleready\.[EWI]\d{3}", rule.code)


@each_rule
def test_a_rule_has_a_test_module(rule: Rule) -> None:
    name = f"test_{rule.slug.replace('-', '_')}.py"
    assert (Path(__file__).parent / "rules" / name).exists()


@each_rule
def test_both_examples_have_settings_or_code(rule: Rule) -> None:
    assert examples(page(rule), "Bad")
    assert examples(page(rule), "Good")


@each_rule
def test_a_page_has_its_sections(rule: Rule) -> None:
    headings = re.findall(r"^## (.*)$", page(rule), re.MULTILINE)
    assert headings == ["Bad", "Good", "Stays silent when"]


@each_rule_that_reads
def test_the_bad_example_is_found(rule: Rule, make_project: Callable[..., Project]) -> None:
    found = list(rule.find(example(rule, "Bad", make_project)))
    assert found
    for finding in found:
        assert isinstance(finding, Finding)
        assert RANKS.index(finding.severity) >= RANKS.index(LETTERS[rule.code[-4]])
        assert finding.severity is not Severity.INFO or rule.code[-4] == "I"


@each_rule_that_reads
def test_the_good_example_is_silent(rule: Rule, make_project: Callable[..., Project]) -> None:
    assert list(rule.find(example(rule, "Good", make_project))) == []


def test_the_rules_load_none_of_what_they_judge(tmp_path: Path) -> None:
    code = "import sys, django_scaleready.checks.registry\nprint(sorted({*NAMES} & {*sys.modules}))"
    names = ["celery.app", "django.contrib", "django_redis", "gunicorn.config", "kombu", "redis"]
    done = run_python(tmp_path, "-c", code.replace("NAMES", repr(names)))
    assert done.stdout == "[]\n", done.stderr
