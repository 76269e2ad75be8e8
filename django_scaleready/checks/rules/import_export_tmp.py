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

- the file is kept in the media storage, or in a cache: `cache-local` finds a local one;
- the app is not installed, or is the project's own of the same name;
- no admin of the project's imports, as where it is used to export only;
- every import skips the confirmation (`IMPORT_EXPORT_SKIP_ADMIN_CONFIRM`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.classes import is_a
from django_scaleready.checks.packages import has_package

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SETTING = "IMPORT_EXPORT_TMP_STORAGE_CLASS"
ADMIN = "import_export.admin"
ADMINS = frozenset(
    [
        *("ImportExportActionModelAdmin", "ImportExportMixin", "ImportExportMixinBase"),
        *("ImportExportModelAdmin", "ImportMixin", "ImportModelAdmin"),
    ]
)
FOLDER = "import_export.tmp_storages.TempFolderStorage"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the file stays on one machine."""
    skips = project.setting("IMPORT_EXPORT_SKIP_ADMIN_CONFIRM", False)
    if skips or not has_package(project, "import_export") or not _imports(project):
        return
    storage = project.setting(SETTING) or FOLDER
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
            related=tuple(_admins(project)),
        )


def _admins(project: Project) -> Iterator[Location]:
    """Yield the classes of the project that derive from an admin which imports."""
    for source in project.code:
        for held in source.classes.values():
            if any(base.rpartition(".")[2] in ADMINS for base in held.bases):
                yield Location(source.path, held.line)


def _imports(project: Project) -> bool:
    """Whether some admin of the project's imports: what only exports asks for no confirmation."""
    named = (name for source in project.code for name in source.imported)
    return any(name == ADMIN or name.rpartition(".")[2] in ADMINS for name in named)


RULE = Rule("scaleready.E034", "import-export-tmp", find, leak=Leak.DATA)
