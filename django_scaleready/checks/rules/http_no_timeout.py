"""A host that does not answer takes a thread of each replica with it.

`requests` and `urlopen` wait for ever unless they are given a timeout. When the other side hangs,
each request or task that calls it holds its thread; soon every replica is busy waiting, and adding
replicas only adds threads that wait. A session is followed to where it is used: through a helper, a
property, an attribute, the default of a parameter or a base class, in whichever file.
`feedparser.parse` and `urlretrieve` take no timeout: fetch with one, and hand over what came.
mozilla-django-oidc, also below django-lasuite, and, before 4.9, social-auth-core (`social_django`)
ask the provider who logs in without one, too, unless `OIDC_TIMEOUT` or
`SOCIAL_AUTH_REQUESTS_TIMEOUT` is set, and not to None.

## Bad

```python title="shop/rates.py"
import requests


def exchange_rate(currency):
    return requests.get(f"https://rates.example.com/{currency}").json()
```

## Good

```python title="shop/rates.py"
import requests


def exchange_rate(currency):
    return requests.get(f"https://rates.example.com/{currency}", timeout=5).json()
```

## Stays silent when

- a timeout is given, or may come with a `**mapping` that another function makes, or an object
  keeps, unless that stands in the same file or class and gives none;
- a function of the project passes on a `timeout` that its callers give; those that do not are named
  instead, or, if none does, the function; below `if timeout:` all of them have given one;
- the session has an adapter of the project's own, which may bring one; not if its class stands in
  the same file, has no `send` and says nothing of a timeout;
- a replica replaces `requests.Session.request`, or the adapter's `send`, by a function that gives a
  timeout (`kwargs.setdefault("timeout", 10)`, `partialmethod(Session.request, timeout=10)`): what
  goes through requests has one;
- `socket.setdefaulttimeout()` is called as a process starts (for `urlopen` and the like; `requests`
  takes no notice of it), or by what leads to the call;
- the library has a timeout by default (httpx: 5 s); of social-auth-core, also if no file asks for
  an older one alone;
- the code runs under DEBUG only, in a management command or a script, or in a file that only
  commands import, unless a container or a unit goes on running them: a bot, a worker of one's
  own; or a clock starts it, and nothing ends it: a CronJob without
  `activeDeadlineSeconds`, a timer of systemd, a crontab, a table of the settings that has a
  scheduler run `call_command` (`CRONJOBS`, jobs for Django Q).

Where no replica comes, as far as names tell, or only below a setting that is False
(`if settings.SENDS:`) or a parameter that no replica gives (`if url:`), it is information, and so
is a log-in whose `OIDC_OP_TOKEN_ENDPOINT` is an example (`https://example.com/token`). So it is
where Celery's tasks alone come, all of which have a time limit of less than 300 s, of their own or
from each that sends them: the call ends with its task. A soft limit ends nothing in a loop that
catches all exceptions and goes on.

Several calls over the sessions that one function makes, or hands to others of its file, are one
finding, at that function, which names them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.clients.by_star import is_had
from django_scaleready.checks.code.clients.handed_sessions import (
    ASKS,
    HandedSessions,
    asked,
    asked_over,
    given,
)
from django_scaleready.checks.code.clients.http import NO, PERHAPS, SOCKET_DEFAULT, YES
from django_scaleready.checks.code.clients.patched import PATCH, is_of_requests, patches
from django_scaleready.checks.code.clients.socket_default import SocketDefaults, lasting_defaults
from django_scaleready.checks.code.clients.wrappers import Wrappers, calls_over, curl_wrappers
from django_scaleready.checks.code.running.by_hand import runs_when_loaded
from django_scaleready.checks.code.summary import Fact, Moment, Summary
from django_scaleready.checks.code.tasks.swallowed import goes_on
from django_scaleready.checks.known.login_apps import is_made_up, unbounded
from django_scaleready.checks.task_limits import TaskLimits
from django_scaleready.checks.together import worst

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "http-no-timeout"
# A worker that waits less than this is soon back, in seconds.
SOON = 300
DEFAULT, CALL, WRAPPER = "default", "call", "wrapper"
HINT = "Pass timeout=5 (seconds, for connecting and between two answers)."
# They would refuse a timeout, or take it for something else.
INSTEAD = {
    "feedparser.parse": (
        "It takes no timeout: hand it requests.get(url, timeout=5).content, or call"
        " socket.setdefaulttimeout(5) at the start."
    ),
    "urllib.request.urlretrieve": (
        "It takes no timeout: write what requests.get(url, timeout=5) or urlopen(url, timeout=5)"
        " answers, or call socket.setdefaulttimeout(5) at the start."
    ),
}


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the calls without a timeout, and the functions that pass a timeout on."""
    module = reading.module
    for made in reading.http:
        if made.site.guarded:
            continue
        if made.bounded == NO:
            over = asked_over(reading, made.site.call, made.site.scope)
            yield module.fact(made.site, CALL, made.name, over, NO, goes_on(module, made.site))
        elif made.bounded == PERHAPS:
            yield module.fact(made.site, WRAPPER, made.name)
    yield from given(module)
    yield from asked(reading)
    for scope in curl_wrappers(module):
        yield Fact(scope.line, scope.qualname, (WRAPPER, ""))
    yield from patches(module)
    for site in lasting_defaults(module):
        yield module.fact(site, DEFAULT)


