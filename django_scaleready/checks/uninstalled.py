"""Which of a repository's apps a project leaves out: nobody loads their files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.sayers import Sayers, is_site

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_CONFIG = "django.apps.AppConfig"
# What adds an app to the settings from elsewhere.
_ADDS = frozenset({".append", ".extend", ".insert"})


def left_out(project: Project, sayers: Sayers) -> dict[str, str]:
    """Return the files of apps that are not installed: by path, the name of the app.

    It is "" for a file that one outside of these, or a setting, imports or names, and for what such
    a file needs.
    """
    code = project.code
    apps = [*_texts(project.setting("INSTALLED_APPS"))]
    if not project.is_known("INSTALLED_APPS"):
        return {}
    own = code.once(_apps)
    out = {folder: name for folder, name in own.items() if not _is_in(code, folder, name, apps)}
    # Whose apps are all missing has them installed in a way that is not seen here.
    if not out or len(out) == len(own) or not code.once(is_site):
        return {}
    found = {source.path: name for source in code if (name := _app_of(source.path, out))}
    said = _texts([*project.settings_named("").values()])
    needed = {*_named(code, found, said), *_said(code, sayers, found)}
    while needed:
        found.update(dict.fromkeys(found.keys() & needed, ""))
        out_of_use = {path for path, name in found.items() if name}
        needed = {path for path in out_of_use if code.importers.get(path, set()) - out_of_use}
    return found


def _app_of(path: str, apps: Mapping[str, str]) -> str:
    """Return the app that a file lies in, "" for none."""
    while path:
        path = path.rpartition("/")[0]
        if path in apps:
            return apps[path]
    return ""


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a setting, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _texts(each)


def _apps(code: Codebase) -> dict[str, str]:
    """Return the folders of the repository's apps, and the last part of their names."""
    return {
        source.path.rpartition("/")[0]: source.path.split("/")[-2]
        for source in code
        if source.path.endswith("/apps.py")
        and any(_CONFIG in code.ancestors(f"{source.module}.{name}") for name in source.classes)
    }


def _is_in(code: Codebase, folder: str, name: str, apps: Iterable[str]) -> bool:
    """Whether an app is installed, or another one that its name may mean."""
    adding = code.once(_adding)
    return any(name in app.split(".") for app in apps) or any(
        f":{name}" in said and not path.startswith(f"{folder}/") for path, said in adding
    )


def _adding(code: Codebase) -> list[tuple[str, frozenset[str]]]:
    """Return what is said where INSTALLED_APPS is added to, elsewhere than in settings.

    Or where what some settings have of it is handed on: by path.
    """
    loaded = (s for s in code if s.path in code.importers or s.path.endswith("/__init__.py"))
    places = (
        (source.path, frozenset(words.split()))
        for source in loaded
        for words in source.said.values()
        if "INSTALLED_APPS" in words
    )
    return [
        (path, said)
        for path, said in places
        if "INSTALLED_APPS" in said or (".INSTALLED_APPS" in said and not _ADDS.isdisjoint(said))
    ]


def _named(code: Codebase, found: Collection[str], named: Iterable[str]) -> Iterator[str]:
    """Yield the files that a setting or another file's URLs name."""
    urls = (f.data[0] for source, f in code.facts("included-urls") if source.path not in found)
    for dotted in (*named, *urls):
        if source := code.imported(dotted):
            yield source.path


def _said(code: Codebase, sayers: Sayers, found: Collection[str]) -> Iterator[str]:
    """Yield the files of which another one says a class or a function in a text.

    Settings do not count: what they come to is known.
    """
    for path in found:
        places = sayers.in_texts(code.by_path[path])
        if any(at not in found and not code.by_path[at].may_be_settings for at, _ in places):
            yield path
