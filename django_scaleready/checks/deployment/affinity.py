"""What in Kubernetes' manifests sends a client to the same replica again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile
from django_scaleready.checks.deployment.formats.yaml_text import Item

_BY_CLIENT = frozenset({"CLIENT_IP", "GENERATED_COOKIE", "HTTP_COOKIE", "HEADER_FIELD"})
_HASHED = ("httpCookie", "useSourceIp", "httpHeaderName")


def affinities(objects: Iterable[tuple[DeployFile, Item]]) -> Iterator[tuple[str, Location]]:
    """Yield each sign of it, as it is written, with its place."""
    for file, item in objects:
        for sign, line in (*_of_services(item), *_of_balancers(item)):
            yield sign, Location(file.path, line)


def _of_services(item: Item) -> Iterator[tuple[str, int]]:
    affinity = item.at("spec", "sessionAffinity")
    if affinity.text == "ClientIP":
        yield "sessionAffinity: ClientIP", affinity.line
    for name, value in item.at("metadata", "annotations").pairs:
        sticky = name.endswith("/affinity") and value.text == "cookie"
        stickiness = "stickiness.enabled=true" in value.text.replace(" ", "")
        if sticky or stickiness or (name.endswith("/sticky") and value.text == "true"):
            yield f"{name}: {value.text}", value.line


def _of_balancers(item: Item) -> Iterator[tuple[str, int]]:
    cookie = item.at("spec", "sticky") or item.at("spec", "loadBalancer", "sticky")
    if cookie:
        yield "sticky", cookie.line
    kind = item.at("spec", "sessionAffinity", "affinityType")
    if kind.text in _BY_CLIENT:
        yield f"affinityType: {kind.text}", kind.line
    hashed = item.at("spec", "trafficPolicy", "loadBalancer", "consistentHash")
    for name in _HASHED:
        if found := hashed.at(name):
            yield f"consistentHash: {name}", found.line
    for rule in item.at("spec", "rules").items:
        if found := rule.at("sessionPersistence"):
            yield "sessionPersistence", found.line