def find(project: Project) -> Iterator[Finding]:
    """Yield each call without a timeout that a request, a task or the start may wait for."""
    code = project.code
    sent = {CALL, WRAPPER}
    facts = [
        (source, fact)
        for source, fact in code.facts(SLUG)
        if fact.data[0] not in sent or is_had(code, source, fact.data[1])
    ]
    asked = code.once(_asked_sessions)
    if _is_patched(project, facts):
        facts, asked = _past_requests(facts), _past_requests(asked)
    else:
        yield from _of_logins(project)
    # A command sets it for itself alone.
    setting = ((s, f) for s, f in facts if f.data[0] == DEFAULT and not project.is_operators(s, f))
    defaults = SocketDefaults(code, setting)
    sessions, limits, made = code.once(_sessions), TaskLimits(project), list[tuple[Finding, str]]()
    for source, fact in facts:
        own = fact.data[0] == CALL and not _is_by_hand(project, source, fact)
        if not own or (fact.data[1] in SOCKET_DEFAULT and defaults.hold(source.path, fact)):
            continue
        made.append((_call(limits, source, fact), fact.data[2]))
    # Of those that come from elsewhere.
    over = [(s, f) for s, f in asked if not _is_by_hand(project, s, f)]
    made += [(_call(limits, s, f), f.data[2]) for s, f in over if f.data[3] == NO]
    yield from _of_sessions(code, sessions, made)
    sending = [(s, f) for s, f in facts if f.data[0] == WRAPPER]
    sending += [(s, f) for s, f in over if f.data[3] == PERHAPS]
    roots = [(s.path, f.function, f.line) for s, f in sending if f.function]
    held = calls_over(code, sessions, facts) if roots else {}
    for wrapper, calls in Wrappers(code, roots, held).calls():
        # A function that sends in one of two ways has a call for each.
        own = [Location(path, line) for path, name, line in roots if (path, name) == wrapper[:2]]
        yield from _of_wrapper(code, wrapper, calls, own)


def _is_patched(project: Project, facts: list[tuple[Summary, Fact]]) -> bool:
    """Whether a replica gives all that requests sends a time-out, by a method of its own."""
    return any(
        fact.data[0] == PATCH
        and not project.code.is_operators(source, fact)
        and project.reach.comes(source.path, fact.function)
        for source, fact in facts
    )


def _past_requests(facts: list[tuple[Summary, Fact]]) -> list[tuple[Summary, Fact]]:
    """Return the facts without the calls that go through requests."""
    calls = {ASKS, CALL, WRAPPER}
    return [
        (source, fact)
        for source, fact in facts
        if fact.data[0] not in calls or not is_of_requests(source, fact.data[1])
    ]


def _of_logins(project: Project) -> Iterator[Finding]:
    """Yield each library that asks a provider for whoever logs in."""
    for app in unbounded(project):
        yield Finding(
            message=f"{app.name} has no timeout: a provider that hangs holds who logs in.",
            hint=f"Set {app.setting} = 5 (seconds).",
            location=project.where(
                app.setting if project.is_set(app.setting) else "AUTHENTICATION_BACKENDS"
            ),
            severity=Severity.INFO if is_made_up(project, app) else Severity.WARNING,
        )


