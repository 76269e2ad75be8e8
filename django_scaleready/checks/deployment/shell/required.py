"""The variables that a start script ends without, or that it gives a server's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.command import FOLDER_SUPERVISORS
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.finding import Finder
from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.deployment.shell.script import branches, parse, refuses, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from django_scaleready.checks.deployment.view import Deployment

# $NAME, ${NAME}, ${NAME:-} and ${NAME:+x}, in quotes or without.
_NAME = r"[A-Za-z_]\w*"
_VALUE = rf"""["']?\$(?:\{{({_NAME})(?::?-|:?\+\w+)?\}}|({_NAME}))["']?"""
_EMPTY = re.compile(rf"(?:-z|!\s+-n)\s+{_VALUE}|{_VALUE}\s+==?\s+(?:\"\"|'')")
_FULL = re.compile(rf"(?:-n|\[|test)\s+{_VALUE}(?:\s+\]|$)")
# Of several conditions that have to hold together each says nothing, and others say the opposite.
_NOT_ALONE = re.compile(r"&&|\s-a\s|!(?!\s+-n)")
_OR_ELSE = re.compile(rf"\$\{{({_NAME}):?\?")
_SERVED = re.compile(
    rf"""\bexport\s+({_NAME})=["']?(postgres(?:ql)?|postgis|mysql|mariadb|mssql|oracle)(?:\+\w+)?://"""
)
_PLAIN = frozenset(["command", "variable_assignment", "declaration_command"])


def required(deploy: Deployment) -> frozenset[str]:
    """Return the variables that are set wherever a server of the project's own runs.

    The script that starts it ends where one of them is missing: what the settings do without it is
    never what runs.
    """
    finder = Finder(deploy.root, deploy.files)
    ours = (each for each in deploy.processes if each.own and not each.on_demand)
    serving = [each for each in ours if each.serves or _ends_in_supervisor(each)]
    scripts = {file.path: file for each in serving for file in _scripts(each, finder)}
    found = {name for file in scripts.values() for name in needed(parse(file.path, file.text).root)}
    return frozenset(found).union(*(served(file.text) for file in scripts.values()))


def served(text: str) -> set[str]:
    """Return the variables that a script gives the address of a database server, in some branch.

    It is written for where that runs; one that names SQLite in another leaves it open.
    """
    lines = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    return {name for name, _ in _SERVED.findall(lines) if f"{name}=sqlite" not in _bare(lines)}


def _bare(text: str) -> str:
    return text.replace('"', "").replace("'", "")


def _ends_in_supervisor(process: Process) -> bool:
    """Whether a container comes to be what starts all that is in a folder: its servers, too.

    The folder may be put together as the image is built.
    """
    return any(command.program in FOLDER_SUPERVISORS for command in process.commands[-1:])


def _scripts(process: Process, finder: Finder) -> Iterator[DeployFile]:
    """Yield what a process goes through before it serves."""
    named = [finder.find(word, process) for word in process.words]
    places = [place for each in process.commands for place in (each.location, *each.via)]
    for file in (*named, *(finder.files.get(place.path) for place in places)):
        if file is not None and file.kind is Kind.SCRIPT:
            yield file


def needed(root: Node) -> Iterator[str]:
    """Yield the variables that a script ends without, whichever way it would take else."""
    own: set[str] = set()
    for node in root.children:
        text = text_of(node)
        found = set(_asked(node))
        if node.type in _PLAIN:
            found.update(_OR_ELSE.findall(text))
        # A script may give itself what it asks for then.
        yield from found - own
        own.update(re.findall(r"(?:^|[\s;])(\w+)=", text))


def _asked(node: Node) -> Iterator[str]:
    """Yield the variables that a statement ends the script without."""
    if node.type == "if_statement":
        condition, body = next(branches(node))
        if len(condition) == 1 and refuses(body):
            yield from _without(text_of(condition[0]))
    elif node.type == "list":
        left, between, right = node.children[0], node.children[1].type, node.children[-1]
        if refuses([right]):
            asked = text_of(left)
            full = _names(_FULL.search(asked)) if "!" not in asked else ()
            yield from _without(asked) if between == "&&" else full


def _without(condition: str) -> Iterator[str]:
    if not _NOT_ALONE.search(condition):
        for found in _EMPTY.finditer(condition):
            yield from _names(found)


def _names(found: re.Match[str] | None) -> tuple[str, ...]:
    return tuple(filter(None, found.groups())) if found else ()
