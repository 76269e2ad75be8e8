"""Write ``docs/reference/rules.md`` from the docstrings of the rules.

python docs/generate_rules.py           writes the page
python docs/generate_rules.py --check   exit 1 if the page is not what it would write
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path

from django_scaleready.checks.base import Rule
from django_scaleready.checks.pages import page as rule_page
from django_scaleready.checks.registry import RETIRED, RULES

PAGE = Path(__file__).resolve().parent / "reference" / "rules.md"
WORST = {"E": "error", "W": "warning", "I": "info"}
HEAD = """\
# Rules

What `manage.py check --deploy-scale` looks for. The letter of an id is the worst severity the rule
can give; less certain findings are warnings or information, and only what is certain is an error.
An id is never given to another rule. Silence one with `SILENCED_SYSTEM_CHECKS =
["scaleready.E001"]`, and choose an area with `--tag scaleready-settings`, `scaleready-source` or
`scaleready-deploy`; those of the area `live` ask running services, and only with `--live`.
`scaleready.W000` is what could not be decided, and says why.

This page is written from the rules' own docstrings, whose examples are run as tests.

"""


def page() -> str:
    """Return the whole page."""
    rows = ["| id | rule | worst | reads | group |", "|---|---|---|---|---|"]
    rows += [
        f"| `{rule.code}` | [{rule.slug}](#{rule.slug}) | {WORST[rule.code[-4]]} | {rule.area} |"
        f" {rule.leak.heading} |"
        for rule in RULES
    ]
    retired = [f"Retired: {', '.join(sorted(RETIRED))}.", ""] if RETIRED else []
    parts = [HEAD + "\n".join([*rows, "", *retired]), *(_section(rule) for rule in RULES)]
    return "\n".join(parts)


def _section(rule: Rule) -> str:
    text = re.sub(r"^## ", "### ", rule_page(rule), flags=re.MULTILINE)
    return f"## {rule.slug}\n\n`{rule.code}`\n\n{text}\n"


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    checking = parser.parse_args().check
    wanted = page()
    if not checking:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    found = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sys.stdout.writelines(
        difflib.unified_diff(found.splitlines(True), wanted.splitlines(True), "found", "wanted")
    )
    return int(found != wanted)


if __name__ == "__main__":
    raise SystemExit(main())
