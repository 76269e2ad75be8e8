"""The commands and scripts that a clock starts where the project is deployed, and nothing ends.

A CronJob, a timer of systemd, a crontab or what is written into one, Ansible's cron, a CronJob that
is made with a CDK. No one sits before such a command: what hangs there hangs until somebody asks
why the next one does not come.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.files import Kind, is_for_development
from django_scaleready.checks.deployment.formats.yaml_text import Item, documents

if TYPE_CHECKING:
    from pathlib import Path

    from django_scaleready.checks.deployment.view import Deployment

_COMMAND = re.compile(r"(?:\bmanage\.py|\bdjango-admin(?:\.py)?)[\"']?,?\s+[\"']?(?:-\S+\s+)*(\w+)")
# python -u nightly/backup.py
_SCRIPT = re.compile(r"\bpython[\d.]*[ \t]+(?:-[a-zA-Z]+[ \t]+)*([\w./-]+\.py)\b(?<!manage\.py)")
# 5 4 * * 1-5 COMMAND, wherever a line says so; a star is what tells it from a table of numbers.
_LINE = re.compile(
    r"(?<![\w./-])(?=\d[\d \t/,-]{0,30}\*|\*)(?:[\d*/,-]+[ \t]+){2}(?:[\w*/,?-]+[ \t]+){3}([^\n]+)"
    r"|^[ \t]*@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)[ \t]+([^\n]+)",
    re.MULTILINE,
)
# What is called after cron, and is none of its tables.
_NO_TABLE = re.compile(r"\.(css|html?|jsx?|md|png|po|py|rst|sh|svg|tsx?|vue|ya?ml)$")
# Where a role of Ansible says what is done, and where a CDK is programmed.
_TASKS = re.compile(r"(^|/)(tasks|handlers)/[^/]+\.ya?ml$|(^|[/_-])(ansible|playbook)[^/]*\.ya?ml$")
_CDK = frozenset({"cdk8s.yaml", "cdk.json"})
_NEW = re.compile(
    r"\bnew\s+[\w.]*(?:Cron|Scheduled)\w*\s*\((.*?)(?=\bnew\s+[\w.]+\s*\(|\Z)", re.DOTALL
)
_TIMER = ".timer"
# What ends a unit, or a command, that takes longer.
_ENDED = re.compile(r"^(RuntimeMaxSec|TimeoutStartSec)\s*=\s*(?!infinity)", re.MULTILINE)
_BOUND = re.compile(r"\btimeout\s+(-\S+\s+)*\d")


def scheduled(deploy: Deployment, listed: Iterable[str]) -> frozenset[str]:
    """Return the names of those commands and the paths of those scripts, as they are written.

    ``listed`` are the files of the repository.
    """
    names = [*listed]
    found = {*_of_processes(deploy, names)}
    scripts = [name for name in names if name.endswith(".sh") and not is_for_development(name)]
    for text in _texts(deploy, names):
        found |= _named(deploy, text, scripts)
    return frozenset(found)


def _of_processes(deploy: Deployment, listed: list[str]) -> Iterator[str]:
    """Yield what CronJobs and units start, whose timers lie beside them."""
    timers = [name for name in listed if _TIMER in name]
    ended = {f.path for f in deploy.files if f.kind is Kind.SYSTEMD and _ENDED.search(f.text)}
    for process in deploy.processes:
        path = process.location.path
        unit = process.kind is Kind.SYSTEMD and path not in ended
        stem = path.partition(".service")[0]
        if process.timed or (unit and any(name.startswith(stem) for name in timers)):
            yield from (command.management for command in process.commands if command.management)


def _texts(deploy: Deployment, listed: list[str]) -> Iterator[str]:
    """Yield what a clock has a shell run, as far as files say it in their text."""
    cdk = [posixpath.dirname(name) for name in listed if posixpath.basename(name) in _CDK]
    for name in listed:
        if is_for_development(name):
            continue
        if "cron" in name and not _NO_TABLE.search(name):
            yield from _lines(_text(deploy.root, name))
        elif name.endswith("ml") and _TASKS.search(name):
            yield from _jobs(name, _text(deploy.root, name))
        elif cdk and name.endswith(".ts") and any(name.startswith(folder) for folder in cdk):
            yield from _NEW.findall(_text(deploy.root, name))
    for file in deploy.files:
        if file.kind in {Kind.SCRIPT, Kind.DOCKERFILE, Kind.PLATFORM} and "cron" in file.text:
            yield from () if file.for_development else _lines(file.text)


def _text(root: Path, name: str) -> str:
    return files.content(root, name).decode("utf-8", "replace")


def _lines(text: str) -> Iterator[str]:
    uncommented = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    for match in _LINE.finditer(uncommented):
        yield match[1] or match[2]


def _jobs(name: str, text: str) -> Iterator[str]:
    """Yield what Ansible has cron start."""
    if "cron:" not in text:
        return
    made = attempt(name, lambda: list(documents(text)))
    pending: list[Item] = [] if isinstance(made, Unknown) else made
    while pending:
        item = pending.pop()
        for key, held in item.pairs:
            if key.rpartition(".")[2] == "cron" and held.at("job"):
                yield held.at("job").text
            pending.append(held)
        pending += item.items if isinstance(item.value, list) else ()


def _named(deploy: Deployment, text: str, listed: list[str]) -> set[str]:
    """Return the commands and scripts in a text, and the commands of the scripts that it names.

    Those are the ``listed`` ones, too, which nothing but the clock starts.
    """
    if _BOUND.search(text):
        return set()
    found = {*_COMMAND.findall(text), *_SCRIPT.findall(text)}
    words = {posixpath.basename(word) for word in re.findall(r"[\w./-]+", text)}
    called = [file for file in deploy.files if file.kind is Kind.SCRIPT]
    known = {file.path for file in called}
    scripts = [file.text for file in called if file.name in words]
    others = (name for name in listed if name not in known and posixpath.basename(name) in words)
    scripts += [_text(deploy.root, name) for name in others]
    for script in scripts:
        found |= {*_COMMAND.findall(script.replace("\\\n", " "))}
    return found
