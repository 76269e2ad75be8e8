"""A comment that silences a rule is not of the form that silences one, or silences nothing.

`# scaleready: ignore[slug] reason` silences the rule of that slug on its line, or on the next one
if it stands alone; in capitals, too. The reason is required: whoever reads the line later has to
know whether it still holds. A comment that no longer silences anything would silence the next
mistake there.

## Bad

```python title="shop/rates.py"
import requests


def rates():
    return requests.get("https://rates.example.com")  # scaleready: ignore[http-no-timeout]
```

## Good

```python title="shop/rates.py"
import requests


def rates():
    # scaleready: ignore[http-no-timeout] the proxy in front ends each call after 5 s
    return requests.get("https://rates.example.com")
```

## Stays silent when

- the comment names rules that exist, gives a reason, and each of the rules finds something there.

An id in `SILENCED_SYSTEM_CHECKS` that no check has is found as well.

Comments are read in Python files and in deploy files: in YAML, shell scripts, nginx's and
supervisord's files behind a line as well, in a Dockerfile, a Procfile, uWSGI's files and systemd's
units only on a line of their own, which speaks for the statement below it. One above the first
statement of a file speaks for the file as a whole, too: for findings without a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django_scaleready.checks.base import (
    Area,
    Finding,
    Leak,
    Location,
    Rule,
    Severity,
    number_of,
)
from django_scaleready.checks.deployment.formats.comments import comments

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SILENCED = "SILENCED_SYSTEM_CHECKS"
# Of what could not be decided, and of the app's own checks.
OTHERS = ("scaleready.W000", "scaleready.W900", "scaleready.W901", "scaleready.W902")


def find(project: Project) -> Iterator[Finding]:
    """Yield what silences nothing for its form; the stale comments show in a run."""
    written = [(source.path, each) for source in project.code for each in source.suppressions]
    for path, comment in [*written, *comments(project.deploy.files)]:
        for problem in _problems(comment.slugs, comment.reason, project.slugs):
            yield Finding(
                message=problem,
                hint="Write # scaleready: ignore[slug] and why it is not a mistake here.",
                location=Location(path, comment.line),
                severity=Severity.WARNING,
            )
    for code in project.setting(SILENCED) or ():
        if str(code).startswith("scaleready.") and code not in {*project.slugs.values(), *OTHERS}:
            slug = _meant(code, project.slugs)
            meant = f" Did you mean {project.slugs[slug]} ({slug})?" if slug else ""
            yield Finding(
                message=f"There is no check {code!r}, so {SILENCED} silences nothing by it.{meant}",
                hint="Name the id that stands in the report, scaleready.E001 for instance.",
                location=project.where(SILENCED),
                severity=Severity.WARNING,
            )


def _problems(slugs: tuple[str, ...], reason: str, known: Mapping[str, str]) -> Iterator[str]:
    if not slugs:
        yield "This comment names no rule, so it silences none."
        return
    if not reason:
        yield "This comment gives no reason, so it silences nothing."
    for slug in slugs:
        if slug not in known:
            close = _meant(slug, known)
            meant = f" Did you mean {close}?" if close else ""
            yield f"There is no rule {slug!r}, so this comment does not silence it.{meant}"


def _meant(name: str, known: Mapping[str, str]) -> str:
    """Return the slug of the rule that a wrong name or id may stand for, "" if there is none."""
    number = number_of(name)
    if number is not None:
        return next((slug for slug, code in known.items() if number_of(code) == number), "")
    import difflib

    # Words are more easily put in another order than misspelt.
    by_words = {_words(slug): slug for slug in known}
    close = difflib.get_close_matches(_words(name.removeprefix("scaleready.")), by_words, n=1)
    return by_words[close[0]] if close else ""


def _words(slug: str) -> str:
    return "-".join(sorted(slug.split("-")))


RULE = Rule("scaleready.W103", "suppression", find, Area.SOURCE, leak=Leak.UNUSED)
