"""Kubernetes' ConfigMaps: the variables and the files that pods have from them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from django_scaleready.checks.deployment.files import DeployFile, kind_of
from django_scaleready.checks.deployment.formats.yaml_text import NOTHING, Item

Objects = Iterable[tuple[DeployFile, Item]]
_MAP = "ConfigMap"
_NAME = ("metadata", "name")
_ELSEWHERE = ("secretKeyRef", "configMapKeyRef")


def environment(objects: Objects, container: Item) -> dict[str, str | None]:
    """Return a container's variables; None for a value that is elsewhere, or not the same in all.

    What is taken whole from a map that is not here, or from a secret, has names nobody knows.
    """
    maps = [item for _, item in _maps(objects)]
    found: dict[str, str | None] = {}
    for source in container.at("envFrom").items:
        name, prefix = source.at("configMapRef", "name").text, source.at("prefix").text
        for key in dict.fromkeys(key for item in _named(maps, name) for key, _ in item.pairs):
            found[f"{prefix}{key}"] = _value(maps, name, key)
    for entry in container.at("env").items:
        asked = entry.at("valueFrom", "configMapKeyRef")
        name = asked.at("name").text
        value = _value(maps, name, asked.at("key").text) if asked else said(entry.at("value"))
        found[entry.at("name").text] = value
    return found


def withheld(container: Item) -> frozenset[str]:
    """Return the variables that no container starts without, and whose values are elsewhere."""
    return frozenset(
        entry.at("name").text
        for entry in container.at("env").items
        for source in _ELSEWHERE
        if (asked := entry.at("valueFrom", source)) and asked.at("optional").text in {"", "false"}
    )


def said(item: Item) -> str | None:
    """Return a value as it stands; None for nothing, and for what has another variable in it."""
    return item.text if item and "$" not in item.text else None


def held_files(objects: Objects) -> Iterator[DeployFile]:
    """Yield the scripts and configurations that stand in ConfigMaps, each line where it stands."""
    for file, held in _maps(objects):
        made = (_made(file, name, item) for name, item in held.at("data").pairs)
        yield from filter(None, made)


def _made(file: DeployFile, name: str, item: Item) -> DeployFile | None:
    text = item.text
    kind = kind_of(name, text) if "\n" in text and "." in name else None
    return DeployFile(file.path, kind, "\n" * item.line + text, inside=name) if kind else None


def mounted(objects: Objects, pod: Item, container: Item) -> Iterator[tuple[str, DeployFile]]:
    """Yield where a container has scripts and configurations that stand in ConfigMaps."""
    volumes = {item.at("name").text: item.at("configMap") for item in pod.at("volumes").items}
    maps = {item.at(*_NAME).text: (file, item) for file, item in _maps(objects) if volumes}
    for mount in container.at("volumeMounts").items:
        volume = volumes.get(mount.at("name").text, NOTHING)
        file, held = maps.get(volume.at("name").text, (None, NOTHING))
        chosen = {item.at("key").text: item.at("path").text for item in volume.at("items").items}
        target, part = mount.at("mountPath").text, mount.at("subPath").text
        for key, item in held.at("data").pairs if file else ():
            path = chosen.get(key, "" if chosen else key)
            made = _made(file, key, item) if file and path and part in {"", path} else None
            if made:
                yield posixpath.normpath(target if part else posixpath.join(target, path)), made


def _maps(objects: Objects) -> Iterator[tuple[DeployFile, Item]]:
    return ((file, item) for file, item in objects if item.at("kind").text == _MAP)


def _named(maps: Iterable[Item], name: str) -> Iterator[Item]:
    return (item.at("data") for item in maps if name and item.at(*_NAME).text == name)


def _value(maps: Iterable[Item], name: str, key: str) -> str | None:
    values = {said(data.at(key)) for data in _named(maps, name) if data.at(key) is not NOTHING}
    return values.pop() if len(values) == 1 else None
