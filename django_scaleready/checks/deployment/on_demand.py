"""What a container is started for by whoever names it: no file here says that it is.

Another mode of a start script; a program of an image that by itself starts only a shell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from django_scaleready.checks.deployment.completed import completed
from django_scaleready.checks.deployment.files import DeployFile, Kind, is_for_development
from django_scaleready.checks.deployment.finding import PATH, place
from django_scaleready.checks.deployment.formats.dockerfile import Stage
from django_scaleready.checks.deployment.process import Described, Process, of_file
from django_scaleready.checks.deployment.starting import Follower

_SHELLS = re.compile(r"(/bin/sh -c )?(exec )?(/(usr/)?bin/)?(ba|da|a)?sh")


def modes(files: Sequence[DeployFile], follower: Follower) -> Iterator[Process]:
    """Yield what a start script may be told to start, besides what it is told here."""
    for file in files:
        if not file.for_development and file.path in follower.reached:
            for mode in follower.modes(file):
                process = of_file(file, "sh")
                words, name = (*process.words, mode), f"{file.name} {mode}"
                if not is_for_development(mode):
                    yield replace(process, name=name, words=words, on_demand=True)


def programs(
    images: Iterable[tuple[DeployFile, Stage]], files: Sequence[DeployFile]
) -> Iterator[Process]:
    """Yield the scripts that an image has among its programs, if it starts a shell by itself.

    Nobody deploys a shell: such an image is told which of them to start.
    """
    for _, stage in images:
        if not _is_told(stage):
            continue
        for file in files:
            paths = (PurePosixPath(place(file.path, *copy)) for copy in stage.placed)
            if not file.for_development and any(str(path.parent) in PATH for path in paths):
                process = Process(file.name, Kind.DOCKERFILE, stage.started_at, on_demand=True)
                yield completed(process, Described(process, command=(file.name,)), stage)


def _is_told(stage: Stage) -> bool:
    """Whether a container of an image has to be told what to start."""
    words = stage.command.words if stage.command else ()
    return bool(_SHELLS.fullmatch(" ".join(words)) or (stage.entrypoint and not words))
