"""What a platform is told to run: Heroku, Render, Fly, Railway, CodeDeploy, ECS and others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind, is_for_development
from django_scaleready.checks.deployment.formats import blueking
from django_scaleready.checks.deployment.formats.pods import given
from django_scaleready.checks.deployment.formats.procfile import PORT
from django_scaleready.checks.deployment.formats.yaml_text import Item, documents
from django_scaleready.checks.deployment.process import Described, Probe, Process, Volume

_RELEASE = "release"
# What Render starts by the clock.
_AFTER_A_TIME = frozenset({"cron", "job"})
# App Platform runs its jobs before or after a release.
_JOBS = "jobs"
# Between them CodeDeploy puts the files of a release on an instance.
_HOOKS = frozenset({"BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"})
_LISTS = ("services", "workers", _JOBS)


def described(file: DeployFile) -> list[Described]:
    """Return what a platform starts, as far as its file says; ValueError if it is not readable."""
    for pattern, read in _READERS:
        if re.match(pattern, posixpath.basename(file.path), re.IGNORECASE):
            return list(read(file))
    return []


def _process(
    file: DeployFile, name: str, line: int, command: str, image: str = "", **more: Any
) -> Described:
    """Return a process that a line for a shell starts, or its image if there is none."""
    process = Process(
        name=name,
        kind=Kind.PLATFORM,
        location=Location(file.path, line),
        environment=PORT,
        signals_all=True,
        for_development=file.for_development or is_for_development(name),
    )
    words = ("/bin/sh", "-c", command) if command else None
    path = posixpath.normpath(f"{file.folder}/{image}").lstrip("/") if image else ""
    return Described(replace(process, **more), path, command=words)


def _heroku(file: DeployFile) -> Iterator[Described]:
    for document in documents(file.text):
        images = {name: item.text for name, item in document.at("build", "docker").pairs}
        listed = [*document.at("run").pairs, (_RELEASE, document.at(_RELEASE))]
        for name, item in listed:
            command = item.at("command") or item
            text = " && ".join(each.text for each in command.items)
            if text:
                image = images.get(item.at("image").text or name, "")
                once = name == _RELEASE
                how = {"kind": Kind.PROCFILE, "signals_all": False, "once": once}
                yield _process(file, name, command.line, text, image, **how)


def _of_several(file: DeployFile) -> Iterator[Described]:
    """Yield what a file starts whose name may be of several platforms: app.yaml, manifest.yml."""
    for document in documents(file.text):
        for read in (_services, _app_engine, _cloud_foundry, _copilot, blueking.described):
            yield from read(file, document)


def _services(file: DeployFile, document: Item) -> Iterator[Described]:
    """Yield the services of Render's and of App Platform's files."""
    for key in _LISTS:
        for item in document.at(key).items:
            kind = item.at("type").text
            started = _first(item, "startCommand", "dockerCommand", "run_command")
            image = _first(item, "dockerfilePath", "dockerfile_path").text
            if not image and "docker" in {item.at("env").text, item.at("runtime").text}:
                image = "Dockerfile"
            yield _process(
                file,
                item.at("name").text or kind or key,
                started.line or item.line,
                started.text,
                image,
                once=kind in _AFTER_A_TIME or key == _JOBS,
                timed=kind == "cron",
                volumes=tuple(_disks(file, item)),
                probes=tuple(_checked(file, item)),
            )


def _first(item: Item, *names: str) -> Item:
    return next((item.at(name) for name in names if item.at(name)), Item())


def _disks(file: DeployFile, item: Item) -> Iterator[Volume]:
    disk = item.at("disk")
    if target := disk.at("mountPath").text:
        place = Location(file.path, disk.at("mountPath").line)
        yield Volume(disk.at("name").text, target, place)


def _checked(file: DeployFile, item: Item) -> Iterator[Probe]:
    for asked in (item.at("healthCheckPath"), item.at("health_check", "http_path")):
        if asked.text:
            yield Probe("health", asked.text, Location(file.path, asked.line))


def _app_engine(file: DeployFile, document: Item) -> Iterator[Described]:
    entrypoint = document.at("entrypoint")
    if document.at("runtime").text.startswith("python") and entrypoint.text:
        yield _process(file, "app", entrypoint.line, entrypoint.text)


def _cloud_foundry(file: DeployFile, document: Item) -> Iterator[Described]:
    for app in document.at("applications").items:
        name = app.at("name").text or "app"
        for item in (app, *app.at("processes").items):
            command = item.at("command")
            path = item.at("health-check-http-endpoint")
            place = Location(file.path, path.line)
            probes = (Probe("health", path.text, place),) if path.text else ()
            once = item.at("no-route").text == "true" and "migrate" in command.text
            if command.text:
                # Its bash is what SIGTERM comes to, and no other process.
                how = {"signals_all": False, "probes": probes, "once": once}
                found = _process(file, name, command.line, command.text, "", **how)
                yield replace(found, command=("/bin/bash", "-c", command.text))


def _copilot(file: DeployFile, document: Item) -> Iterator[Described]:
    """Yield the service of a manifest of AWS Copilot; its volumes are on EFS, or of one task."""
    command = document.at("command")
    kind = document.at("type").text
    if kind.endswith(("Service", "Job")) and command:
        build = document.at("image", "build")
        image = build.at("dockerfile").text or build.text
        text = " ".join(word.text for word in command.items)
        name = document.at("name").text or "app"
        yield _process(file, name, command.line, text, image, once=kind.endswith("Job"))


def _tables(file: DeployFile) -> Iterator[Described]:
    """Yield what fly.toml, railway.toml and nixpacks.toml start."""
    import tomllib

    try:
        found = tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    yield from _of_table(file, found)


def _of_table(file: DeployFile, found: dict[str, Any]) -> Iterator[Described]:
    deploy, build, start = (_table(found.get(name)) for name in ("deploy", "build", "start"))
    flies = file.name.startswith("fly")
    image = _text(build.get("dockerfile") or build.get("dockerfilePath"))
    image = image or ("Dockerfile" if flies and "image" not in build else "")
    once = _text(deploy.get("release_command") or deploy.get("preDeployCommand"))
    if once:
        yield _process(file, _RELEASE, _line(file, once), once, once=True)
    volumes = tuple(_mounts(file, found.get("mounts")))
    listed = {name: _text(text) for name, text in _table(found.get("processes")).items()}
    command = _text(deploy.get("startCommand") or start.get("cmd"))
    timed = "cronSchedule" in deploy
    for name, text in (listed or {"app": command}).items():
        # Fly's init tells the first process alone.
        more = {"volumes": volumes, "once": timed, "timed": timed, "signals_all": not flies}
        yield _process(file, name, _line(file, text), text, image, **more)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mounts(file: DeployFile, listed: object) -> Iterator[Volume]:
    for mount in listed if isinstance(listed, list) else [listed]:
        target = _text(_table(mount).get("destination"))
        if target:
            place = Location(file.path, _line(file, target))
            yield Volume(_text(_table(mount).get("source")), target, place)


def _line(file: DeployFile, text: str) -> int:
    """Return the line on which a value stands: the library that reads them does not say."""
    begins = file.text.find(text.splitlines()[0]) if text else 0
    return file.text.count("\n", 0, max(begins, 0)) + 1


def _railway(file: DeployFile) -> Iterator[Described]:
    for document in documents(file.text):
        deploy = document.at("deploy")
        started, once = deploy.at("startCommand"), deploy.at("preDeployCommand")
        for each in once.items:
            yield _process(file, _RELEASE, each.line, each.text, once=True)
        if started.text:
            image = document.at("build", "dockerfilePath").text
            yield _process(file, "app", started.line, started.text, image)


def _tasks(file: DeployFile) -> Iterator[Described]:
    """Yield the containers of a task of ECS, which Elastic Beanstalk starts as well."""
    for document in documents(file.text):
        shared = {
            item.at("name").text: bool(item.at("efsVolumeConfiguration"))
            for item in document.at("volumes").items
        }
        for item in document.at("containerDefinitions").items:
            process = Process(
                name=item.at("name").text,
                kind=Kind.PLATFORM,
                location=Location(file.path, item.line),
                started_at=Location(file.path, (item.at("command") or item).line),
                environment=_environment(item),
                volumes=tuple(_mounted(file, item, shared)),
                grace=given(file, item.at("stopTimeout"), "stopTimeout"),
                image=item.at("image").text,
                for_development=file.for_development,
            )
            entrypoint, command = (_words(item.at(key)) for key in ("entryPoint", "command"))
            yield Described(process, "", "", entrypoint, command)


def _environment(item: Item) -> dict[str, str | None]:
    listed = (
        (each.at("name").text, each.at("value").text) for each in item.at("environment").items
    )
    return {name: value for name, value in listed if name}


def _words(item: Item) -> tuple[str, ...] | None:
    listed = tuple(word.text for word in item.items)
    if len(listed) == 1 and " " in listed[0]:
        return tuple(listed[0].split())
    return listed or None


def _mounted(file: DeployFile, item: Item, shared: dict[str, bool]) -> Iterator[Volume]:
    for mount in item.at("mountPoints").items:
        source, target = mount.at("sourceVolume").text, mount.at("containerPath")
        read_only = mount.at("readOnly").text.lower() == "true"
        place = Location(file.path, target.line)
        if target.text:
            yield Volume(source, target.text, place, shared.get(source, False), read_only)


def _beanstalk(file: DeployFile) -> Iterator[Described]:
    """Yield the commands that each instance runs before the application is deployed to it."""
    for document in documents(file.text):
        for name, item in document.at("container_commands").pairs:
            command = item.at("command")
            once = item.at("leader_only").text.lower() in {"true", "yes"}
            if command.text:
                yield _process(file, name, command.line, command.text, once=once, beside=not once)


def _code_deploy(file: DeployFile) -> Iterator[Described]:
    """Yield the scripts that CodeDeploy runs on each instance when it brings a release there."""
    for document in documents(file.text):
        for name, item in document.at("hooks").pairs:
            for script in item.items if name in _HOOKS else ():
                if path := (place := script.at("location")).text:
                    yield _process(file, name, place.line, path, beside=True)


_READERS: Final[tuple[tuple[str, Callable[[DeployFile], Iterator[Described]]], ...]] = (
    (r"heroku\.ya?ml$", _heroku),
    (r".*\.toml$", _tables),
    (r"railway\.json$", _railway),
    (r".*\.json$", _tasks),
    (r".*\.config$", _beanstalk),
    (r"appspec\.ya?ml$", _code_deploy),
    (r".*\.ya?ml$", _of_several),
)
