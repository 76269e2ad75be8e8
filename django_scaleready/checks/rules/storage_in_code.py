"""The code makes a storage on the replica's own disk, or names one as a default.

An upload that goes to a `FileSystemStorage` made in a field, a wizard or a view stays on the disk
of one replica even when the project's storage is an object store.

## Bad

```python title="shop/models.py"
from django.core.files.storage import FileSystemStorage
from django.db import models


class Receipt(models.Model):
    scan = models.FileField(storage=FileSystemStorage("/srv/receipts"))
```

## Good

```python title="shop/models.py"
from django.db import models


class Receipt(models.Model):
    scan = models.FileField(upload_to="receipts")
```

## Stays silent when

- its folder is temporary, or holds static files, or is `/`, where each path is given in whole:
  what is written there is `file-write`'s;
- it has a name at the top of a file which no line reads, and no other file imports;
- its class has a `_save` of its own that does without Django's: it writes elsewhere;
- it is only asked for a name or a path (`FileSystemStorage().get_available_name(path)`), or for
  what lies there (`listdir()`, `size()`): what is written there is `file-write`'s;
- the functions that use it remove what they save, when they have read it: the scratch file of a
  request;
- a setting decides whether it is made (`if settings.DOCUMENT_STORAGE.endswith("S3Storage")`), where
  `media-local` and `media-extra` judge it;
- it is made where a setting is a text (`if settings.SHOP_STORAGE == "shop.storage.Disk"`), and the
  project gives it another one or none, nor does an app by default;
- the name of the class stands in the settings, where `media-local` and `media-extra` judge it;
- it is a finder's, which looks for static files;
- the code is a management command, a script or a migration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.origins import Origin
from django_scaleready.checks.code.paths.passing_storages import NOTED, is_passing, removes_all
from django_scaleready.checks.code.running.storage_switches import DEFAULTS
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.syntax import nodes_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Site
    from django_scaleready.checks.project import Project

SLUG = "storage-in-code"
SETTING = "DEFAULT_FILE_STORAGE"
STORAGES = frozenset(
    [
        "django.core.files.storage.FileSystemStorage",
        "django.core.files.storage.filesystem.FileSystemStorage",
    ]
)
# What these return is a name, or is known of what somebody else stored there.
ASKED = frozenset(
    [
        *("exists", "generate_filename", "get_accessed_time", "get_alternative_name"),
        *("get_available_name", "get_created_time", "get_modified_time", "get_valid_name"),
        *("is_name_available", "is_name_too_long", "listdir", "path", "size"),
    ]
)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the storages that are made, and those that are named.

    (folder or None, class), of those that are made the settings that decide about it, too, and its
    dotted name, if it has one, and the settings that have to be a text for it, with that.
    """
    module = reading.module
    made_of = sorted(name for name in module.vocabulary if name.endswith("Storage"))
    for site in module.calls_that_run(*made_of):
        owner = site.scope.owner
        finder = owner and any(base.endswith("Finder") for base in module.bases(owner))
        made = module.qualified(site.call.func, site.scope)
        if "static" not in made.lower() and not finder and not _is_left_alone(reading, site):
            folder = reading.argument(site.call, 0, "location")
            term = ("setting", "MEDIA_ROOT") if folder is None else reading.term(folder, site.scope)
            kept = next((f"{module.name}.{n}" for n in site.names), "")
            at = kept if site.scope is module.top else ""
            deciding = tuple(sorted(_deciding(reading, site)))
            yield module.fact(site, term, made, deciding, at, tuple(_chosen(module, site)))
    for name, values in module.top.bindings.items():
        for value in values:
            text = value.value if isinstance(value, ast.Constant) else None
            # Django's own is a setting's, also in settings that are no deployment's.
            if text in STORAGES and "STATIC" not in name.upper() and name != SETTING:
                yield Fact(value.lineno, "", (None, text))


def _is_left_alone(reading: Reading, site: Site) -> bool:
    """Whether a function asks a storage for a name only, or removes again what it saves."""
    return _is_only_asked(site) or (
        site.scope.kind == "function"
        and bool(site.names)
        and site.names.isdisjoint(site.scope.globals)
        and removes_all(reading.module, site.names, site.scope)
    )


def _is_only_asked(site: Site) -> bool:
    """Whether all that is done with a storage is to ask it for a name."""
    nodes = list(nodes_of(site.scope.node))
    asked = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    if id(site.call) in asked:
        return asked[id(site.call)] in ASKED
    bound = site.names
    kept = bound & site.scope.globals or any("." in name for name in bound)
    if site.scope.kind != "function" or not bound or kept:
        return False
    used = [
        asked.get(id(node))
        for node in nodes
        if isinstance(node, ast.Name) and node.id in bound and isinstance(node.ctx, ast.Load)
    ]
    return bool(used) and ASKED.issuperset(used)


def _deciding(reading: Reading, site: Site) -> Iterator[str]:
    """Yield the settings that the conditions around a call ask for."""
    for node in nodes_of(site.scope.node):
        for test in _conditions(node, site.call):
            for part in nodes_of(test):
                if isinstance(part, ast.Name | ast.Attribute | ast.Call):
                    kind, *rest = reading.term(part, site.scope) or ("",)
                    if kind == "setting":
                        yield str(rest[0])


