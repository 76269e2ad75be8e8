"""A request or a task writes a file that only this replica has.

What is written next to the code, below a folder from the settings or to a path of its own is seen
by one replica and lost with it: a token that an API client keeps, an export that a second request
should download, a picture that is shown later.

## Bad

```python title="shop/client.py"
from pathlib import Path

TOKEN = Path(__file__).with_name("token.json")


def keep(token):
    TOKEN.write_text(token)
```

## Good

```python title="shop/client.py"
from django.core.cache import cache


def keep(token):
    cache.set("client-token", token, 3600)
```

## Stays silent when

- the file is temporary (`tempfile`, what another package's `temporary_dir()` returns, a random name
  in `/tmp`, a relative path in a file that calls `os.chdir()`, or in a function that is run in a
  temporary folder: `@run_in_tempdir()`), or removed by the same function, not in the other branch
  of an `if`, by the one that has it written and reads it, or by what each caller's `finally` calls;
- the same function moves it (`os.replace`, `shutil.move`): where it comes to lie is what counts;
- a Dockerfile's `RUN` has it made by a management command, and others call the function that
  writes it only where the file is missing (`except FileNotFoundError`);
- the function that reads it makes it where it is missing, by a key that it is given and from what
  the database or another store has, nobody else reads or removes it, and no web server answers from
  its folder: the cache of this replica;
- its path in `/tmp`, or its name in the current folder (`"./debug.json"`), is written out once, and
  nothing reads it;
- every process writes the same at its start, as a `ready()` does that fetches what is missing, or
  each container its own nginx's file in `/etc`;
- the handler of a signal writes constants to it, so that its own replica's health page may tell;
- it holds the number of a process (`worker.pid`), what a class called profiler measured, or the key
  that [secret-file](#secret-file) finds;
- the module that keeps an [embedded database](#embedded-database) there writes it, and no other;
- it is written through a storage (`storages["exports"].save(...)`), also in a method of the
  project's own that is called `save`, to memory or to a stream that a function is given
  (`buffer: IO[bytes]`), to `/dev/...` or below one of `SCALEREADY["SHARED_PATHS"]`, or opened with
  `r+` and only read;
- all that serves has its folder from a network (`ReadWriteMany`, NFS, `mount -t efs` in a script);
- nothing is put into it: `Path.touch()`, `with open(path, "w"): pass`, a file that is opened to be
  locked;
- the code runs under DEBUG only, or belongs to a script or a management command, unless the
  container's start script runs that, a task or a view calls it with `call_command`, a container
  goes on running the script, or a clock starts it (a CronJob, a timer of systemd, a crontab) and
  the settings name the folder, or the path is absolute.

A folder from the settings is one finding, whoever writes there; where it is read and where files
are removed is named with it. What a program writes counts, too (`ffmpeg`, `pandoc -o`,
`pg_dump > file`). A path that comes from a parameter is a warning. One that cannot be traced is
information, and so is a place where no replica comes, as far as names tell, or only below a setting
that is False (`if settings.SENDS:`).

So is a file that nobody else comes to: no other view, task or command reads it or says its path or
the folder's setting, no row, cache or redirect is given its name, no web server answers from there,
no volume lies there, it is no upload (`request.FILES`, `chunks()`), and no command that a clock
starts has made it. In `/tmp`, or where a setting or a function is called temporary, it must be read
another way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.kept_names import is_name_kept
from django_scaleready.checks.code.paths.moved_to import is_moved
from django_scaleready.checks.code.paths.origins import Origin
from django_scaleready.checks.code.paths.own_flag import is_own_flag
from django_scaleready.checks.code.paths.scratch import FOLDERS
from django_scaleready.checks.code.paths.writers import (
    GONE,
    LEFT,
    METHOD,
    METHODS,
    READ,
    SURE,
    TAKEN,
)
from django_scaleready.checks.code.paths.writes import FileUse, file_uses
from django_scaleready.checks.code.running.by_hand import runs_when_loaded
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.disk.baked import baked
from django_scaleready.checks.disk.disk_uses import (
    KEEPS,
    Use,
    are_taken,
    is_alike,
    is_missed_by_none,
    is_removed_later,
    join_alike,
)
from django_scaleready.checks.disk.needed import is_needed, is_served
from django_scaleready.checks.disk.network_mounts import is_for_all
from django_scaleready.checks.disk.volume_use import mounted
from django_scaleready.checks.reaching.started import is_started_command
from django_scaleready.checks.rules.embedded_database import opened_in
from django_scaleready.checks.rules.secret_file import kept_at

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "file-write"
# The number of a process means something on its own machine alone.
PID = re.compile(r"(?<![a-z])pid(_?(file|path)(name)?)?(?![a-z])", re.IGNORECASE)
PROFILER = re.compile("profil(er|ing)|cprofile", re.IGNORECASE)
# How a machine's own programs are to run: a command at each replica's start has it say the same.
OF_MACHINE = "/etc/"
COMMANDS = "/management/commands/"
UNNEEDED = " As far as names tell, nothing else here reads it."
# In a file that changes its folder, a path below that is in a folder that nobody knows.
MOVES_ABOUT = ("chdir", "isolated_filesystem", "temp_dir", "temporary_dir", "tmp_dir")
# A folder for what need not last; the current one is a task's own where somebody makes one.
SCRATCH = re.compile(r"te?mp|scratch|work|'\.'", re.IGNORECASE)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note paths that are used: kind, as written, term, the file's name, whether that is kept."""
    uses = list(file_uses(reading))
    moves = any(reading.module.calls(*MOVES_ABOUT))
    for use in uses:
        term = reading.term(use.path, use.site.scope)
        if term[0] == "lit" and not term[1].startswith("/"):
            scope = use.site.scope
            if moves or is_moved(scope, use.site.line, reading.term):
                continue
        if PID.search(f"{use.shown} {use.name}") or _profiles(use):
            continue
        if is_own_flag(reading.module, use.site.scope):
            continue
        if term[0] == "lit" and f"{term[1]}/".startswith(FOLDERS) and _is_read_at_once(use, uses):
            continue
        if term[0] not in {"temp", "memory"} and not use.removed:
            known = use.kind not in KEEPS and is_name_kept(use.site, use.path)
            yield reading.module.fact(use.site, use.kind, use.shown, term, use.name, known)


