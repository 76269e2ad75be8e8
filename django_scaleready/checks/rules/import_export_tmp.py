"""An import is uploaded to one replica and confirmed on another.

django-import-export keeps the uploaded file between the two steps in the temporary folder of the
machine, unless it is told otherwise. The confirmation may reach a replica that has no such file.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "import_export"]
```

```python title="shop/admin.py"
from import_export.admin import ImportExportModelAdmin


class ProductAdmin(ImportExportModelAdmin):
    pass
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "import_export"]
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.MediaStorage"
```

```python title="shop/admin.py"
from import_export.admin import ImportExportModelAdmin


class ProductAdmin(ImportExportModelAdmin):
    pass
```

## Stays silent when

- the file is kept in the media storage, or in a cache: `cache-local` finds a local one; the same
  for an admin that says so itself (`tmp_storage_class`);
- the app is not installed, or is the project's own of the same name;
- no admin of the project's imports, as where it is used to export only;
- every import skips the confirmation (`IMPORT_EXPORT_SKIP_ADMIN_CONFIRM`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.packages import has_package

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "import-export-tmp"
SETTING = "IMPORT_EXPORT_TMP_STORAGE_CLASS"
ADMIN = "import_export.admin"
ADMINS = frozenset(
    [
        *("ImportExportActionModelAdmin", "ImportExportMixin", "ImportExportMixinBase"),
        *("ImportExportModelAdmin", "ImportMixin", "ImportModelAdmin"),
    ]
)
FOLDER = "import_export.tmp_storages.TempFolderStorage"
# How an admin chooses for itself: by an attribute, or by a method.
OWN = "tmp_storage_class"
CHOOSES = f"get_{OWN}"


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the classes that name a storage of their own: (qualified name, storage or "")."""
    module = reading.module
    for scope in module.classes.values():
        for value in scope.bindings.get(OWN, ()):
            named = (
                value.value
                if isinstance(value, ast.Constant)
                else module.qualified(value, module.top)
            )
            # As its base class has it, None leaves the choice to the setting.
            yield Fact(value.lineno, "", (scope.qualname, named))
        if f"{scope.qualname}.{CHOOSES}" in module.functions:
            yield Fact(scope.line, "", (scope.qualname, ""))


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the file stays on one machine."""
    skips = project.setting("IMPORT_EXPORT_SKIP_ADMIN_CONFIRM", False)
    if skips or not has_package(project, "import_export") or not _imports(project):
        return
    storage = project.setting(SETTING) or FOLDER
    admins = list(_admins(project))
    waiting = [place for place, own in admins if own in {None, FOLDER}]
    if admins and not waiting:
        return
    if is_a(project.imported(storage) if isinstance(storage, str) else storage, FOLDER):
        given = project.is_set(SETTING)
        yield Finding(
            message="An import's file waits for its confirmation on the replica that got it.",
            hint=f'Set {SETTING} = "import_export.tmp_storages.MediaStorage".',
            location=(
                project.where(SETTING)
                if given
                else project.where("INSTALLED_APPS", "import_export")
            ),
            severity=Severity.ERROR,
            related=tuple(waiting),
        )


def _admins(project: Project) -> Iterator[tuple[Location, str | None]]:
    """Yield the classes that derive from an admin which imports, with the storage each names.

    None where it names none. FOLDER is any storage that is made of that one.
    """
    given = {(source.path, fact.data[0]): fact.data[1] for source, fact in project.code.facts(SLUG)}
    for source in project.code:
        for name, held in source.classes.items():
            if any(base.rpartition(".")[2] in ADMINS for base in held.bases):
                own = _named(project, f"{source.module}.{name}", given)
                kept = own is not None and FOLDER in project.code.ancestors(own)
                yield Location(source.path, held.line), FOLDER if kept else own


def _named(project: Project, admin: str, given: dict[tuple[str, str], str | None]) -> str | None:
    """Return the storage that an admin names, or something of the project that it derives from."""
    found = (project.code.locate(name) for name in project.code.ancestors(admin))
    keys = ((located[0].path, located[1]) for located in found if located)
    return next((given[key] for key in keys if key in given), None)


def _imports(project: Project) -> bool:
    """Whether some admin of the project's imports: what only exports asks for no confirmation."""
    named = (name for source in project.code for name in source.imported)
    return any(name == ADMIN or name.rpartition(".")[2] in ADMINS for name in named)


RULE = Rule("scaleready.E034", SLUG, find, Area.SETTINGS, collect, leak=Leak.DATA)
