"""Whether anybody else needs a file that a function writes: who reads it comes another way.

What is written, used and done with on one way through the code is lost without harm. So a place
where others look for it, as far as files, names and deploy files tell, is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.code.paths.said_paths import NOTED, OWN, is_same
from django_scaleready.checks.code.paths.scratch import FOLDERS
from django_scaleready.checks.code.paths.writers import GONE, READ, TAKEN
from django_scaleready.checks.disk.disk_uses import KEEPS, Use
from django_scaleready.checks.disk.served import served_folders
from django_scaleready.checks.disk.volumes import kept

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.summary import Term
    from django_scaleready.checks.project import Project

LOOKS = frozenset({GONE, READ, TAKEN})
# What a setting, or a function that makes a path, is called whose files need not last.
_SCRATCH = re.compile(
    r"(?<![a-z])(te?mp|temporary|scratch)(?![a-z])|te?mp_?(dir|file|folder|path)", re.IGNORECASE
)
# Who asks for a file there asks any replica.
_ANSWERED = ("MEDIA_ROOT", "STATIC_ROOT")
# django_extensions.management.jobs.DailyJob
_JOB = re.compile(r"(Minutely|QuarterHourly|Hourly|Daily|Weekly|Monthly|Yearly)Job")
# Only the beginning of a path is written out.
_ANYWHERE = frozenset({"", "/", "~"})
# Where a name is put in: "/srv/orders/%s.csv".
_FILLED = re.compile(r"[%{]")
_DEPTH = 4
# Where ``file-write`` notes that the name of a file is kept.
KEPT = 4


def is_needed(project: Project, shown: Use, uses: list[Use], every: Iterable[Use]) -> bool:
    """Whether another way through the code comes to a folder or a file, or may come to it."""
    setting, text = shown.lead.setting, _FILLED.split(shown.lead.text)[0]
    if setting in _ANSWERED or any(use.fact.data[KEPT] for use in uses):
        return True
    writes = [use for use in uses if use.kind not in KEEPS]
    if any(_comes_another_way(project.code, writes, use) for use in _looks(uses, every, text)):
        return True
    if _is_scratch(project, shown):
        return _is_said(project.code, writes, text)
    unknown = not setting and (text in _ANYWHERE or _is_systems(text))
    if unknown or _is_by_clock(project, shown) or any(map(_is_upload, writes)):
        # It may be anywhere; and what somebody gives, or a clock has written, is for somebody.
        return True
    own = {_key(use) for use in writes}
    looked = any(use.kind in LOOKS and (not setting or _key(use) not in own) for use in uses)
    if looked or (text and _is_kept(project, text)):
        return True
    return _is_named(project, writes, setting) if setting else _is_said(project.code, writes, text)


def _is_upload(use: Use) -> bool:
    """Whether a function keeps what somebody uploads: it can be had from nowhere else."""
    said = use.source.said.get(use.fact.function, "")
    return " .FILES " in said or " .chunks " in said


def _key(use: Use) -> Key:
    return use.source.path, use.fact.function


def _is_systems(text: str) -> bool:
    """Whether a path begins with a folder that is nobody's own and goes on unknown: /srv/{n}."""
    return text.startswith("/") and len(PurePosixPath(text).parts) < OWN


def _looks(uses: list[Use], every: Iterable[Use], text: str) -> Iterator[Use]:
    """Yield the reads of what is written, and those of the same path by another name."""
    yield from (use for use in uses if use.kind in LOOKS)
    if len(PurePosixPath(text).parts) >= OWN:
        yield from (use for use in every if use.kind in LOOKS and use.lead.text == text)


def _comes_another_way(code: Codebase, writes: list[Use], use: Use) -> bool:
    """Whether something leads to a function that leads to none of those which write."""
    return _leads_alone(code, writes, _key(use))


def _leads_alone(code: Codebase, writes: list[Use], key: Key) -> bool:
    written = frozenset().union(*(_begins(code, _key(use)) for use in writes))
    return not _begins(code, key) <= written


def _begins(code: Codebase, key: Key) -> frozenset[Key]:
    """Return the functions by which others than the project's own come to one."""
    seen: set[Key] = set()
    pending = {key}
    found = set()
    while pending:
        each = pending.pop()
        seen.add(each)
        callers = code.callers(each) - {each}
        found |= set() if callers else {each}
        pending |= callers - seen
    return frozenset(found)


def _is_scratch(project: Project, use: Use) -> bool:
    """Whether a path is below the folder for temporary files, or said to be a temporary one."""
    path, homes = PurePosixPath(use.lead.text), (project.root, project.root.parent)
    ours = any(path.is_relative_to(home) for home in homes if f"{home}/" not in FOLDERS)
    if f"{path}/".startswith(FOLDERS) and not ours:
        return True
    names = _names(project, use.fact.data[2]) | {use.lead.setting}
    return any(_SCRATCH.search(name) for name in names)


def _is_by_clock(project: Project, use: Use) -> bool:
    """Whether a command that is started, or a job of django-extensions', writes."""
    owner = use.source.classes.get(use.fact.function.rpartition(".")[0])
    bases = (base.rpartition(".")[2] for base in (owner.bases if owner else ()))
    return any(map(_JOB.fullmatch, bases)) or project.is_operators(use.source, use.fact)


def _names(project: Project, term: Term, depth: int = 0) -> set[str]:
    """Return the names of the settings and functions that a path is made by."""
    if term[0] in {"call", "member", "setting"}:
        return {term[1].rpartition(".")[2]}
    if term[0] != "param" or depth > _DEPTH:
        return set()
    given = project.origins.arguments(term[1], term[2])
    return set().union(*(_names(project, flow.term, depth + 1) for _, flow in given))


def _is_kept(project: Project, text: str) -> bool:
    """Whether a web server answers from a folder, or a volume is mounted there."""
    folders = [str(project.setting(name) or "") for name in _ANSWERED]
    folders += [path for _, path, _ in served_folders(project)]
    folders += kept(project)
    path = PurePosixPath(text)
    return any(path.is_relative_to(folder) for folder in folders if folder.startswith("/"))


def _is_named(project: Project, writes: list[Use], setting: str) -> bool:
    """Whether another function names a setting, and is led to another way."""
    # After a dot, in a text as for getattr(), or alone where settings are imported by their names.
    words = (f" .{setting} ", f" :{setting} ", f" {setting} ")
    own, defining = {_key(use) for use in writes}, project.where(setting).path
    sayers = (
        (source.path, place)
        for source in project.code
        if source.path != defining and source.path not in project.settings_files
        for place, said in source.said.items()
        if place and setting in said and any(word in f" {said} " for word in words)
    )
    return any(key not in own and _leads_alone(project.code, writes, key) for key in sayers)


def _is_said(code: Codebase, writes: list[Use], text: str) -> bool:
    """Whether the texts of another function say a path that is written out."""
    own = {_key(use) for use in writes}
    return len(PurePosixPath(text).parts) >= OWN and any(
        is_same(text, said)
        for source, fact in code.facts(NOTED)
        if (source.path, fact.function) not in own
        for said in fact.data
    )


def is_served(project: Project, writes: list[Use]) -> bool:
    """Whether a web server answers from a folder of the settings: it makes no file anew."""
    folder = str(project.setting(writes[0].lead.setting) or "") if writes[0].lead.setting else ""
    name = PurePosixPath(folder).name
    return bool(name) and any(PurePosixPath(p).name == name for _, p, _ in served_folders(project))