def _profiles(use: FileUse) -> bool:
    """Whether a developer measures: class ProfilerMiddleware."""
    scopes = (scope.name for scope in use.site.scope.outer if scope.name)
    return any(PROFILER.search(name) for name in scopes)


def _is_read_at_once(use: FileUse, uses: list[FileUse]) -> bool:
    """Whether a function reads what it wrote to a path: the file has no other reader."""
    scope, line = use.site.scope, use.site.line
    own = [each for each in uses if each.site.scope is scope]
    return any(each.kind in {READ, TAKEN} and each.site.line > line for each in own)


def find(project: Project) -> Iterator[Finding]:
    """Yield each folder of the settings, and each other path, that the project writes."""
    for shown, others, needed in _told(project):
        yield _finding(project, shown, others, needed=needed)


def told_settings(project: Project) -> set[str]:
    """Return the settings that name a folder which a finding speaks of as this replica's."""
    told = (shown.lead for shown, *_ in _told(project))
    return {lead.setting for lead in told if lead.setting and lead.origin is Origin.LOCAL}


def _told(project: Project) -> Iterator[tuple[Use, list[Use], bool]]:
    """Yield the place that stands for a folder or a path, the others, and whether it is missed."""
    groups: dict[str, list[Use]] = {}
    every = list(_uses(project))
    for use in every:
        # What a file calls by one name is one path, more often than not.
        key = use.lead.setting or f"{use.source.path}:{use.shown}"
        groups.setdefault(key, []).append(use)
    join_alike(groups)
    databases = opened_in(project)
    for uses in groups.values():
        writes = [use for use in uses if use.kind not in KEEPS]
        if all((use.lead.setting, use.source.path) in databases for use in writes):
            continue
        if are_taken(project.code, uses, writes):
            continue
        if is_missed_by_none(project.code, uses, writes, every) and not is_served(project, writes):
            continue
        shown = max(writes, key=partial(_fitness, uses))
        needed = is_needed(project, shown, uses, every)
        yield shown, [use for use in uses if use is not shown], needed


