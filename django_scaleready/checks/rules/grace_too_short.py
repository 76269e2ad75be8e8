"""SIGKILL comes before a replica has stopped.

A replica that is told to stop drains, then waits for the requests in flight. The platform does not
wait longer than its grace period: Kubernetes and ECS 30 s, `docker stop` and supervisord 10 s,
systemd 90 s. What is still running then is cut.

## Bad

```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 20
      containers:
        - name: web
          image: mysite
          command: ["gunicorn", "--graceful-timeout", "60", "mysite.wsgi"]
```

## Good

```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 70
      containers:
        - name: web
          image: mysite
          command: ["gunicorn", "--graceful-timeout", "60", "mysite.wsgi"]
```

## Stays silent when

- nothing is said about either: the defaults of gunicorn and Kubernetes fit each other;
- the time is not the file's to tell: a Procfile, an image alone, unless Terraform defines a service
  of ECS and says nothing of `stopTimeout`;
- supervisord does not wait at all, for its `stopsignal` is KILL: see
  [signal-swallowed](#signal-swallowed).

A `preStop` hook that sleeps as long as the whole grace period leaves nothing for any server. It
serves meanwhile and is sent no new requests, so that is a warning where no request, by uWSGI's
`harakiri`, and no task may take longer than the hook.

If only one of the two is said, it is a warning. [ladder](#ladder) does the same for figures that
`SCALEREADY` declares.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.budget import Ladder
from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.terraformed import grace_of_ecs

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.formats.gunicorn import Gunicorn
    from django_scaleready.checks.deployment.formats.uwsgi import Uwsgi
    from django_scaleready.checks.deployment.process import Given, Process
    from django_scaleready.checks.project import Project

# Nobody is waited for who is sent it.
KILL = "KILL"
# Of an image's own start, what runs it says how long that may stop.
TOLD_ELSEWHERE = frozenset({Kind.DOCKERFILE, Kind.SCRIPT})
# gunicorn/config.py, GracefulTimeout.
GUNICORN = 30
FIGURES = ("graceful_timeout", "grace_period")


def find(project: Project) -> Iterator[Finding]:
    """Yield each process that may be killed while it stops."""
    held = project.ladder_declarations
    judged = {one.location for one in held if one.figure == "grace_period"}
    declared = Ladder.of(held)
    programs = {p.location: p for read in project.deploy.supervisors for p in read.programs}
    told: set[tuple[Location, Location]] = set()
    for process, server in project.deploy.gunicorn:
        supervised = [programs[place] for place in server.command.via if place in programs]
        if any(program.stop == KILL for program in supervised):
            continue
        given = [program.grace for program in supervised]
        given += [process.grace] if process.grace else []
        grace = min(given, key=lambda grace: grace.value, default=None)
        if grace is None and process.kind in TOLD_ELSEWHERE and _graceful(server) > GUNICORN:
            grace = grace_of_ecs(project)
        # Several services may have one image, and its supervisord one configuration.
        again = grace is not None and (grace.location, server.command.location) in told
        if grace is not None and grace.location not in judged and not again:
            told.add((grace.location, server.command.location))
            yield from _judge(process, server, grace, declared)
    timed = {process.location for process, _ in project.deploy.gunicorn}
    limits = {process.location: _limit(server) for process, server in project.deploy.uwsgi}
    for process in project.deploy.processes:
        if process.own and not process.once and process.location not in timed:
            works = any(command.works for command in process.commands)
            longer = works or limits.get(process.location, 0) > process.delay
            yield from _slept(process, judged, longer)


def _graceful(server: Gunicorn) -> float:
    """Return the seconds that a server is told to wait for its requests, 0 if it is not."""
    given = server.settings.get("graceful_timeout")
    return (given.number if given else None) or 0


def _limit(server: Uwsgi) -> int:
    """Return after how many seconds a request is ended, 0 if nothing is said."""
    texts = [option.value for option in server.all("harakiri")]
    return max((int(text) for text in texts if text.isdecimal()), default=0)


def _slept(process: Process, judged: set[Location], longer: bool) -> Iterator[Finding]:
    """Yield a process whose hook takes all of its time, whatever it is that is stopped then.

    It serves meanwhile and is sent nothing new: what may take ``longer`` is surely cut.
    """
    grace = process.grace
    if grace is None or process.delay < grace.value or grace.location in judged:
        return
    option = f"{grace.option}{'' if grace.said else ', by default'}"
    yield Finding(
        message=(
            f"{process.name!r} is told to stop after {process.delay:g} s of its preStop hook, and"
            f" is killed after {grace.value:g} s ({option}): no time is left for requests."
        ),
        hint=f"Set {grace.option} to {math.ceil(process.delay) + GUNICORN + 2} or more.",
        location=grace.location,
        severity=Severity.ERROR if longer else Severity.WARNING,
        confidence=Confidence.HIGH,
    )


def _judge(process: Process, server: Gunicorn, grace: Given, declared: Ladder) -> Iterator[Finding]:
    given = server.settings.get("graceful_timeout")
    own = given.number if given else None
    graceful = own or (declared.graceful_timeout if server.kit else GUNICORN)
    drain = process.delay + (declared.drain if server.kit else 0)
    said = own is not None or process.delay > 0 or server.kit
    ladder = Ladder.derive(
        {
            "drain": drain,
            "graceful_timeout": math.ceil(graceful),
            "grace_period": max(1, math.floor(grace.value)),
            "margin": 0,
        }
    )
    if not (said or grace.said) or all(p.figures != FIGURES for p in ladder.problems()):
        return
    certain = said and grace.said
    needs = f"{drain:g} s to drain and " if drain else ""
    yield Finding(
        message=(
            f"{process.name!r} may need {needs}{graceful:g} s for requests in flight, and is killed"
            f" after {grace.value:g} s ({grace.option}{'' if grace.said else ', by default'})."
        ),
        hint=f"Set {grace.option} to {math.ceil(drain + graceful) + 2} or more.",
        location=grace.location,
        severity=Severity.ERROR if certain else Severity.WARNING,
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        related=(given.location,) if given and given.location != grace.location else (),
    )


RULE = Rule("scaleready.E100", "grace-too-short", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
