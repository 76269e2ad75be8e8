"""A value is made once, when a process starts, and is another one in each process.

A random name or salt bound in a module differs between the workers of one replica already. A
default that was computed at import, such as `default=timezone.now()` of a field, `initial=` of a
form's, or `def late(at=timezone.now())`, is the time of the start, and so is `today = date.today()`
outside of a function (and what is called `week_ago`, or `yesterday`), or a view's
`queryset = Order.objects.filter(due__gt=timezone.now())`. What the settings decide by the day holds
until the process ends. A periodic task whose minute is drawn, `crontab(minute=randint(0, 59))`, is
skipped or runs twice when beat starts anew.

## Bad

```python title="shop/models.py"
import uuid

from django.db import models

CURSOR_SALT = uuid.uuid4().hex
```

## Good

```python title="shop/models.py"
import uuid

from django.db import models


class Order(models.Model):
    number = models.UUIDField(default=uuid.uuid4)
```

## Stays silent when

- the function is passed and not called (`default=uuid.uuid4`), or its seed is fixed;
- it is a limit in years (`timezone.now().year - 18`), which is as good a day later, or the year
  at the foot of a page (`f"© 2014-{this_year}"`, `COPYRIGHT_YEAR`);
- the function does not read the parameter, or each call of it outside of tests gives that, or no
  replica comes to the function, as far as names tell;
- the code is a management command, a script or a test, or is used under DEBUG only;
- nothing loads the file: what it makes is printed, or written down, by whoever runs it.

It is an error where the name says that a random value is a key, a salt or a secret, a warning where
it is the default of a field or a parameter, a prefix, a version, what functions take for `today`,
when a task is due or what is decided by the day, and information elsewhere: most often a mark that
no other process reads. Information, too, is a year that but ends the list of a widget for dates
(`SelectDateWidget`), what a form makes of the day and no field has, and the first value of a field
that no form shows: the class drops the field, or wherever a form is made it is bound to what was
sent (`request.GET`), has the values of a row or another `initial`, or the function puts the time of
then into the row itself, or has returned before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.memory.years import (
    is_left_alone,
    is_listed,
    is_of_a_footer,
    reads,
)
from django_scaleready.checks.code.running.by_hand import runs_when_loaded
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.scopes import DEFERRED, Site
from django_scaleready.checks.code.tree.settings_files import may_hold_settings
from django_scaleready.checks.code.tree.syntax import last_parts, nodes_of
from django_scaleready.checks.reaching.always_given import is_never_taken
from django_scaleready.checks.reaching.first_values import is_never_shown

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "import-time-value"
RANDOM = frozenset(
    [
        *("uuid.uuid4", "uuid.uuid1", "secrets.token_hex", "secrets.token_urlsafe", "os.urandom"),
        *("secrets.token_bytes", "secrets.choice", "random.random", "random.randint"),
        *("random.choice", "random.randrange", "django.utils.crypto.get_random_string"),
        *("django.core.management.utils.get_random_secret_key",),
    ]
)
NOW = frozenset(
    [
        *("django.utils.timezone.now", "datetime.datetime.now", "datetime.datetime.utcnow"),
        *("datetime.date.today", "django.utils.timezone.localdate"),
    ]
)
# What functions take for the time at which they run.
TODAY = re.compile(
    r"_?(now|today|(this|current)_(date|day|month|time|year)"
    r"|yesterday|tomorrow|\w+_ago|(last|next|previous)_(day|week|month|year))",
    re.IGNORECASE,
)
FILTERS = frozenset({"exclude", "filter"})
A_BRANCH = "which branch is taken"
A_SCHEDULE = "when a periodic task is due"
SCHEDULES = frozenset({"crontab", "solar"})
INITIAL = "initial"
FIELDS = frozenset({"default", INITIAL})
LIMITS = frozenset({"max_value", "min_value"})
# Of a setting that follows from the day of the start.
_BEAT = "BEAT_SCHEDULE"
HINT = "Pass the function and not its result, or read the value from the settings."
UNSEEN = " No form that is made seems to show it."
A_TIME = "Write the time down: a restart may skip a run or repeat it, and two beats have two times."
PERIOD = re.compile(r"(^|_)(today|now|day|week|month|year|season|semester)(_|$)", re.IGNORECASE)
SECRET = ("SALT", "SECRET", "KEY", "TOKEN")
# What other processes are told, or ask for, too.
SHARED = ("CACHE", "CODE", "ETAG", "PASSWORD", "PREFIX", "SESSION", "VERSION")


CALLS = last_parts(*RANDOM, *NOW)


@only_with(*CALLS)
def collect(reading: Reading) -> Iterator[Fact]:
    """Note the random values bound at import, and defaults that are the time of the start."""
    module = reading.module
    if not module.roots & {"uuid", "random", "secrets", "os", "datetime", "django"}:
        return
    for site in module.calls_that_run(*CALLS):
        name = module.resolve(site.call.func)
        at_import = site.scope.kind != "function" and not site.flags & DEFERRED
        if not at_import or module.moment(site.scope) is not Moment.IMPORT:
            continue
        bound, given = _bound(site), _given(module, site)
        if name in RANDOM and _is_due(site):
            yield module.fact(site, A_SCHEDULE, name, True)
        elif name in RANDOM and (bound or given):
            yield module.fact(site, bound or given, name, bool(given), *_default_of(module, site))
        elif name in NOW and (given or _filters(site)):
            of = _default_of(module, site) or (_first_value(site) if given == INITIAL else ())
            yield module.fact(site, given or bound, name, True, *of)
        elif name in NOW and _decides(module, site):
            yield module.fact(site, bound or A_BRANCH, name, True)
        elif name in NOW and not is_of_a_footer(module, site, bound):
            yield from _named(module, site, bound, name)


def _named(module: Module, site: Site, bound: str, name: str) -> Iterator[Fact]:
    """Note what is a time by the name that it is given."""
    if TODAY.fullmatch(bound) and _is_read(module, bound):
        quiet = is_listed(module, site, bound) or is_left_alone(module, site, bound)
        yield module.fact(site, bound, name, not quiet)
    elif PERIOD.search(bound) and may_hold_settings(module.content):
        # Whether it is one that settings hold is told where they are known.
        yield module.fact(site, bound, name, None)


def _bound(site: Site) -> str:
    """Return the name that is made of a call, "" if it only serves as an argument."""
    for name, values in site.scope.bindings.items():
        for value in values:
            if any(node is site.call for node in nodes_of(value)):
                return name
    return ""


def _is_due(site: Site) -> bool:
    """Whether it is drawn when a periodic task runs: ``crontab(minute=randint(0, 59))``."""
    calls = (call for call, _ in site.scope.calls)
    named = (c for c in calls if getattr(c.func, "attr", getattr(c.func, "id", "")) in SCHEDULES)
    return any(_holds(call, site) for call in named)


def _filters(site: Site) -> bool:
    """Whether rows are chosen by it: ``queryset = Order.objects.filter(due__gt=now())``."""
    calls = (call for call, _ in site.scope.calls if getattr(call.func, "attr", "") in FILTERS)
    return any(
        node is site.call
        for call in calls
        for keyword in call.keywords
        for node in nodes_of(keyword.value)
    )


def _is_read(module: Module, bound: str) -> bool:
    return any(reads(node, bound) for node in nodes_of(module.top.node))


def _decides(module: Module, site: Site) -> bool:
    """Whether something is decided by it: ``IS_OPEN = date.today() < CLOSES``, or a branch."""
    body = getattr(module.top.node, "body", ())
    tests = [branch.test for branch in body if isinstance(branch, ast.If)]
    values = [value for values in site.scope.bindings.values() for value in values]
    return any(
        _holds(node, site)
        for value in (*tests, *values)
        for node in nodes_of(value)
        if isinstance(node, ast.Compare)
    )


def _given(module: Module, site: Site) -> str:
    """Return what a call is the default of: a field's, or a parameter's; "" if of nothing."""
    for scope in module.scopes:
        if scope.kind == "class":
            for call, _ in scope.calls:
                for name, value in _defaults(call):
                    if _holds(value, site):
                        return name
    return f"a default of {of[0].rpartition('.')[2]}()" if (of := _default_of(module, site)) else ""


def _first_value(site: Site) -> tuple[str, ...]:
    """Return the form, and its field, whose first value a call is; () if it is another's."""
    of = _bound(site)
    return (site.scope.qualname, of) if of and site.scope.kind == "class" else ()


