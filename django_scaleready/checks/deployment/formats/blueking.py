"""What BlueKing's platform is told to run: ``app_desc.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats.pods import given
from django_scaleready.checks.deployment.formats.procfile import PORT
from django_scaleready.checks.deployment.formats.yaml_text import Item
from django_scaleready.checks.deployment.process import Described, Process


def described(file: DeployFile, document: Item) -> Iterator[Described]:
    """Yield the processes of each module, and what runs once before a release of it."""
    if not document.at("spec_version").text and not document.at("specVersion").text:
        return
    for _, module in (*_named(document.at("modules")), ("", document.at("module"))):
        spec = module.at("spec") or module
        environment = {**PORT, **_environment(spec)}
        for name, item in _named(spec.at("processes")):
            command = item.at("command") if item.at("command").text else item.at("procCommand")
            made = _process(file, name, command, environment)
            process = replace(made.process, replicas=given(file, item.at("replicas"), "replicas"))
            yield from [replace(made, process=process)] if command.text else ()
        hook = spec.at("scripts", "pre_release_hook")
        made = _process(file, "release", hook, environment)
        once = replace(made, process=replace(made.process, once=True))
        yield from [once] if hook.text else ()


def _process(
    file: DeployFile, name: str, command: Item, environment: dict[str, str | None]
) -> Described:
    """Return what a line for the shell starts in a container, which gets SIGTERM alone."""
    process = Process(
        name=name,
        kind=Kind.PLATFORM,
        location=Location(file.path, command.line),
        environment=environment,
        for_development=file.for_development,
    )
    return Described(process, command=("/bin/bash", "-c", command.text))


def _named(item: Item) -> Iterator[tuple[str, Item]]:
    """Yield what is a mapping by its keys in one version, and a list with names in another."""
    yield from item.pairs
    yield from ((each.at("name").text, each) for each in item.items)


def _environment(spec: Item) -> dict[str, str | None]:
    pairs = ((each.at("key"), each.at("value")) for each in spec.at("env_variables").items)
    return {key.text: value.text for key, value in pairs if key.text}