def _sessions(code: Codebase) -> HandedSessions:
    return HandedSessions(code, code.facts(SLUG))


def _asked_sessions(code: Codebase) -> list[tuple[Summary, Fact]]:
    """Return the calls over sessions that come from elsewhere, whoever makes them."""
    sessions = code.once(_sessions)
    asked = ((source, fact) for source, fact in code.facts(SLUG) if fact.data[0] == ASKS)
    return [(source, fact) for source, fact in asked if sessions.gives(fact.data[2])]


def _of_sessions(
    code: Codebase, sessions: HandedSessions, calls: list[tuple[Finding, str]]
) -> Iterator[Finding]:
    """Yield the calls, of which those over the sessions of one function are one finding."""
    made: dict[tuple[str, str], list[Finding]] = {}
    for finding, target in calls:
        if target and (maker := sessions.maker(target, finding.location.path)):
            made.setdefault(maker, []).append(finding)
        else:
            yield finding
    for maker, found in made.items():
        yield _of_maker(code, maker, found) if len(found) > 1 else found[0]


def _is_by_hand(project: Project, source: Summary, fact: Fact) -> bool:
    """Whether an operator waits, in a program that calls as soon as it is read too, or nobody."""
    at_top = not fact.function and not runs_when_loaded(project.code, source)
    own = at_top and source.path not in project.programs
    operators = project.is_operators(source, fact) and not project.is_scheduled(source, fact)
    return own or operators


def _of_wrapper(
    code: Codebase,
    wrapper: tuple[str, str, int],
    calls: list[tuple[str, str, int, int]],
    own: list[Location],
) -> Iterator[Finding]:
    """Yield the callers without a timeout if others have one, else the wrapper itself."""
    bare = [
        (path, function, line)
        for path, function, line, given in calls
        if given == NO and code.moments(code.by_path[path], function) != {Moment.COMMAND}
    ]
    path, name, line = wrapper
    places = [Location(at, number) for at, _, number in bare]
    if any(given == YES for *_, given in calls):
        for place in places:
            yield _finding(name, place, Location(path, line))
    elif places:
        here = Location(path, line)
        yield _finding(name, here, *(place for place in own if place != here), *places)


def _call(limits: TaskLimits, source: Summary, fact: Fact) -> Finding:
    """Return a call without a timeout; it does end if only tasks come there that soon do."""
    finding = _finding(fact.data[1], Location(source.path, fact.line))
    goes_on = fact.data[0] == CALL and fact.data[4]
    limit = limits.of(source.path, fact.function, soft=not goes_on)
    if not 0 < limit < SOON:
        return finding
    message = (
        f"{fact.data[1]} has no timeout: a host that hangs holds the worker until the task's time"
        f" limit of {limit:g} s."
    )
    return replace(finding, message=message, severity=Severity.INFO)


def _of_maker(code: Codebase, maker: tuple[str, str], found: list[Finding]) -> Finding:
    """Return the calls over the sessions that one function makes, as one with its place."""
    path, name = maker
    severity = worst(found).severity
    until = "worker until the tasks' time limits" if severity is Severity.INFO else "thread"
    calls = sorted((finding.location for finding in found), key=lambda at: (at.path, at.line))
    return Finding(
        message=(
            f"{name} makes sessions without a timeout, and {len(calls)} calls over them give none:"
            f" a host that hangs holds the {until}."
        ),
        hint="Mount an adapter that brings a timeout, or pass timeout=5 (seconds) to each call.",
        location=Location(path, code.by_path[path].functions[name].line),
        severity=severity,
        related=tuple(calls),
    )


def _finding(name: str, location: Location, *related: Location) -> Finding:
    return Finding(
        message=f"{name} has no timeout: a host that hangs holds the thread.",
        hint=INSTEAD.get(name, HINT),
        location=location,
        severity=Severity.WARNING,
        related=related,
    )


RULE = Rule("scaleready.W073", SLUG, find, Area.SOURCE, collect, leak=Leak.CONNECTIONS)
