"""Start scripts of workers that only somebody's own containers are seen to run.

The code is mounted over the image there; where else the image is deployed, what starts its worker
is not here, and a script of its own, ``bin/run-worker.sh``, is what that most likely starts.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.names import STARTS
from django_scaleready.checks.deployment.process import Process, is_over_tree

# What a script does that is for those who work on the code.
_DEVELOPS = re.compile(r"\b(watchmedo|watchfiles|nodemon|runserver)|--(auto)?reload\b")


def of_nobody(
    described: Sequence[Process], kept: Sequence[Process], files: Iterable[DeployFile]
) -> Iterator[DeployFile]:
    """Yield the scripts in which workers start that are left out; none if another one is kept."""
    if any(command.works for process in kept for command in process.commands):
        return
    left = [p for p in described if p.own and is_over_tree(p) and not p.for_development]
    paths = {c.location.path for process in left for c in process.commands if c.works}
    # Where the script of the server lies that is deployed, theirs do, whoever else starts them.
    serving = [p.location.path for p in kept if p.kind is Kind.SCRIPT and p.own and p.serves]
    beside = {posixpath.dirname(path) for path in serving}
    over = (c for p in described if is_over_tree(p) for c in p.commands if c.works)
    paths |= {c.location.path for c in over if posixpath.dirname(c.location.path) in beside}
    for file in files if paths else ():
        started = file.kind is Kind.SCRIPT and file.path in paths and STARTS.search(file.name)
        if started and not file.for_development and not _DEVELOPS.search(file.text):
            yield file
