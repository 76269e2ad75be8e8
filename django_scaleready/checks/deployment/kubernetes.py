"""Kubernetes' manifests: the containers as processes, the claims, and what keeps clients apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.process import Described, Given, Probe, Process, Volume
from django_scaleready.checks.deployment.urls import probed_path
from django_scaleready.checks.deployment.yaml_text import NOTHING, Item, documents

# The path from a manifest to its pods; a job's run once.
_PODS = {
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Rollout": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_ONCE = frozenset({"Job", "CronJob"})
_PROBES = {
    "livenessProbe": "liveness",
    "readinessProbe": "readiness",
    "startupProbe": "startup",
}
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})


@dataclass(slots=True)
class Manifests:
    """What all manifests of a project hold together: claims are written apart from their use."""

    objects: list[tuple[DeployFile, Item]] = field(default_factory=list)

    def add(self, file: DeployFile) -> None:
        """Take a file; ValueError if it is not YAML."""
        for document in documents(file.text):
            listed = document.at("items").items if document.at("kind").text == "List" else []
            self.objects += [(file, item) for item in listed or [document]]

    def processes(self) -> Iterator[Described]:
        """Yield the containers."""
        for file, item in self.objects:
            kind = item.at("kind").text
            if kind in _PODS:
                pod = item.at(*_PODS[kind])
                for container in pod.at("containers").items:
                    yield self._process(file, item, pod, container, beside=False)
                for container in pod.at("initContainers").items:
                    yield self._process(file, item, pod, container, beside=kind not in _ONCE)

    def _process(
        self, file: DeployFile, item: Item, pod: Item, container: Item, *, beside: bool
    ) -> Described:
        started = container.at("command") or container.at("args") or container.at("image")
        workload = item.at("metadata", "name").text or item.at("kind").text
        kind = item.at("kind").text
        replicas = item.at("spec", "replicas")
        environment = {
            entry.at("name").text: entry.at("value").text if entry.at("value") else None
            for entry in container.at("env").items
        }
        process = Process(
            name=f"{workload}/{container.at('name').text}",
            kind=Kind.KUBERNETES,
            location=Location(file.path, container.line),
            started_at=Location(file.path, started.line or container.line),
            environment=environment,
            volumes=tuple(self._volumes(file, item, pod, container)),
            probes=tuple(_probes(file, container)),
            grace=_grace(file, pod, container),
            delay=_delay(container),
            replicas=_given(file, replicas, "replicas"),
            image=container.at("image").text,
            once=kind in _ONCE or "helm.sh/hook" in _annotations(item),
            beside=beside,
            for_development=file.for_development,
        )
        entrypoint, command = container.at("command"), container.at("args")
        return Described(
            process,
            entrypoint=tuple(word.text for word in entrypoint.items) if entrypoint else None,
            command=tuple(word.text for word in command.items) if command else None,
        )

    def _volumes(
        self, file: DeployFile, item: Item, pod: Item, container: Item
    ) -> Iterator[Volume]:
        named = {volume.at("name").text: volume for volume in pod.at("volumes").items}
        own = {
            claim.at("metadata", "name").text
            for claim in item.at("spec", "volumeClaimTemplates").items
        }
        for mount in container.at("volumeMounts").items:
            name, target = mount.at("name").text, mount.at("mountPath").text
            place = Location(file.path, mount.at("name").line or mount.line)
            read_only = mount.at("readOnly").text == "true"
            volume = named.get(name, NOTHING)
            claim = volume.at("persistentVolumeClaim", "claimName").text
            if name in own:
                yield Volume(name, target, place, False, read_only)
            elif claim:
                yield Volume(claim, target, place, self._is_shared(claim), read_only)
            elif volume.at("hostPath"):
                source = volume.at("hostPath", "path").text
                yield Volume(source, target, place, False, read_only)

    def _is_shared(self, claim: str) -> bool | None:
        for _, item in self.objects:
            named = item.at("metadata", "name").text == claim
            if named and item.at("kind").text == "PersistentVolumeClaim":
                modes = {mode.text for mode in item.at("spec", "accessModes").items}
                return bool(modes & _SHARED)
        return None

    def affinities(self) -> Iterator[tuple[str, Location]]:
        """Yield what sends a client to the same replica again."""
        for file, item in self.objects:
            affinity = item.at("spec", "sessionAffinity")
            if affinity.text == "ClientIP":
                yield "sessionAffinity: ClientIP", Location(file.path, affinity.line)
            for name, value in item.at("metadata", "annotations").pairs:
                sticky = name.endswith("/affinity") and value.text == "cookie"
                stickiness = "stickiness.enabled=true" in value.text.replace(" ", "")
                if sticky or stickiness or (name.endswith("/sticky") and value.text == "true"):
                    yield f"{name}: {value.text}", Location(file.path, value.line)
            cookie = item.at("spec", "sticky") or item.at("spec", "loadBalancer", "sticky")
            if cookie:
                yield "sticky", Location(file.path, cookie.line)

    def balancer_probes(self) -> Iterator[Probe]:
        """Yield the probes of balancers that an Ingress asks for."""
        for file, item in self.objects:
            for name, value in item.at("metadata", "annotations").pairs:
                if name.endswith(("/healthcheck-path", "/health-check-path")):
                    yield Probe("readiness", value.text, Location(file.path, value.line))


def _annotations(item: Item) -> dict[str, str]:
    return {name: value.text for name, value in item.at("metadata", "annotations").pairs}


def _given(file: DeployFile, item: Item, option: str) -> Given | None:
    number = item.number
    return None if number is None else Given(number, option, Location(file.path, item.line))


def _grace(file: DeployFile, pod: Item, container: Item) -> Given:
    option = "terminationGracePeriodSeconds"
    found = _given(file, pod.at(option), option)
    return found or Given(30, option, Location(file.path, container.line), said=False)


def _delay(container: Item) -> float:
    hook = container.at("lifecycle", "preStop")
    if (seconds := hook.at("sleep", "seconds").number) is not None:
        return seconds
    words = " ".join(word.text for word in hook.at("exec", "command").items)
    found = re.search(r"\bsleep\s+(\d+)", words)
    return int(found[1]) if found else 0


def _probes(file: DeployFile, container: Item) -> Iterator[Probe]:
    for key, purpose in _PROBES.items():
        probe = container.at(key)
        asked = probe.at("httpGet", "path")
        words = [word.text for word in probe.at("exec", "command").items]
        path = asked.text or probed_path(words) or ("/" if probe.at("httpGet") else "")
        if path:
            line = asked.line or probe.at("exec", "command").line or probe.line
            yield Probe(purpose, path, Location(file.path, line))
