"""Kubernetes' manifests: the containers as processes, with what other objects say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats import custom_resources, kustomize
from django_scaleready.checks.deployment.formats.config_maps import (
    environment,
    held_files,
    mounted,
    withheld,
)
from django_scaleready.checks.deployment.formats.pods import (
    GRACE,
    delay,
    given,
    grace,
    overlaps,
    probes,
    says_ready,
)
from django_scaleready.checks.deployment.formats.yaml_text import NOTHING, Item
from django_scaleready.checks.deployment.helm.chart import Charts
from django_scaleready.checks.deployment.helm.reading import read_manifest
from django_scaleready.checks.deployment.process import (
    Described,
    Filled,
    Given,
    Probe,
    Process,
    Volume,
)

# The path from a manifest to its pods; a job's run once.
_PODS = {
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Rollout": ("spec", "template", "spec"),
    # OpenShift's; Knative's, which Cloud Run takes, too.
    "DeploymentConfig": ("spec", "template", "spec"),
    "Service": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_ENDS = "activeDeadlineSeconds"
_ONCE = frozenset({"Job", "CronJob"})
_NAME = ("metadata", "name")
# The objects that a document lists, by its kind.
_LISTED = {"List": "items", "Template": "objects"}
# What says how many there are, and where.
_SCALED = {
    "HorizontalPodAutoscaler": "maxReplicas",
    "ScaledObject": "maxReplicaCount",
}
_KEPT = re.compile(r"(^|[-_./])(media\w*|uploads?)(/|$)", re.IGNORECASE)
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})


def _ends(item: Item, pod: Item) -> bool:
    """Whether a job, or its pod, is ended when it takes too long."""
    return any(each.at(_ENDS) for each in (pod, item.at("spec", "jobTemplate", "spec")))


@dataclass(slots=True)
class Manifests:
    """What all manifests of a project hold together: claims are written apart from their use."""

    charts: Charts
    objects: list[tuple[DeployFile, Item]] = field(default_factory=list)
    # The files that an installation may put more into than what they say.
    _gaps: set[str] = field(default_factory=set)

    def add(self, file: DeployFile) -> None:
        """Take a file; ValueError if it, or a part of it, is not YAML."""
        read = read_manifest(file, self.charts)
        for document in read.documents:
            listed = document.at(_LISTED.get(document.at("kind").text, "")).items
            if file.name.startswith("kustomization."):
                listed = list(kustomize.objects(document))
            for item in listed or [document]:
                self._add(file, item)
        if read.gaps:
            self._gaps.add(file.path)
        if read.problem:
            raise read.problem

    def _add(self, file: DeployFile, item: Item) -> None:
        self.objects.append((file, item))
        if custom_resources.POD in file.text and item.at("kind").text not in _PODS:
            made = list(custom_resources.objects(item))
            self.objects += [(file, each) for each in made]
            if made:
                # Who makes the pods may put more into them.
                self._gaps.add(file.path)

    def processes(self) -> Iterator[Described]:
        """Yield the containers."""
        for file, item in self.objects:
            kind = item.at("kind").text
            if kind in _PODS:
                pod = item.at(*_PODS[kind])
                for container in pod.at("containers").items:
                    made = self._process(file, item, pod, container, beside=False)
                    yield made
                    yield from _hooks(made, container)
                for container in pod.at("initContainers").items:
                    yield self._process(file, item, pod, container, beside=kind not in _ONCE)

    def _process(
        self, file: DeployFile, item: Item, pod: Item, container: Item, *, beside: bool
    ) -> Described:
        entrypoint, command = container.at("command"), container.at("args")
        words = [tuple(word.text for word in each.items) for each in (entrypoint, command)]
        started = entrypoint or command or container.at("image")
        filled = self.charts.place(file, words[1]) or self.charts.place(file, words[0])
        if filled is None:
            words = [tuple(_word(file, word) for word in each) for each in words]
        kind = item.at("kind").text
        process = Process(
            name="/".join(filter(None, (item.at(*_NAME).text or kind, container.at("name").text))),
            kind=Kind.KUBERNETES,
            location=Location(file.path, container.line),
            started_at=filled or Location(file.path, started.line or container.line),
            environment=environment(self.objects, container),
            withheld=withheld(container),
            volumes=tuple(self._volumes(file, item, pod, container)),
            mapped=tuple(mounted(self.objects, pod, container)),
            probes=tuple(probes(file, container)),
            grace=grace(file, pod, container, certain=self._is_all(file, GRACE)),
            delay=delay(container),
            replicas=self._replicas(file, item),
            unprobed=self._is_unprobed(file, item, container),
            overlaps=all(overlaps(where, other) for where, other in self._same(file, item)),
            image=container.at("image").text,
            once=kind in _ONCE or bool(item.at("metadata", "annotations", "helm.sh/hook")),
            beside=beside,
            timed=kind == "CronJob" and not _ends(item, pod),
            pod=f"{file.path}:{item.line}",
            for_development=file.for_development,
        )
        return Described(
            process,
            entrypoint=words[0] if entrypoint else None,
            command=words[1] if command else None,
        )

    def _volumes(
        self, file: DeployFile, item: Item, pod: Item, container: Item
    ) -> Iterator[Volume]:
        named = {volume.at("name").text: volume for volume in pod.at("volumes").items}
        own = {claim.at(*_NAME).text for claim in item.at("spec", "volumeClaimTemplates").items}
        for mount in container.at("volumeMounts").items:
            name, target = mount.at("name").text, mount.at("mountPath").text
            place = Location(file.path, mount.at("name").line or mount.line)
            read_only = mount.at("readOnly").text == "true"
            if target.startswith("$"):
                continue
            volume = named.get(name, NOTHING)
            claim = volume.at("persistentVolumeClaim", "claimName").text
            if name in own:
                yield Volume(name, target, place, False, read_only)
            elif claim:
                yield Volume(claim, target, place, self._is_shared(claim), read_only)
            elif volume.at("hostPath"):
                source = volume.at("hostPath", "path").text
                yield Volume(source, target, place, False, read_only)
            elif "emptyDir" in dict(volume.pairs) and _KEPT.search(target):
                # Most are for what may be lost; uploads may not.
                yield Volume("emptyDir", target, place, False, read_only)

    def _is_unprobed(self, file: DeployFile, item: Item, container: Item) -> bool:
        """Whether neither a container nor an overlay of it has what says that it is ready."""
        name, kind = item.at(*_NAME).text, item.at("kind").text
        pods = (
            other.at(*_PODS[kind])
            for _, other in self.objects
            if name and other.at("kind").text == kind and other.at(*_NAME).text == name
        )
        listed = [container, *(each for pod in pods for each in pod.at("containers").items)]
        asked = any(map(says_ready, listed))
        return not asked and file.path not in self._gaps

    def _is_all(self, file: DeployFile, option: str) -> bool:
        """Whether no installation may give an option that is not given here."""
        return file.path not in self._gaps or self.charts.leaves_out(file, option)

    def _same(self, file: DeployFile, item: Item) -> Iterator[tuple[DeployFile, Item]]:
        """Yield an object, and what overlays say of it."""
        yield file, item
        name, kind = item.at(*_NAME).text, item.at("kind").text
        for where, other in self.objects if name else ():
            same = other.at("kind").text == kind and other.at(*_NAME).text == name
            if same and other is not item and other.at("spec", "strategy"):
                yield where, other

    def _replicas(self, file: DeployFile, item: Item) -> Given | None:
        """Return how many there are at most, or are to be: an overlay may say it, or a scaler."""
        name, kind = item.at(*_NAME).text, item.at("kind").text
        for where, other in self.objects:
            option = _SCALED.get(other.at("kind").text)
            if option and name and other.at("spec", "scaleTargetRef", "name").text == name:
                return given(where, other.at("spec", option), option)
        if item.at("spec", "replicas"):
            return given(file, item.at("spec", "replicas"), "replicas")
        overlays = (
            given(where, other.at("spec", "replicas"), "replicas")
            for where, other in self.objects
            if other.at("kind").text == kind and name and other.at(*_NAME).text == name
        )
        return next((found for found in overlays if found), None)

    def _is_shared(self, claim: str) -> bool | None:
        for _, item in self.objects:
            named = item.at(*_NAME).text == claim
            if named and item.at("kind").text == "PersistentVolumeClaim":
                modes = {mode.text for mode in item.at("spec", "accessModes").items}
                return bool(modes & _SHARED)
        return None

    def files(self) -> list[DeployFile]:
        """Return the scripts and configurations that pods have from ConfigMaps."""
        return list(held_files(self.objects))

    def balancer_probes(self) -> Iterator[Probe]:
        """Yield the probes of balancers that an Ingress asks for."""
        for file, item in self.objects:
            for name, value in item.at("metadata", "annotations").pairs:
                if name.endswith(("/healthcheck-path", "/health-check-path")):
                    yield Probe("readiness", value.text, Location(file.path, value.line))


def _word(file: DeployFile, word: str) -> str:
    """Return a word, as one of a single line if the file does not have those that it has."""
    _, several, last = word.strip().rpartition("\n")
    return Filled(word) if several and last.strip() not in file.text else word


def _hooks(made: Described, container: Item) -> Iterator[Described]:
    """Yield what a container runs beside its process as soon as that is started."""
    command = container.at("lifecycle", "postStart", "exec", "command")
    if words := tuple(word.text for word in command.items):
        place = Location(made.process.location.path, command.line)
        hook = replace(
            made.process, started_at=place, volumes=(), probes=(), delay=0, grace=None, beside=True
        )
        yield Described(hook, entrypoint=words)
