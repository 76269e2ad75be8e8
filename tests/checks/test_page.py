"""The pages of the rules are what their docstrings say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django_scaleready.checks.registry import RULES

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate_rules.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"Run python docs/generate_rules.py\n{done.stdout}{done.stderr}"


def test_each_rule_has_a_page_of_its_own() -> None:
    folder = ROOT / "docs" / "reference"
    assert {path.stem for path in (folder / "rules").iterdir()} == {rule.slug for rule in RULES}
    listed = (folder / "rules.md").read_text(encoding="utf-8")
    assert all(f"[{rule.slug}](rules/{rule.slug}.md)" in listed for rule in RULES)
