"""The variables that deploy files set for a project's own processes: a word each.

Addresses and passwords are left out: an image has to be built without them. Of those in compose
files, which are one machine's, what tells of a server is taken (see ``composed``). What a start
script refuses to do without, and what a pod does not start without, from a secret or a map, is set,
to nobody knows what; so is what a playbook writes for the processes. The environment of a replica
is not known beyond what is found here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats import compose, dockerfile, env_files
from django_scaleready.checks.deployment.formats.terraform import Given
from django_scaleready.checks.deployment.process import Described, Process
from django_scaleready.checks.deployment.shell.required import required
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.static.given import cloud_foundry, playbooks
from django_scaleready.checks.static.given.composed import servers
from django_scaleready.checks.static.given.task_definitions import variables
from django_scaleready.checks.static.values.undecided import UNDECIDED, Undecided

Values = dict[str, set[str | None]]
_DOCKERFILE = re.compile(r"(^|/)(Dockerfile[^/]*|[^/]*\.[Dd]ockerfile)$")
_HEROKU = "app.json"
# The variable in which an add-on of Heroku says where its server is.
_ADD_ONS = {"heroku-postgresql": "DATABASE_URL", "heroku-redis": "REDIS_URL"}
_COMPOSE = re.compile(r"(compose|stack|caprover)[^/]*\.ya?ml$")
# Terraform's files, and the task definitions of ECS.
_DEFINES = re.compile(r"\.tf$|(task|container)[-_]?def[^/]*(/[^/]*)?\.json$")
# Where YAML may hold such definitions: of all of it too much is something else.
_INFRASTRUCTURE = re.compile(
    r"((^|/)(aws|cloud|deploy\w*|ecs|fargate|iac|infra\w*|ops|pulumi|terraform)/"
    r"|(task|container)[-_]?def[^/]*\.ya?ml$)"
)
_WORD = re.compile(r"[\w-]{1,32}")
# Whether DEBUG is on, a deployment says, and its secrets it keeps.
_HELD_BACK = re.compile(r"DEBUG|KEY|TOKEN|PASS|SECRET")
# What kind of a deployment it is. All else a compose file says of one machine.
MODE = re.compile(r"(^|_)(ENV|ENVIRONMENT|STAGE|DEPLOYMENT)$")
_DEBUG = re.compile(r"(^|_)DEBUG$")
_PRODUCTION = re.compile(r"(^|_)PROD(UCTION)?$")
_OFF = frozenset({"0", "false", "no", "off"})
_ON = frozenset({"1", "on", "true", "yes"})
# Whether workers do what requests leave to them.
_ASYNC = re.compile(r"(^|_)ASYNC$")
_EAGER = re.compile(r"(^|_)ALWAYS_EAGER$")
# How a mode is spelt that is for nobody's users.
_DEVELOPMENT = re.compile(r"^(dev|local|test|ci$|stag|debug|demo)", re.IGNORECASE)


def of_deployment(
    root: Path, listed: Iterable[str], deploy: Deployment | None = None
) -> dict[str, str | Undecided]:
    """Return what the images set that are deployed, and the mode that compose files say.

    A platform's own files say more: they are of no single machine.
    """
    images: Values = {}
    services: Values = {}
    platform: Values = {}
    defined: dict[str, str] = {}
    installed: dict[str, str] = {}
    manifests: dict[str, str] = {}
    unknown: dict[str, str | Undecided] = {}
    for name in listed:
        if name == _HEROKU:
            button = _button(_text(root, name))
            _add_button(platform, button)
            unknown.update(dict.fromkeys((*_add_ons(button), *_secrets(button)), UNDECIDED))
        elif "ockerfile" in name and _DOCKERFILE.search(name):
            _add_image(images, DeployFile(name, Kind.DOCKERFILE, _text(root, name)))
        elif name.endswith(("yml", "yaml")) and _COMPOSE.search(name):
            _add_services(root, services, DeployFile(name, Kind.COMPOSE, _text(root, name)))
        elif name.endswith(("yml", "yaml")) and cloud_foundry.MANIFEST.search(name):
            manifests[name] = _text(root, name)
        elif name.endswith(("yml", "yaml", "j2")) and playbooks.PLAYBOOK.search(name):
            installed[name] = _text(root, name)
        elif _DEFINES.search(name) or (
            name.endswith(("yml", "yaml")) and _INFRASTRUCTURE.search(name)
        ):
            defined[name] = _text(root, name)
    for key, value in cloud_foundry.variables(manifests):
        platform.setdefault(key, set()).add(value)
    unknown.update(_defined(variables(defined)))
    told: dict[str, str | Undecided] = {}
    if deploy is not None:
        told.update(_servers(root, deploy))
        pods = _pods(deploy)
        unknown.update(_installed(installed, pods))
        _add_pods(platform, pods)
        needed = [*_required(deploy), *_withheld(pods)]
        # DEBUG is off in a deployment, whoever asks for it.
        unknown.update((name, UNDECIDED) for name in needed if not _DEBUG.search(name))
    composed = {name: v for name, v in _alike(services).items() if _is_mode(name, v)}
    given = {n: v for n, v in _told(platform).items() if not MODE.search(n) or _is_mode(n, v)}
    return told | unknown | _told(images) | composed | given


def _told(values: Values) -> dict[str, str]:
    """Return what is a word, and no secret."""
    return {
        name: value
        for name, value in _alike(values).items()
        if _WORD.fullmatch(value) and not _HELD_BACK.search(name)
    }


def _is_mode(name: str, value: str) -> bool:
    if _DEBUG.search(name) or _EAGER.search(name):
        return value.lower() in _OFF
    if _PRODUCTION.search(name) or _ASYNC.search(name):
        return value.lower() in _ON
    return bool(MODE.search(name) and _WORD.fullmatch(value)) and not _DEVELOPMENT.search(value)


def _alike(values: Values) -> dict[str, str]:
    """Return the variables that have one value wherever they are set."""
    alone = {name: next(iter(given)) for name, given in values.items() if len(given) == 1}
    return {name: value for name, value in alone.items() if value}


def _add_image(found: Values, file: DeployFile) -> None:
    if "ENV" not in file.text or file.for_development:
        return
    made = attempt(file.path, dockerfile.stages, file)
    stage = None if isinstance(made, Unknown) else dockerfile.deployed(made)
    for key, value in stage.environment.items() if stage else ():
        found.setdefault(key, set()).add(value)


def _button(text: str) -> dict[str, Any]:
    """Return what Heroku's app.json holds; nothing of somebody else's file of that name."""
    try:
        held: Any = json.loads(text)
    except ValueError:
        # A broken one sets nothing.
        return {}
    return held if isinstance(held, dict) else {}


def _add_button(found: Values, button: dict[str, Any]) -> None:
    """Add what Heroku sets where the project is deployed by its button."""
    variables = button.get("env")
    for name, given in variables.items() if isinstance(variables, dict) else ():
        value = given.get("value") if isinstance(given, dict) else given
        found.setdefault(name, set()).add(value if isinstance(value, str) else None)


def _secrets(button: dict[str, Any]) -> Iterator[str]:
    """Yield the variables that Heroku makes up once, or asks for before it deploys the project."""
    variables = button.get("env")
    for name, given in variables.items() if isinstance(variables, dict) else ():
        entry = given if isinstance(given, dict) else {"value": given}
        is_asked = entry.get("required") is True or entry.get("value")
        is_secret = _HELD_BACK.search(name) and not _DEBUG.search(name)
        if entry.get("generator") == "secret" or (is_asked and is_secret):
            yield name


def _add_ons(button: dict[str, Any]) -> Iterator[str]:
    """Yield the variables that the servers bring which are bought with the project."""
    listed = button.get("addons")
    for each in listed if isinstance(listed, list) else ():
        plan = each.get("plan") if isinstance(each, dict) else each
        if variable := _ADD_ONS.get(str(plan).partition(":")[0]):
            yield variable


def _defined(given: Given) -> Iterator[tuple[str, str | Undecided]]:
    """Yield what task definitions or playbooks set, in which environment nobody knows.

    A folder, what all of them have off, or nobody knows what.
    """
    found: Values = {}
    for name, value in given:
        if value != "" and not MODE.search(name) and not _DEBUG.search(name):
            found.setdefault(name, set()).add(value)
    for name, values in found.items():
        value = next(iter(values)) if len(values) == 1 else None
        told = value and (value.startswith("/") or value.lower() in _OFF)
        yield name, value if value and told else UNDECIDED


def _processes(deploy: Deployment) -> list[Process]:
    made = attempt("deploy files", lambda: list(deploy.processes))
    return [] if isinstance(made, Unknown) else made


def _servers(root: Path, deploy: Deployment) -> Iterator[tuple[str, str | Undecided]]:
    """Yield what tells of servers; whether there is a password, and not which one."""
    for name, value in servers(_processes(deploy), root):
        yield name, UNDECIDED if _HELD_BACK.search(name) else value


def _pods(deploy: Deployment) -> list[Process]:
    """Return the containers of the project's own that go on running."""
    return [p for p in _processes(deploy) if p.kind is Kind.KUBERNETES and p.own and p.stays]


