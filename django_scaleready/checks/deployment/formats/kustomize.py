"""What a kustomization says itself of the objects that it lists: patches, replicas, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django_scaleready.checks.deployment.formats.yaml_text import NOTHING, Item, documents

# Of whom only the name is said.
_WORKLOADS = ("Deployment", "StatefulSet")
# A patch of one value in JSON's way: how many there are, and what a container starts.
_STARTED = re.compile(r"/spec/template/spec/(containers|initContainers)/\d+/(command|args)")


def objects(document: Item) -> Iterator[Item]:
    """Yield what a kustomization adds, as the objects that it would be in a file of its own."""
    for entry in (*document.at("patches").items, *document.at("patchesJson6902").items):
        yield from _patched(entry.at("patch"), entry.at("target"))
    for entry in document.at("patchesStrategicMerge").items:
        if "\n" in entry.text:
            yield from _patched(entry, NOTHING)
    for entry in document.at("replicas").items:
        for kind in _WORKLOADS:
            yield _made(kind, entry.at("name"), spec=_mapping(replicas=entry.at("count")))
    for entry in document.at("configMapGenerator").items:
        pairs = [(item, *item.text.partition("=")) for item in entry.at("literals").items]
        data = {name: Item(value, item.line) for item, name, given, value in pairs if given}
        yield _made("ConfigMap", entry.at("name"), data=Item({**data}, entry.line))


def _patched(text: Item, target: Item) -> Iterator[Item]:
    """Yield the objects of a patch that stands in the file; ValueError if it is not YAML."""
    lines = range(text.line + 1, text.line + text.text.count("\n") + 2)
    for patch in documents(text.text, lines):
        if isinstance(patch.value, list):
            yield from (made for each in patch.items if (made := _replaced(each, target)))
        else:
            yield patch


def _replaced(operation: Item, target: Item) -> Item | None:
    path, value = operation.at("path").text, operation.at("value")
    kind = target.at("kind").text or _WORKLOADS[0]
    if path == "/spec/replicas":
        return _made(kind, target.at("name"), spec=_mapping(replicas=value))
    if found := _STARTED.fullmatch(path):
        container = Item({"name": target.at("name"), found[2]: value}, value.line)
        pods = _mapping(**{found[1]: Item([container], value.line)})
        return _made(kind, target.at("name"), spec=_mapping(template=_mapping(spec=pods)))
    return None


def _made(kind: str, name: Item, **parts: Item) -> Item:
    return _mapping(kind=Item(kind, name.line), metadata=_mapping(name=name), **parts)


def _mapping(**parts: Item) -> Item:
    return Item(parts, min((part.line for part in parts.values()), default=0))
