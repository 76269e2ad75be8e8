"""Compose files: the services, as processes."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind, is_for_development
from django_scaleready.checks.deployment.formats.yaml_text import Item, documents, laid_over
from django_scaleready.checks.deployment.process import (
    Described,
    Given,
    Probe,
    Process,
    Volume,
    is_tree,
)
from django_scaleready.checks.deployment.shell.script import parse
from django_scaleready.checks.deployment.shell.words import Values
from django_scaleready.checks.deployment.urls import probed_path

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
# docker stop's own.
_STOP = 10
# What names the image that a service builds.
_BUILT_BY = ("target", "dockerfile")
_LOCAL = re.compile(r"(^|[-_.])local(host)?(?=[-_.]|$)", re.IGNORECASE)
# Where the file lies, mostly; what else a variable says, nobody knows.
_HERE = re.compile(r"^\$\{?PWD\b\}?")
_TRUE = frozenset({"1", "true", "yes", "on"})
# An image, or a file of variables, that says whose it is: shop:dev, env.d/development, .env.dev.
_DEVELOPERS_TAG = re.compile(r".*:dev(el(op(ment)?)?)?", re.IGNORECASE)
_DEVELOPERS_FILE = re.compile(
    r"(^|[-_./])dev(el(op(ment)?)?)?([-_./]|$)|(^|/)\.?(local|tests?)/", re.IGNORECASE
)


def services(file: DeployFile) -> Iterator[Described]:
    """Yield the services of a file; ValueError if it is not YAML."""
    for document in documents(file.text):
        awaited = _awaited(document)
        given = document.at("services")
        listed = [(name, _extended(given, name)) for name, _ in given.pairs]
        names = {name for name, _ in listed}
        built = {item.at("image").text for _, item in listed if _builds_for_development(item)}
        for name, item in listed:
            if item.pairs:
                made = _service(file, document, name, item, awaited.get(name, set()))
                image = "" if item.at("build") else item.at("image").text
                if _is_developers(name, names) or (image and image in built):
                    made = replace(made, process=replace(made.process, for_development=True))
                yield made


def _extended(given: Item, name: str, seen: frozenset[str] = frozenset()) -> Item:
    """Return a service with what it has from the one in the same file that it extends."""
    item = given.at(name)
    extends = item.at("extends")
    base = extends.text or ("" if extends.at("file") else extends.at("service").text)
    if not base or base in {*seen, name}:
        return item
    return laid_over(_extended(given, base, seen | {name}), item)


def _is_developers(name: str, names: set[str]) -> bool:
    """Whether a service's name says so. ``web_local`` does beside ``web``; alone it says where."""
    rest = _LOCAL.sub("", name)
    return is_for_development(rest) or (rest != name and (not rest or rest in names))


def _builds_for_development(item: Item) -> bool:
    """Whether a service builds its image from what is not deployed."""
    build = item.at("build")
    return any(is_for_development(interpolate(build.at(key).text)) for key in _BUILT_BY)


def _says_development(item: Item, *, mounted: bool) -> bool:
    """Whether the image's tag or a file of variables says that somebody works there.

    What is only the default of a variable says so where the code is mounted over the image.
    """
    known = [interpolate(text) for text in _env_files(item) if mounted or "$" not in text]
    tagged = bool(_DEVELOPERS_TAG.fullmatch(item.at("image").text))
    return tagged or any(map(_DEVELOPERS_FILE.search, known))


def _env_files(item: Item) -> list[str]:
    """Return the files of variables that a service has, as written: one, or a list."""
    given = item.at("env_file")
    if given.text:
        return [given.text]
    return [each.at("path").text or each.text for each in given.items]


def interpolate(text: str) -> str:
    """Return a text with the defaults of its variables; ``$$`` is a dollar."""
    if "$" not in text:
        return text
    if '"' in text or "`" in text or "$" not in text.replace("$$", ""):
        return text.replace("$$", "$")
    node = parse("", f'"{text.replace("$$", chr(0))}"').root
    while node.children and node.type != "string":
        node = node.children[0]
    return Values().word(node).text.replace(chr(0), "$")


def _awaited(document: Item) -> dict[str, set[str]]:
    """Return what others wait for of a service: its end, or that it is healthy."""
    found: dict[str, set[str]] = {}
    for _, item in document.at("services").pairs:
        for name, how in item.at("depends_on").pairs:
            found.setdefault(name, set()).add(how.at("condition").text)
    return found