def _add_pods(found: Values, pods: list[Process]) -> None:
    """Add what all pods have."""
    own = [pod.environment for pod in pods]
    for key in set.intersection(*map(set, own)) if own else ():
        found.setdefault(key, set()).update(environment[key] for environment in own)


def _withheld(pods: list[Process]) -> Iterator[str]:
    """Yield what all pods are given that is not written here, or not the same in all."""
    for name in pods[0].withheld if pods else ():
        if all(name in pod.withheld or pod.environment.get(name) for pod in pods):
            yield name


def _installed(texts: dict[str, str], pods: list[Process]) -> Iterator[tuple[str, str | Undecided]]:
    """Yield what playbooks write for processes, unless there are pods that lack it."""
    given = chain.from_iterable(playbooks.variables(*each) for each in texts.items())
    for name, value in _defined(given):
        if all(name in pod.withheld or name in pod.environment for pod in pods):
            yield name, value


def _required(deploy: Deployment) -> frozenset[str]:
    """Return what no server starts without."""
    made = attempt("deploy files", required, deploy)
    return frozenset() if isinstance(made, Unknown) else made


def _add_services(root: Path, found: Values, file: DeployFile) -> None:
    """Add what all services of an image set; a variable that one of them lacks is not theirs."""
    if file.for_development or not any(key in file.text for key in ("environment", "env_file")):
        return
    made = attempt(file.path, lambda file: list(compose.services(file)), file)
    images: dict[str, list[Described]] = {}
    for service in () if isinstance(made, Unknown) else made:
        if not service.process.for_development:
            images.setdefault(service.dockerfile or service.process.image, []).append(service)
    for services in images.values():
        environments = [
            {**env_files.variables(root, each.process.env_files), **each.process.environment}
            for each in services
        ]
        for key in set.intersection(*map(set, environments)):
            # What the machine sets that it runs on is not told here.
            found.setdefault(key, set()).update(e[key] for e in environments if e[key])


def _text(root: Path, name: str) -> str:
    return files.content(root, name).decode("utf-8", "replace")