def _default_of(module: Module, site: Site) -> tuple[str, ...]:
    """Return the function, and which of its parameters, a call is the default of; () if of none.

    What the function does not read is none.
    """
    for scope in module.scopes:
        for name, default in scope.parameters.items():
            if default is not None and _holds(default, site):
                read = any(reads(node, name) for node in nodes_of(scope.node))
                return (scope.qualname, name) if read else ()
    return ()


def _defaults(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a field is given that holds for all requests, with what it is."""
    yield from ((k.arg, k.value) for k in call.keywords if k.arg in FIELDS)
    limits = [(k.arg, k.value) for k in call.keywords if k.arg in LIMITS]
    if ast.unparse(call.func).endswith("Validator"):
        limits += [("a limit", argument) for argument in call.args[:1]]
    for keyword in call.keywords:
        if keyword.arg == "attrs" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in {"max", "min"}:
                    limits.append((str(key.value), value))
    # A limit in years is as good a day later.
    yield from ((name, value) for name, value in limits if "year" not in ast.unparse(value))


def _holds(value: ast.AST, site: Site) -> bool:
    return any(node is site.call for node in nodes_of(value))


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them; what settings make at random has a rule of its own."""
    for source, fact, place in project.noted(SLUG):
        bound, name, written, *of = fact.data
        if project.code.is_debug_only(source):
            continue
        is_setting = source.path in project.settings_files
        if bound == A_SCHEDULE:
            # Where the settings were compared, it was seen.
            if any(_BEAT in each.setting for each in project.differences):
                continue
        elif is_setting and (name in RANDOM or not (bound == A_BRANCH or PERIOD.search(bound))):
            continue
        if written is None and not is_setting:
            continue
        if not runs_when_loaded(project.code, source):
            continue
        unseen = bound == INITIAL and of and is_never_shown(project, source, *of)
        if of and bound != INITIAL and is_never_taken(project, source, *of):
            continue
        secret = name in RANDOM and any(word in bound.upper() for word in SECRET)
        told = written is not False or any(word in bound.upper() for word in SHARED)
        yield Finding(
            message=f"{name}() runs once, when a process starts: {bound} is another in each."
            + UNSEEN * bool(unseen),
            hint=A_TIME if bound == A_SCHEDULE else HINT,
            location=place,
            severity=Severity.ERROR
            if secret
            else Severity.WARNING
            if told and not unseen
            else Severity.INFO,
            confidence=Confidence.HIGH if secret else Confidence.MEDIUM,
        )


RULE = Rule("scaleready.E071", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
