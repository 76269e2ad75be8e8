"""What a person said about real projects, and how the check compares.

``<project>.jsonl``: a verdict for every finding above info, by path, line and rule. It is about the
severity, too: it no longer holds when that changes.

``<project>.sample.jsonl``: a random sample of files, each read for leaks before the findings were
looked at; ``found`` is the rule that sees the leak, or null. A file without one has a line of its
own, too, its leak null.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from real.download import Source

HERE = Path(__file__).parent
# Lines between a leak and the finding that names it: a call has more than one.
NEAR = 2


class Place(NamedTuple):
    """What tells one finding from the next."""

    path: str
    line: int
    rule: str
    severity: str


@dataclass(frozen=True)
class Verdict:
    """Whether a senior SRE would have said the same, at this severity."""

    path: str
    line: int
    rule: str
    severity: Literal["error", "warning"]
    verdict: Literal["right", "wrong", "debatable"]
    reason: str

    @property
    def place(self) -> Place:
        """The finding that it judges."""
        return Place(self.path, self.line, self.rule, self.severity)


@dataclass(frozen=True)
class Read:
    """A leak in a file of the sample; ``leak`` None says that the file has none."""

    path: str
    line: int
    leak: str | None
    found: str | None


@dataclass
class Judged:
    """The findings of a project beside its verdicts."""

    right: int = 0
    wrong: int = 0
    unlabelled: list[Place] = field(default_factory=list)
    stale: list[Place] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of the findings above info that are right."""
        return self.right / (self.right + self.wrong or 1)


def scan(root: Path) -> list[dict[str, Any]]:
    """Return the findings above info, as the program reports them."""
    done = subprocess.run(
        [sys.executable, "-m", "django_scaleready", "scan", str(root), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"scan ended with {done.returncode}: {done.stderr[-2000:]}")
    return [f for f in json.loads(done.stdout)["findings"] if f["severity"] != "info"]


def place(finding: dict[str, Any]) -> Place:
    """Return where a finding of the report stands."""
    return Place(finding["path"], finding["line"], finding["slug"], finding["severity"])


def verdicts(source: Source) -> list[Verdict]:
    """Return what was said about a project's findings."""
    return [Verdict(**line) for line in lines(HERE / f"{source.name}.jsonl")]


def sample(source: Source) -> list[Read]:
    """Return what was found by reading."""
    return [Read(**line) for line in lines(HERE / f"{source.name}.sample.jsonl")]


def judge(findings: Iterable[dict[str, Any]], said: Iterable[Verdict]) -> Judged:
    """Compare the findings with the verdicts, one with one."""
    waiting = {verdict.place: verdict.verdict for verdict in said}
    judged = Judged()
    for where in map(place, findings):
        verdict = waiting.pop(where, None)
        judged.right += verdict == "right"
        judged.wrong += verdict == "wrong"
        if verdict is None:
            judged.unlabelled.append(where)
    judged.stale = list(waiting)
    return judged


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what the lines of a file say."""
    return [json.loads(line) for line in path.read_text().splitlines()]
