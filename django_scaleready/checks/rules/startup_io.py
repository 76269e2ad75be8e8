"""Starting a process asks another host, or the database.

Every worker of every replica does it, at each deploy and each restart: forty processes fetch the
same feed within a second. While the other side is away no replica starts, so an outage elsewhere
becomes one here; and what was fetched stays as it was until the next deploy. A module
that makes a client of pyoidc asks the provider who it is, too (`provider_config()`), and one that
makes an `App` of Slack's Bolt with its `token` asks Slack whose that is.

## Bad

```python title="shop/apps.py"
from django.apps import AppConfig

from shop import rates


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        rates.refresh()
```

```python title="shop/rates.py"
from urllib.request import urlopen

RATES = []


def refresh():
    with urlopen("https://rates.example.com/all", timeout=5) as answer:
        RATES.append(answer.read())
```

## Good

```python title="shop/apps.py"
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from shop import signals  # noqa: F401
```

```python title="shop/signals.py"
from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Order


@receiver(post_save, sender=Order)
def count(sender, **kwargs):
    Order.objects.count()
```

## Stays silent when

- `ready()` connects signals, registers checks or imports modules;
- a queryset is built but not evaluated (`queryset = Order.objects.all()` in a class);
- the machine itself is asked: `http://169.254.169.254/latest/meta-data/local-ipv4`, `localhost`;
- it happens under DEBUG only, in a command or in a script;
- it happens below a setting that is False: that is information;
- nothing imports the module, and no settings name it (`"SCHEMA": "shop.api.schema.schema"`):
  somebody runs it by hand.

What one `ready()` asks is one finding, with all its lines.
Files written at start are a finding of [file-write](#file-write).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.running.by_hand import runs_when_loaded
from django_scaleready.checks.code.summary import Function, Moment, Summary

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project

# What each line of a function does, and where.
Doing = dict[int, list[tuple[str, Location]]]
# The places that ask, and where a start leads there.
Groups = dict[tuple[Location, ...], list[tuple[Location, Moment, str]]]
STARTS = frozenset({Moment.IMPORT, Moment.READY})
KINDS = {"http": "calls another host", "database": "asks the database"}


def find(project: Project) -> Iterator[Finding]:
    """Yield what ready() methods and modules ask when they run, with the lines that lead there."""
    groups: Groups = {}
    for source, name, moment, doing in project.code.once(_started):
        started = {
            line: done
            for line, done in doing.items()
            if not project.is_switched_off(source.path, name, line)
        }
        if started and moment is Moment.READY:
            started = _as_one(source, started)
        for line, done in sorted(started.items()):
            kinds = " and ".join(dict.fromkeys(KINDS[kind] for kind, _ in done))
            places = tuple(dict.fromkeys(place for _, place in done))
            groups.setdefault(places, []).append((Location(source.path, line), moment, kinds))
    for places, starts in groups.items():
        yield _finding(starts, places)


def _started(code: Codebase) -> list[tuple[Summary, str, Moment, Doing]]:
    """Return the functions and modules that run at a start and ask for something."""
    found = []
    for source in code:
        for name, function in source.functions.items():
            if not name and not runs_when_loaded(code, source):
                continue
            if function.moment not in STARTS:
                continue
            # Most do nothing of the kind; when they run is asked of the others alone.
            doing = _starting(code, source, function)
            if doing and function.moment in code.moments(source, name):
                found.append((source, name, function.moment, doing))
    return found


def _starting(code: Codebase, source: Summary, function: Function) -> Doing:
    """Return what each line of a function does, by itself and through the project's functions."""
    doing: Doing = {}
    for kind, line in function.io:
        if kind in KINDS:
            doing.setdefault(line, []).append((kind, Location(source.path, line)))
    for call in function.calls:
        for other, _, reached in code.reached(call.callee):
            found = [(kind, Location(other.path, at)) for kind, at in reached.io if kind in KINDS]
            if found:
                doing.setdefault(call.line, []).extend(found)
    return doing


def _as_one(source: Summary, started: Doing) -> Doing:
    """Return what a ready() does as one thing that its first line begins: it is put off as one."""
    first, *others = sorted(started)
    doing = [each for line in (first, *others) for each in started[line]]
    doing += [(started[line][0][0], Location(source.path, line)) for line in others]
    return {first: doing}


def _finding(starts: list[tuple[Location, Moment, str]], places: tuple[Location, ...]) -> Finding:
    (location, moment, kinds), *others = starts
    when = "AppConfig.ready()" if moment is Moment.READY else "Importing the module"
    more = f" {len(others)} more lines lead there." if others else ""
    return Finding(
        message=f"{when} {kinds}: every process of every replica does, at each start.{more}",
        hint="Do it in a periodic task, and keep the result in the cache or database.",
        location=location,
        severity=Severity.WARNING,
        related=tuple(dict.fromkeys([*places, *(other for other, _, _ in others)])),
    )


RULE = Rule("scaleready.W066", "startup-io", find, Area.SOURCE, leak=Leak.LIFECYCLE)
