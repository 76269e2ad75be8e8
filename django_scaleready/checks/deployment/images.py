"""Which image a container runs, and what that makes of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from django_scaleready.checks.deployment import dockerfile
from django_scaleready.checks.deployment.dockerfile import Stage
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.names import (
    images,
    is_backing,
    is_own_image,
    is_system,
    shell_of,
)
from django_scaleready.checks.deployment.overlays import PLAIN, merged, overlays
from django_scaleready.checks.deployment.process import Described, Probe, Process, Volume
from django_scaleready.checks.deployment.urls import probed_path

# A compose file for production beside it makes the plain one that of somebody's own machine.
_PRODUCTION = re.compile(r"prod|deploy|release|swarm|stag|server", re.IGNORECASE)
# The environment of a Django application, whatever its image is called.
_PROGRAM = re.compile(r"(^|[/\s])(manage\.py|django-admin|celery|gunicorn|uwsgi|daphne)\b")
_LINK = re.compile(r"/(?:dev/std(?:out|err)|proc/(?:1|self)/fd/[12])\s+(\S+)")
_DJANGO = re.compile(r"^DJANGO_|SECRET_KEY$")


class Images:
    """The images that the Dockerfiles of a project make."""

    def __init__(
        self,
        root: Path,
        files: Sequence[tuple[DeployFile, list[Stage]]],
        composed: Sequence[str],
    ) -> None:
        """Take the root, the stages of each Dockerfile, and the paths of the compose files."""
        self._composed = composed
        self._names = images(root)
        self._files = [(file, stages) for file, stages in files if stages]
        self._by_path = {file.path: stages for file, stages in self._files}

    def _default(self) -> Stage | None:
        """Return the stage that the project's own image is, if one must be named."""
        found = [
            stage
            for file, stages in self._files
            if not file.for_development and (stage := dockerfile.deployed(stages))
            if not is_backing(stage.base)
        ]
        return found[0] if found else None

    def joined(self, described: Sequence[Described]) -> Iterator[Process]:
        """Yield the processes of compose files and manifests, with what their images say."""
        base = self._for_development(overlays(described))
        described = list(merged(described))
        built = {d.process.image: d for d in described if d.dockerfile and d.process.image}
        used = {d.process.image for d in described if _is_django(d)}
        for one in described:
            process = one.process
            source = one if one.dockerfile else built.get(process.image, one)
            stage = self._stage(source)
            built_here = stage is not None and not is_backing(stage.base)
            # A database with an image of the project's own is a database.
            ours = built_here and not is_backing(process.name)
            own = ours or process.image in used or self._is_own(process)
            if stage is None and own and not one.dockerfile:
                stage = self._default()
            if process.location.path in base:
                process = replace(process, for_development=True)
            yield _with(replace(process, own=own), one, stage)

    def _for_development(self, laid_over: set[str]) -> set[str]:
        """Return the compose files that are for development because of a better one beside.

        What is laid over the plain one builds on it, and does not replace it.
        """
        named = [(posixpath.dirname(path), posixpath.basename(path)) for path in self._composed]
        better = {
            folder
            for folder, name in named
            if _PRODUCTION.search(name) and posixpath.join(folder, name) not in laid_over
        }
        plain = {pair for pair in named if PLAIN.fullmatch(pair[1])}
        return {posixpath.join(*pair) for pair in plain if pair[0] in better}

    def _stage(self, one: Described) -> Stage | None:
        if not one.dockerfile:
            return None
        stages = self._by_path.get(posixpath.normpath(one.dockerfile).lstrip("/"), [])
        named = [stage for stage in stages if stage.name == one.target and one.target]
        return named[0] if named else dockerfile.deployed(stages)

    def _is_own(self, process: Process) -> bool:
        image = process.image
        if not image or is_backing(image) or is_system(image):
            return False
        django = any(_DJANGO.search(name) for name in process.environment)
        return django or is_own_image(image, self._names) or process.kind is Kind.KUBERNETES

    @property
    def console(self) -> frozenset[str]:
        """The paths that images make links to the container's output."""
        runs = (run for _, stages in self._files for stage in stages for run in stage.run)
        return frozenset(path for run in runs for path in _LINK.findall(run))

    def alone(self, described: Sequence[Described]) -> Iterator[Process]:
        """Yield what each image starts by itself, unless all that is deployed of it says else."""
        for file, stages in self._files:
            stage = dockerfile.deployed(stages)
            if stage is None or file.for_development or not stage.started:
                continue
            used = [
                one
                for one in described
                if one.dockerfile and posixpath.normpath(one.dockerfile).lstrip("/") == file.path
                if not one.process.for_development
            ]
            if used and all(one.command or one.entrypoint for one in used):
                continue
            own = not is_backing(stage.base)
            name = stage.name or file.name
            process = Process(name, Kind.DOCKERFILE, stage.started_at, own=own)
            yield _with(process, Described(process), stage)


def _is_django(one: Described) -> bool:
    """Whether a service runs something of Django's or Celery's."""
    words = [*(one.entrypoint or ()), *(one.command or ())]
    return bool(one.process.image) and any(_PROGRAM.search(word) for word in words)


def _with(process: Process, one: Described, stage: Stage | None) -> Process:
    """Return a process as its image completes it."""
    given = (*(one.entrypoint or ()), *(one.command or ()))
    if stage is None:
        return replace(process, words=given)
    if one.entrypoint is not None:
        words, place = given, process.started_at
    elif one.command is not None:
        start = stage.entrypoint.words if stage.entrypoint else ()
        words, place = (*start, *one.command), process.started_at
    else:
        words, place = stage.started, stage.started_at
    health = [
        Probe("health", path, stage.health.location)
        for path in [probed_path(stage.health.words) if stage.health else ""]
        if path and stage.health and not process.probes
    ]
    volumes = [Volume("", path, location) for path, location in stage.volumes]
    return replace(
        process,
        words=words,
        started_at=place,
        environment={**stage.environment, **process.environment},
        copies=stage.copies,
        shell=shell_of(stage.base),
        stop_signal=process.stop_signal or stage.stop_signal,
        volumes=(*process.volumes, *volumes),
        probes=(*process.probes, *health),
    )
