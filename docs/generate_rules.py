"""Write the pages of the rules from their docstrings: ``docs/reference/rules.md`` and ``rules/``.

python docs/generate_rules.py           writes them, and takes out those of rules that are gone
python docs/generate_rules.py --check   exit 1 if they are not what it would write
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

FOLDER = Path(__file__).resolve().parent / "reference"
WORST = {"E": "error", "W": "warning", "I": "info"}
HEAD = """\
# Rules

What `manage.py check --deploy-scale` looks for. The letter of an id is the worst severity the rule
can give; less certain findings are warnings or information, and only what is certain is an error.
An id is never given to another rule. Silence one with `SILENCED_SYSTEM_CHECKS =
["scaleready.E001"]`, and choose an area with `--tag scaleready-settings`, `scaleready-source` or
`scaleready-deploy`; those of the area `live` ask running services, and only with `--live`.
`scaleready.W000` is what could not be decided, and says why.

The pages are written from the rules' own docstrings, whose examples are run as tests.

"""


def pages() -> dict[str, str]:
    """Return each page by its path below ``docs/reference``."""
    found = {f"rules/{rule.slug}.md": _page(rule) for rule in RULES}
    return {"rules.md": _index(), **found}


def _index() -> str:
    rows = ["| id | rule | worst | reads | group |", "|---|---|---|---|---|"]
    rows += [
        f"| `{rule.code}` | [{rule.slug}](rules/{rule.slug}.md) | {WORST[rule.code[-4]]} |"
        f" {rule.area} | {rule.leak.heading} |"
        for rule in RULES
    ]
    retired = ["", f"Retired: {', '.join(sorted(RETIRED))}."] if RETIRED else []
    return HEAD + "\n".join([*rows, *retired, ""])


def _page(rule: Rule) -> str:
    # On a terminal all rules are one text, and there a rule is named as a part of it.
    text = re.sub(r"\]\(#([a-z-]+)\)", r"](\1.md)", rule_page(rule))
    worst, group = WORST[rule.code[-4]], rule.leak.heading
    facts = f"`{rule.code}` · at worst {worst} · reads: {rule.area} · group: {group}"
    return f"# {rule.slug}\n\n{facts}\n\n{text}\n"


def _there() -> dict[str, str]:
    paths = [FOLDER / "rules.md", *sorted((FOLDER / "rules").glob("*.md"))]
    return {
        path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.exists()
    }


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if they differ")
    checking = parser.parse_args().check
    wanted, found = pages(), _there()
    if checking:
        for name in sorted({*wanted, *found}):
            old, new = (pages.get(name, "").splitlines(True) for pages in (found, wanted))
            sys.stdout.writelines(difflib.unified_diff(old, new, f"found/{name}", f"wanted/{name}"))
        return int(found != wanted)
    (FOLDER / "rules").mkdir(exist_ok=True)
    for name in found.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
