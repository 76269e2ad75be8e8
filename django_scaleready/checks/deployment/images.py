"""Which image a container runs, and what that makes of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from django_scaleready.checks.deployment.by_name import (
    is_by_name,
    is_edited_here,
    starts_edited,
    takes,
)
from django_scaleready.checks.deployment.completed import completed
from django_scaleready.checks.deployment.files import DeployFile, Kind, is_for_development
from django_scaleready.checks.deployment.formats import dockerfile
from django_scaleready.checks.deployment.formats.dockerfile import Stage
from django_scaleready.checks.deployment.names import (
    holds_module,
    images,
    is_backing,
    is_frontend,
    is_own_image,
    is_serving,
    is_system,
    is_without_server,
    name_words,
    parts_of,
    repository,
)
from django_scaleready.checks.deployment.other_images import is_of_another
from django_scaleready.checks.deployment.overlays import PLAIN, PRODUCTION, in_use, merged, overlays
from django_scaleready.checks.deployment.process import (
    Described,
    Process,
    is_configured,
    is_worked_on,
)

_PROGRAM = re.compile(r"(^|[/\s])(manage\.py|django-admin|celery|gunicorn|uwsgi|daphne)\b")
_LINK = re.compile(r"/(?:dev/std(?:out|err)|proc/(?:1|self)/fd/[12])\s+(\S+)")
_PLACES = frozenset({"", "docker", "build", "deploy", "compose", "containers", "images", "src"})


class Images:
    """The images that the Dockerfiles of a project make."""

    def __init__(
        self,
        root: Path,
        files: Sequence[tuple[DeployFile, list[Stage]]],
        composed: Sequence[str],
        *,
        listed: bool,
    ) -> None:
        """Take the root, the stages of each Dockerfile, and the paths of the compose files.

        ``listed``: a platform starts what a list says, and builds no image.
        """
        self._composed = composed
        self._listed = listed
        self._root = root
        self._names = images(root)
        self._files = [(file, stages) for file, stages in files if stages]
        self._by_path = {file.path: stages for file, stages in self._files}
        self._others = frozenset(
            file.path
            for file, stages in self._files
            if is_of_another(root, file, stages, self._names)
        )

    def _default(self, described: str) -> Stage | None:
        """Return the stage that the project's own image is, if one must be named.

        Of several, docker-compose.prod.yml means that of Dockerfile.prod.
        """
        found = [
            (file, stage)
            for file, stages in self._files
            if not file.for_development and (stage := dockerfile.deployed(stages))
            if not is_backing(stage.base)
        ]
        wanted = parts_of(posixpath.basename(described))
        found.sort(key=lambda each: wanted.isdisjoint(parts_of(each[0].name)))
        return found[0][1] if found else None

    def joined(self, described: Sequence[Described]) -> Iterator[Process]:
        """Yield what files describe as processes, with what the images of those say."""
        base = self._for_development(overlays(described))
        used_files = in_use(described, self._composed)
        described = list(merged(described))
        built = {d.process.image: d for d in described if d.dockerfile and d.process.image}
        used = {d.process.image for d in described if _is_django(d)}
        pods = {tuple(repository(d.process.image)) for d in described if self._runs_django(d)}
        for one in described:
            process = one.process
            source = one if one.dockerfile else built.get(process.image, one)
            stage = self._stage(source) or self._named(process)
            # A database with an image of the project's own is a database.
            ours = _is_built(stage) and not is_backing(process.name)
            ours = ours and (_path_of(one) not in self._others or _runs_django(one))
            known = process.image in used and not process.image.startswith("$")
            own = ours or known or self._is_own(process)
            # Beside those that are known to be, any other image is somebody else's.
            if process.kind is Kind.KUBERNETES and pods:
                own = tuple(repository(process.image)) in pods
                own = own and (_is_django(one) or not is_backing(process.name))
            if stage is None and own and not one.dockerfile:
                stage = self._default(process.location.path)
            if process.location.path in base:
                process = replace(process, for_development=True)
            process = replace(process, own=own, in_use=process.location.path in used_files)
            yield completed(process, one, stage)

    def _runs_django(self, one: Described) -> bool:
        """Whether a container of a manifest is known to be the project's."""
        process = one.process
        if process.kind is not Kind.KUBERNETES or not process.image or is_backing(process.image):
            return False
        named = is_own_image(repository(process.image)[-1], self._names)
        known = _is_built(self._named(process)) or is_configured(process)
        return known or named or _is_django(one)

    def _for_development(self, laid_over: set[str]) -> set[str]:
        """Return the compose files that are for development because of a better one beside.

        What is laid over the plain one builds on it, and does not replace it.
        """
        named = [(posixpath.dirname(path), posixpath.basename(path)) for path in self._composed]
        better = {
            folder
            for folder, name in named
            if PRODUCTION.search(name) and posixpath.join(folder, name) not in laid_over
        }
        plain = {pair for pair in named if PLAIN.fullmatch(pair[1])}
        return {posixpath.join(*pair) for pair in plain if pair[0] in better}

    def _named(self, process: Process) -> Stage | None:
        """Return the image of a manifest by its name: that of docker/web/Dockerfile is shop-web."""
        if process.kind is not Kind.KUBERNETES or not process.image:
            return None
        words = name_words(process.image)
        found = [
            stage
            for file, stages in self._files
            if not file.for_development and words & _words_of(file)
            if (stage := dockerfile.deployed(stages))
        ]
        return found[0] if len(found) == 1 else None

    def _stage(self, one: Described) -> Stage | None:
        if not one.dockerfile:
            return None
        stages = self._by_path.get(_path_of(one), [])
        named = [stage for stage in stages if stage.name == one.target and one.target]
        return named[0] if named else dockerfile.deployed(stages)

    def _is_own(self, process: Process) -> bool:
        image = process.image
        if not image or is_backing(image) or is_system(image):
            return False
        if process.kind is Kind.KUBERNETES and is_frontend(image):
            return False
        if is_own_image(image, self._names) or process.kind is Kind.KUBERNETES:
            return True
        # The settings of another application are in a package that is not here.
        settings = process.environment.get("DJANGO_SETTINGS_MODULE") or "$"
        package = settings.rpartition(".")[0] or settings
        return is_configured(process) and ("$" in package or holds_module(self._root, package))

    def by_name(self, process: Process) -> Process:
        """Return a process that names the image it runs, which is the project's only by that."""
        return replace(process, own=self._is_own(process)) if process.image else process

    @property
    def other_folders(self) -> tuple[str, ...]:
        """The folders of other programs that have images of their own, each with a ``/``."""
        return tuple(sorted(f"{posixpath.dirname(path)}/" for path in self._others))

    @property
    def own(self) -> Iterator[tuple[DeployFile, Stage]]:
        """What each Dockerfile builds, but for what is for development or another program's."""
        for file, stages in self._files:
            stage = dockerfile.deployed(stages)
            if stage and not file.for_development and file.path not in self._others:
                yield file, stage

    @property
    def console(self) -> frozenset[str]:
        """The paths that images make links to the container's output."""
        runs = (run for _, stages in self._files for stage in stages for run in stage.run)
        return frozenset(path for run in runs for path in _LINK.findall(run))

    @property
    def programs(self) -> frozenset[str]:
        """The paths of the files that images put among their programs, each by its name."""
        built = ((file, dockerfile.deployed(stages)) for file, stages in self._files)
        kept = ((file, stage) for file, stage in built if stage and not file.for_development)
        return frozenset(path for file, stage in kept for path in dockerfile.programs(file, stage))

    def alone(self, described: Sequence[Described]) -> Iterator[Process]:
        """Yield what each image starts by itself, unless all that is deployed of it says else.

        Nor where a service that takes it by its name starts just that, with an environment.
        """
        named = [one for one in merged(described) if is_by_name(one)]
        others = (one for one in merged(described) if takes(one))
        taking = [one for one in others if self._is_own(one.process)]
        for file, stages in self._files:
            stage = dockerfile.deployed(stages)
            if stage is None or file.for_development or not stage.started:
                continue
            if file.path in self._others:
                continue
            builders = [one for one in described if _builds(one, file)]
            used = [
                one
                for one in builders
                if not one.process.for_development and not is_edited_here(one)
                if not is_worked_on(one.process, one.words)
            ]
            if self._listed and builders and not used and _is_for_them(stage, builders):
                # For developers, who have what the list starts in a container.
                continue
            if used and all(one.command or one.entrypoint for one in used):
                words = [one.words for one in described if not one.process.for_development]
                if not is_without_server(stage.started, [one.words for one in used], words):
                    continue
            if any(self._starts_as_told(one, stage) for one in named):
                continue
            if not used and self._is_told(taking, stage):
                continue
            edited = any(is_edited_here(one) or starts_edited(one) for one in builders)
            if edited and _is_for_developers(stage):
                continue
            name = stage.name or file.name
            process = Process(name, Kind.DOCKERFILE, stage.started_at, own=_is_built(stage))
            yield completed(process, Described(process), stage)

    def _is_told(self, taking: Sequence[Described], stage: Stage) -> bool:
        """Whether all services that take a stage's image say what it starts, a server among it."""
        ours = [one for one in taking if self._default(one.process.location.path) == stage]
        told = all(one.command or one.entrypoint for one in ours)
        return told and any(map(_runs_django, ours)) and is_serving(one.words for one in ours)

    def _starts_as_told(self, one: Described, stage: Stage) -> bool:
        """Whether a service that names the project's image starts what a stage does."""
        return self._is_own(one.process) and self._default(one.process.location.path) == stage