def _service(
    file: DeployFile, document: Item, name: str, item: Item, awaited: set[str]
) -> Described:
    build = item.at("build")
    context = interpolate(build.at("context").text or build.text)
    dockerfile = interpolate(build.at("dockerfile").text) or ("Dockerfile" if build else "")
    target = interpolate(build.at("target").text)
    volumes = tuple(_volumes(file, document, item))
    command = item.at("command")
    place = (command or item.at("entrypoint") or item).line
    environment = _environment(item.at("environment"))
    process = Process(
        name=name,
        kind=Kind.COMPOSE,
        location=Location(file.path, item.line),
        started_at=Location(file.path, place),
        environment=environment,
        env_files=tuple(
            posixpath.normpath(posixpath.join(file.folder, interpolate(text)))
            for text in _env_files(item)
        ),
        volumes=volumes,
        probes=tuple(_probes(file, item)),
        grace=_grace(file, item),
        replicas=_replicas(file, item),
        stop_signal=item.at("stop_signal").text,
        signal_said_at=_place_of(file, item.at("stop_signal")),
        image=interpolate(item.at("image").text),
        built=bool(build),
        context=posixpath.normpath(f"/{file.folder}/{context}").strip("/") if build else "",
        once="service_completed_successfully" in awaited,
        waited_for="service_healthy" in awaited,
        for_development=file.for_development
        or _builds_for_development(item)
        or _says_development(item, mounted=any(is_tree(volume.source) for volume in volumes))
        or any(is_for_development(profile.text) for profile in item.at("profiles").items)
        or (environment.get("DEBUG") or environment.get("DJANGO_DEBUG") or "").lower() in _TRUE,
    )
    path = f"{file.folder}/{context}/{dockerfile}" if build else ""
    entrypoint = _words(item.at("entrypoint"))
    return Described(process, path, target, entrypoint, _words(command))


def _place_of(file: DeployFile, item: Item) -> Location | None:
    return Location(file.path, item.line) if item else None


def _words(item: Item) -> tuple[str, ...] | None:
    if not item:
        return None
    if isinstance(item.value, list):
        return tuple(interpolate(word.text) for word in item.value)
    try:
        return tuple(shlex.split(interpolate(item.text)))
    except ValueError:
        return tuple(item.text.split())


def _environment(item: Item) -> dict[str, str | None]:
    found = {name: interpolate(value.text) for name, value in item.pairs}
    for entry in item.items:
        name, given, value = entry.text.partition("=")
        if given:
            found[name] = interpolate(value)
    return {name: None if value.startswith("$") else value for name, value in found.items()}


def _volumes(file: DeployFile, document: Item, item: Item) -> Iterator[Volume]:
    for entry in item.at("volumes").items:
        place = Location(file.path, entry.line)
        if entry.pairs and entry.at("type").text == "tmpfs":
            continue
        if isinstance(entry.value, dict):
            source, target = entry.at("source").text, entry.at("target").text
            mode = "ro" if entry.at("read_only").text.lower() == "true" else ""
        else:
            parts = _HERE.sub(".", interpolate(entry.text)).split(":")
            source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
            mode = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - source:target:mode
        volume = document.at("volumes", source)
        driver = volume.at("driver").text
        options = volume.at("driver_opts", "type").text
        shared = driver not in {"", "local"} or bool(re.match(r"nfs|cifs|gluster|ceph", options))
        read_only = "ro" in mode.split(",")
        yield Volume(interpolate(source), interpolate(target), place, shared, read_only)


def _probes(file: DeployFile, item: Item) -> Iterator[Probe]:
    test = item.at("healthcheck", "test")
    words = [word.text for word in test.items]
    if path := probed_path(words):
        yield Probe("health", path, Location(file.path, test.line))


def _grace(file: DeployFile, item: Item) -> Given:
    given = item.at("stop_grace_period")
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", given.text)
    if not parts:
        return Given(_STOP, "stop_grace_period", Location(file.path, item.line), said=False)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return Given(seconds, "stop_grace_period", Location(file.path, given.line))


def _replicas(file: DeployFile, item: Item) -> Given | None:
    given = item.at("deploy", "replicas")
    number = given.number or item.at("scale").number
    line = (given or item.at("scale")).line
    return Given(number, "replicas", Location(file.path, line)) if number is not None else None