def _fitness(uses: list[Use], use: Use) -> tuple[bool, ...]:
    """Return how well a place stands for a folder: at best nothing is removed there again.

    What commands share counts less: an option of an operator's may lead there.
    """
    function = (use.source.path, use.fact.function)
    gone = any(
        each.kind in {GONE, TAKEN} and (each.source.path, each.fact.function) == function
        for each in uses
    )
    shared = COMMANDS in f"/{use.source.path}" and not use.fact.function.startswith("Command.")
    return use.lead.origin is Origin.LOCAL, _is_direct(use), not shared, not gone


def _uses(project: Project) -> Iterator[Use]:
    keys, made = kept_at(project), baked(project).makers
    for source, fact in project.code.facts(SLUG):
        kind, shown, term, *_ = fact.data
        at_top = not fact.function and not runs_when_loaded(project.code, source)
        own = at_top and source.path not in project.programs
        by_hand = own or project.is_operators(source, fact)
        started = is_started_command(project.deploy, source)
        timed = by_hand and not started and project.is_scheduled(source, fact)
        if term[0] in BYPASSES or (by_hand and not (started or timed)):
            continue
        if Location(source.path, fact.line) in keys or (source.path, fact.function) in made:
            continue
        if kind == METHOD and _is_own(project.code, source, fact):
            continue
        if kind not in {READ, TAKEN, GONE} and _is_its_own(project.code, source, fact):
            continue
        lead = project.origins.lead(term)
        fixed = lead.setting or lead.text.startswith("/")
        if started and lead.text.startswith(OF_MACHINE):
            continue
        if (timed and not fixed) or is_for_all(project, lead.text):
            continue
        scratch = kind == LEFT and SCRATCH.search(shown + lead.setting)
        if scratch or (kind == METHOD and not fixed and term[0] != "here"):
            continue
        sure = lead.origin is Origin.UNKNOWN and kind == SURE
        if lead.origin is Origin.LOCAL or sure:
            yield Use(source, fact, kind, shown, lead)


def _is_its_own(code: Codebase, source: Summary, fact: Fact) -> bool:
    """Whether each process has such a file, or removes it when it is done."""
    return is_alike(code, source, fact) or is_removed_later(code, source, fact)


def _is_own(code: Codebase, source: Summary, fact: Fact) -> bool:
    """Whether it is a method of a class of the project: what that writes is told there."""
    function = source.functions.get(fact.function)
    names = (call.callee for call in function.calls if call.line == fact.line) if function else ()
    return any(n.rpartition(".")[2] in METHODS and code.function(n) is not None for n in names)


# Another rule's: what a storage or a field says its path is.
BYPASSES = frozenset({"storage", "field"})


def _is_direct(use: Use) -> bool:
    """Whether the path is known where it is used, and not by its way there."""
    return use.fact.data[2][0] not in {"param", "attr", "item"}


def _finding(project: Project, use: Use, others: list[Use], *, needed: bool) -> Finding:
    local = use.lead.origin is Origin.LOCAL
    severity = Severity.INFO
    if local and needed:
        severity = Severity.ERROR if _is_direct(use) else Severity.WARNING
    related = [other.location for other in others]
    related += mounted(project, use.lead.setting) if local and use.lead.setting else []
    if use.lead.setting and project.is_set(use.lead.setting):
        related.insert(0, project.where(use.lead.setting))
    where = f" ({use.lead.setting})" if use.lead.setting else ""
    start = "At every start, " if is_started_command(project.deploy, use.source) else ""
    return Finding(
        message=(
            f"{start}{use.shown}{where} is written on the replica's"
            f" own disk: the others never see it.{'' if needed else UNNEEDED}"
            if local
            else f"{use.shown} is written to disk; if that is not a shared one, the other replicas"
            " never see it."
        ),
        hint="Keep it in the database, the cache or a storage (default_storage).",
        location=use.location,
        severity=severity,
        confidence=Confidence.HIGH if severity is Severity.ERROR else Confidence.MEDIUM,
        related=tuple(dict.fromkeys(place for place in related if place != use.location)),
    )


RULE = Rule("scaleready.E053", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