def _chosen(module: Module, site: Site) -> Iterator[tuple[str, str]]:
    """Yield the settings that name what is made: ``if settings.SHOP_STORAGE == "shop.Disk":``.

    An app's own object of settings asks Django's for what a project sets.
    """
    for node in nodes_of(site.scope.node):
        match node:
            case ast.If(
                test=ast.Compare(left=asked, ops=[ast.Eq()], comparators=[ast.Constant(str(text))])
            ):
                held, _, name = module.resolve(asked).rpartition(".")
                made = (part for statement in node.body for part in nodes_of(statement))
                of_settings = name.isupper() and held.endswith(".settings")
                if of_settings and "STORAGE" in name and any(part is site.call for part in made):
                    yield name, text


def _conditions(node: ast.AST, call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a branch asks that a call stands in, or that is left before the call."""
    parts: list[ast.AST]
    match node:
        case ast.If(test=asked):
            parts = [*node.body, *node.orelse]
            if isinstance(node.body[-1], ast.Return) and node.lineno < call.lineno:
                yield asked
        case ast.IfExp(test=asked):
            parts = [node.body, node.orelse]
        case ast.Match(subject=asked):
            parts = [*node.cases]
        case _:
            return
    if any(found is call for part in parts for found in nodes_of(part)):
        yield asked


def find(project: Project) -> Iterator[Finding]:
    """Yield each storage that is not temporary, and one finding for all that are named.

    One, too, for all of a class that the project could make another.
    """
    named = []
    made: dict[Location, list[Location]] = {}
    for source, fact, place in project.noted(SLUG):
        if fact.data[0] is None:
            if source.path not in project.settings_files:
                named.append(place)
            continue
        ancestors = [*project.code.ancestors(fact.data[1])]
        if STORAGES.isdisjoint(ancestors) or _saves_elsewhere(project, ancestors):
            continue
        if _is_judged_elsewhere(project, fact):
            continue
        if fact.data[3] and _keeps_nothing(project.code, source, fact.data[3]):
            continue
        lead = project.origins.lead(fact.data[0])
        gone = lead.origin in {Origin.TEMPORARY, Origin.SHARED} or lead.text == "/"
        if not gone and "STATIC" not in lead.setting:
            own = project.code.klass(fact.data[1])
            mended = Location(own[0].path, own[1].line) if own else place
            made.setdefault(mended, []).append(place)
    for mended, places in made.items():
        several = dict.fromkeys([*places, mended])
        yield _finding("This storage keeps files on the replica's own disk.", *several)
    if named:
        yield _finding("The storage named here keeps files on the replica's own disk.", *named)


def _keeps_nothing(code: Codebase, source: Summary, dotted: str) -> bool:
    """Whether a storage with a name at the top of a file is passing, or no line reads the name."""
    if is_passing(code, source, dotted):
        return True
    uses = [fact.data[1] for fact in source.facts.get(NOTED, ()) if fact.data[0] == dotted]
    if uses != [False] or not code.importing.keys().isdisjoint({dotted, f"{source.module}.*"}):
        return False
    name, importers = dotted.rpartition(".")[2], code.importers.get(source.path, ())
    return not any(name in code.by_path[path].mentions for path in importers)


def _is_judged_elsewhere(project: Project, fact: Fact) -> bool:
    """Whether a setting decides what is made, and another rule about that, or about nothing."""
    _, _, deciding, _, chosen = fact.data
    return any(_names_storage(project, name) for name in deciding) or any(
        _is_unchosen(project, *asked) for asked in chosen
    )


def _names_storage(project: Project, name: str) -> bool:
    """Whether a setting names a storage's class: who judges the setting judges what it decides."""
    value = project.setting(name)
    return "STORAGE" in name and isinstance(value, str) and "." in value


def _is_unchosen(project: Project, name: str, text: str) -> bool:
    """Whether a setting is surely not a text: it is another one, or nothing gives it that."""
    if not project.is_known(name):
        return False
    if project.is_set(name):
        return bool(project.setting(name) != text)
    defaults = (fact.data for _, fact in project.code.facts(DEFAULTS))
    return all(each != name or default not in {text, None} for each, default in defaults)


def decided_by(project: Project, name: str) -> list[Location]:
    """Return where a storage on the disk is made if a setting says so."""
    return sorted(
        place
        for _, fact, place in project.noted(SLUG)
        if fact.data[0] is not None and name in fact.data[2]
        if not STORAGES.isdisjoint(project.code.ancestors(fact.data[1]))
    )


def _saves_elsewhere(project: Project, ancestors: list[str]) -> bool:
    """Whether one of the project's classes overrides what writes, and never asks Django's to."""
    found = ((name.rpartition(".")[2], project.code.klass(name)) for name in ancestors)
    return any(
        f"{name}._save" in made[0].functions and "_save" not in made[0].mentions
        for name, made in found
        if made
    )


def _finding(message: str, place: Location, *others: Location) -> Finding:
    return Finding(
        message=message,
        hint="Use the project's storage: default_storage, or an entry of STORAGES.",
        location=place,
        severity=Severity.ERROR,
        related=others,
    )


RULE = Rule("scaleready.E036", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
