"""What a manifest says of one container: its probes, its time to stop, its hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile
from django_scaleready.checks.deployment.formats.yaml_text import Item
from django_scaleready.checks.deployment.process import Given, Probe
from django_scaleready.checks.deployment.urls import probed_path

GRACE = "terminationGracePeriodSeconds"
# A container is sent no requests before the one or the other has succeeded.
_READY = ("readinessProbe", "startupProbe")
_ENDS_WELL = re.compile(
    r"((/usr)?(/bin/)?(ba|da|a)?sh -c )?(/usr)?(/bin/)?"
    r"(true|:|pwd|date|hostname|uptime|whoami|echo [^;&|$`]*|exit 0|ls( /)?)"
)
_PROBES = {
    "livenessProbe": "liveness",
    "readinessProbe": "readiness",
    "startupProbe": "startup",
}


def given(file: DeployFile, item: Item, option: str) -> Given | None:
    """Return a number that is given, if it is one."""
    number = item.number
    return None if number is None else Given(number, option, Location(file.path, item.line))


def grace(file: DeployFile, pod: Item, container: Item, *, certain: bool) -> Given | None:
    """Return the grace period; None if an installation may say another than what is read."""
    found = given(file, pod.at(GRACE), GRACE)
    if found or pod.at(GRACE) or not certain:
        return found
    return Given(30, GRACE, Location(file.path, container.line), said=False)


def delay(container: Item) -> float:
    """Return the seconds that a container's hook sleeps before it is told to stop."""
    hook = container.at("lifecycle", "preStop")
    if (seconds := hook.at("sleep", "seconds").number) is not None:
        return seconds
    words = " ".join(word.text for word in hook.at("exec", "command").items)
    found = re.search(r"\bsleep\s+(\d+)", words)
    return int(found[1]) if found else 0


def overlaps(file: DeployFile, item: Item) -> bool:
    """Whether a rollout starts a new pod before the old one has ended, as far as a file says.

    So does a Deployment that says nothing of it, and so may one that a template says more of.
    """
    strategy = item.at("spec", "strategy")
    if item.at("kind").text != "Deployment" or (not [*strategy.pairs] and "strategy" in file.text):
        return False
    surge = strategy.at("rollingUpdate", "maxSurge").text
    return strategy.at("type").text != "Recreate" and surge not in {"0", "0%"}


def says_ready(container: Item) -> bool:
    """Whether something of a container is asked before it is sent requests."""
    return any(container.at(key) and not _asks_nothing(container.at(key)) for key in _READY)


def _asks_nothing(probe: Item) -> bool:
    """Whether it is a command that ends well whatever the container does."""
    words = (word.text.strip() for word in probe.at("exec", "command").items)
    return bool(_ENDS_WELL.fullmatch(" ".join(words)))


def probes(file: DeployFile, container: Item) -> Iterator[Probe]:
    """Yield what is asked of a container."""
    for key, purpose in _PROBES.items():
        probe = container.at(key)
        asked = probe.at("httpGet", "path")
        words = [word.text for word in probe.at("exec", "command").items]
        path = asked.text or probed_path(words) or ("/" if probe.at("httpGet") else "")
        if path:
            line = asked.line or probe.at("exec", "command").line or probe.line
            yield Probe(purpose, path, Location(file.path, line))