def _words_of(file: DeployFile) -> frozenset[str]:
    """Return what tells a Dockerfile from others: web.Dockerfile, or web/Dockerfile."""
    own = file.name.lower().replace("dockerfile", "").strip(".-_")
    return frozenset({own or posixpath.basename(file.folder).lower()}) - _PLACES


def _builds(one: Described, file: DeployFile) -> bool:
    return _path_of(one) == file.path


def _path_of(one: Described) -> str:
    return posixpath.normpath(one.dockerfile).lstrip("/") if one.dockerfile else ""


def _is_for_them(stage: Stage, builders: Sequence[Described]) -> bool:
    """Whether an image is for developers alone, as those are who build it.

    What they leave to the image may be how it is deployed.
    """
    told = all(one.command or one.entrypoint for one in builders)
    return told or _is_for_developers(stage) or not _is_built(stage)


def _is_for_developers(stage: Stage) -> bool:
    """Whether an image by itself starts what nobody deploys, such as ``start-dev.sh``."""
    text = " ".join(stage.started)
    return "runserver" in text or any(is_for_development(word) for word in text.split())


def _is_built(stage: Stage | None) -> bool:
    """Whether an image is one that a Dockerfile makes, and of no database or the like."""
    return stage is not None and not is_backing(stage.base)


def _is_django(one: Described) -> bool:
    """Whether a service runs something of Django's or Celery's."""
    return bool(one.process.image) and _runs_django(one)


def _runs_django(one: Described) -> bool:
    return any(map(_PROGRAM.search, one.words))
