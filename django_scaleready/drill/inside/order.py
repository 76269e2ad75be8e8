"""What the drill tells the processes that it starts: one environment variable, as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

VARIABLE = "SCALEREADY_DRILL"
OVERLAY = "django_scaleready.drill.inside.overlay"


@dataclass(frozen=True)
class Order:
    """``settings`` is the project's settings module, ``replica`` who the process belongs to.

    ``databases`` holds what replaces NAME, HOST ... of a PostgreSQL alias, ``redis`` the URLs of
    empty databases, ``s3`` the options of a bucket ({} if the project has no remote storage).
    What the process has to report it writes below ``directory``.
    """

    settings: str
    directory: str
    replica: str = ""
    databases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    redis: list[str] = field(default_factory=list)
    s3: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What a process needs to run on the overlay."""
        return {"DJANGO_SETTINGS_MODULE": OVERLAY, VARIABLE: json.dumps(asdict(self))}


def current() -> Order:
    """The order that this process was started with."""
    return Order(**json.loads(os.environ[VARIABLE]))
