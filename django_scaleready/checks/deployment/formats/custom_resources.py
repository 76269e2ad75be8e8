"""Resources that an operator makes pods of, read as the objects that it would make.

What they call ``podSpec`` is a pod, or the one container of a pod. The operator may put more into
it than what is said: probes, a time to stop, how a new release takes the place of the old one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django_scaleready.checks.deployment.formats.yaml_text import NOTHING, Item

POD = "podSpec"
# Of a replica set nobody knows how a release replaces it.
_STAYS, _ONCE, _TIMED = "ReplicaSet", "Job", "CronJob"
_RUN_ONCE = re.compile(r"job|hook|task|migrat|workflow|pipeline", re.IGNORECASE)
_SCHEDULES = ("schedule", "cron", "cronSchedule")
# Both are a pod's own, whoever its containers are.
_OF_PODS = ("volumes", "terminationGracePeriodSeconds")
_DEEPEST = 8


def objects(document: Item) -> Iterator[Item]:
    """Yield the objects with pods that an operator makes of a resource."""
    name, kind = document.at("metadata", "name"), document.at("kind")
    once = bool(_RUN_ONCE.search(kind.text))
    yield from _below(document.at("spec"), name or kind, once=once, depth=0)


def _below(item: Item, name: Item, *, once: bool, depth: int) -> Iterator[Item]:
    if depth > _DEEPEST:
        return
    if isinstance(item.value, list):
        for each in item.items:
            yield from _below(each, name, once=once, depth=depth + 1)
        return
    name = item.at("name") if item.at("name").text else name
    if pod := _pod(item.at(POD)):
        yield _made(item, pod, name, once=once)
    for key, each in item.pairs:
        if key != POD and isinstance(each.value, dict | list):
            again = once or bool(_RUN_ONCE.search(key))
            yield from _below(each, name, once=again, depth=depth + 1)


def _pod(given: Item) -> Item | None:
    """Return a pod with its containers, be it the one that stands for them all."""
    if given.at("containers").items:
        return given
    if not given.at("image").text:
        return None
    parts = dict(given.pairs)
    own = {key: each for key, each in parts.items() if key not in {*_OF_PODS, "initContainers"}}
    first = [_inheriting(each, given) for each in given.at("initContainers").items]
    pod = {
        "containers": Item([Item(own, given.line)], given.line),
        "initContainers": Item(list(first), given.at("initContainers").line),
    }
    return Item({**pod, **{key: parts[key] for key in _OF_PODS if key in parts}}, given.line)


def _inheriting(container: Item, given: Item) -> Item:
    """Return a container with the variables, and the image, that it shares with the main one."""
    parts = dict(container.pairs)
    if container.at("inheritEnv").text == "true":
        variables = [*given.at("env").items, *container.at("env").items]
        parts["env"] = Item(variables, container.line)
    parts.setdefault("image", given.at("image"))
    return Item(parts, container.line)


def _made(item: Item, pod: Item, name: Item, *, once: bool) -> Item:
    timed = any(item.at(key).text for key in _SCHEDULES)
    kind = _TIMED if timed else _ONCE if once else _STAYS
    spec = _mapping(pod.line, template=_mapping(pod.line, spec=pod))
    if timed:
        spec = _mapping(pod.line, jobTemplate=_mapping(pod.line, spec=spec))
    elif item.at("replicas") is not NOTHING:
        spec = _mapping(pod.line, template=spec.at("template"), replicas=item.at("replicas"))
    labelled = _mapping(name.line, name=name)
    return _mapping(item.line, kind=Item(kind, item.line), metadata=labelled, spec=spec)


def _mapping(line: int, **parts: Item) -> Item:
    return Item(parts, line)
