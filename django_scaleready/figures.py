"""The figures of the ladder of time-outs: what may be declared for each, and why it is as large."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar


@dataclass(frozen=True, slots=True)
class Figure:
    """What may be declared for a figure of the ladder, and why it is as large as it is.

    ``option`` is its name in ``SCALEREADY`` and, after ``SCALEREADY_``, in the environment;
    ``variable`` an older variable of the environment, which wins over both. ``reason`` is a
    template over the figures. ``outside``: not the project's to choose, but a fact about what
    stands around it; undeclared, it is what they do unless told otherwise.
    """

    name: str
    option: str
    reason: str
    minimum: float = 1
    whole: bool = True
    variable: str = ""
    outside: bool = False

    @property
    def accepts(self) -> str:
        """What a declared value must be, for an error message."""
        kind = "a whole number" if self.whole else "a number"
        unit = "" if self.name == "probe_failures" else " of seconds"
        return f"{kind}{unit} from {self.minimum:g} upwards"

    def takes(self, value: object) -> bool:
        """Whether a value may be declared for it."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        right = isinstance(value, int) or not self.whole
        return right and math.isfinite(value) and value >= self.minimum


@dataclass(frozen=True, slots=True)
class Declaration:
    """A figure's value in seconds, and the variable, option or setting that gives it."""

    figure: str
    value: float
    source: str


D = TypeVar("D", bound=Declaration)


def strongest(declarations: Iterable[D]) -> dict[str, D]:
    """Return the first declaration of each figure: the one that holds."""
    found: dict[str, D] = {}
    for declaration in declarations:
        found.setdefault(declaration.figure, declaration)
    return found


FIGURES: Final = (
    Figure(
        "probe_interval",
        "PROBE_INTERVAL",
        "between two probes of the balancer; 1 s is HAProxy's `inter 1s` and Kubernetes' shortest",
        minimum=0.1,
        whole=False,
        outside=True,
    ),
    Figure(
        "probe_failures",
        "PROBE_FAILURES",
        "failed probes until no more requests come; with 2 one lost packet removes nobody",
        outside=True,
    ),
    Figure(
        "probe_timeout",
        "PROBE_DEADLINE",
        "shorter than probe_interval ({probe_interval:g}) and than the 1 s that Kubernetes waits,"
        " so that the answer is ours and not their time-out",
        minimum=0.05,
        whole=False,
    ),
    Figure(
        "drain",
        "DRAIN",
        "longer than probe_interval x probe_failures + probe_timeout ({detection:g}), until the"
        " balancer knows, and than the 5 s in which Kubernetes tells everybody",
        minimum=0,
        whole=False,
    ),
    Figure(
        "graceful_timeout",
        "GRACEFUL_TIMEOUT",
        "longer than request_timeout ({request_timeout:g}), so that the request which came last"
        " ends; what grace_period leaves after drain and margin",
        variable="GUNICORN_GRACEFUL_TIMEOUT",
    ),
    Figure(
        "margin",
        "MARGIN",
        "for what takes time and has no figure: a late timer, a process that exits",
        minimum=0,
        whole=False,
    ),
    Figure(
        "grace_period",
        "GRACE_PERIOD",
        "at least drain + graceful_timeout + margin ({stop:g}): SIGKILL comes then; 30 s is the"
        " default of Kubernetes and ECS, Docker's is 10 s",
        outside=True,
    ),
    Figure(
        "request_timeout",
        "REQUEST_TIMEOUT",
        "shorter than graceful_timeout ({graceful_timeout:g}), and not longer than"
        " balancer_idle_timeout ({balancer_idle_timeout:g}), when an ALB gives a request up",
        minimum=2,
        outside=True,
    ),
    Figure(
        "balancer_idle_timeout",
        "BALANCER_IDLE_TIMEOUT",
        "until the balancer closes an idle connection to the replica: 60 s with nginx and an ALB",
        whole=False,
        outside=True,
    ),
    Figure(
        "keepalive",
        "KEEPALIVE",
        "longer than balancer_idle_timeout ({balancer_idle_timeout:g}), so that the balancer"
        " closes first; else it sends a request into a closed connection, a 502",
        minimum=0,
        variable="GUNICORN_KEEPALIVE",
    ),
    Figure(
        "worker_timeout",
        "WORKER_TIMEOUT",
        "longer than request_timeout ({request_timeout:g}): gunicorn ends a sync worker, which says"
        " nothing during a request, after it; 30 s is its default",
        variable="GUNICORN_TIMEOUT",
    ),
    Figure(
        "connect_timeout",
        "CONNECT_TIMEOUT",
        "shorter than request_timeout ({request_timeout:g}): a database that drops packets must"
        " not hold a request until the balancer gives it up",
        variable="DATABASE_CONNECT_TIMEOUT",
    ),
    Figure(
        "statement_timeout",
        "STATEMENT_TIMEOUT",
        "shorter than request_timeout ({request_timeout:g}), with room to connect first: the"
        " database must not go on working for a client that has left",
        minimum=0.001,
        whole=False,
    ),
    Figure(
        "task_soft_limit",
        "TASK_SOFT_LIMIT",
        "shorter than task_hard_limit ({task_hard_limit:g}): the exception lets a task clean up"
        " before it is killed",
    ),
    Figure(
        "task_hard_limit",
        "TASK_HARD_LIMIT",
        "shorter than visibility_timeout ({visibility_timeout:g}): a task that hangs holds its"
        " process for ever without one",
        minimum=2,
        variable="CELERY_TASK_TIME_LIMIT",
    ),
    Figure(
        "visibility_timeout",
        "VISIBILITY_TIMEOUT",
        "longer than task_hard_limit ({task_hard_limit:g}), or the broker hands out a task that"
        " still runs, and it runs twice; an hour is kombu's default",
        variable="CELERY_VISIBILITY_TIMEOUT",
    ),
    Figure(
        "worker_shutdown",
        "WORKER_SHUTDOWN",
        "shorter than grace_period ({grace_period:g}) by what a Celery worker needs to give its"
        " unfinished tasks back",
        minimum=0,
        whole=False,
        variable="CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT",
    ),
)

BY_NAME: Final = {figure.name: figure for figure in FIGURES}
