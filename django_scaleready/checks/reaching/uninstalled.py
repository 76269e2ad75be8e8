"""Which of a repository's apps and middleware a project leaves out: nobody loads them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.reaching.made_settings import APPS
from django_scaleready.checks.reaching.sayers import Sayers, is_site, is_within

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_CONFIG = "django.apps.AppConfig"
_MIXIN = "django.utils.deprecation.MiddlewareMixin"
# What adds an app to the settings from elsewhere.
_ADDS = frozenset({".append", ".extend", ".insert"})
_MIDDLEWARE = "MIDDLEWARE"
# What Django looks for in apps, and nowhere else.
_INIT = "/__init__.py"
_MARKS = ("/management/commands/", "/models.py", "/models/__init__.py")
_ENTRANCE = re.compile(r"(^|/)(manage|wsgi|asgi|settings\w*)\.py$|(^|/)settings/")
# Who names an app together with one of these asks whether it is installed.
_ASKS = (" INSTALLED_APPS ", ".INSTALLED_APPS ", ".is_installed ")


class LeftOut(NamedTuple):
    """What lies in the repository, and the settings do not take.

    ``files`` are those of apps that are not installed: by path, the name of the app. It is "" for a
    file that one outside of these, or a setting, imports or names, and for what such a file needs.
    ``classes`` are the middleware that is in no list, by their places; with each, its name.
    """

    files: Mapping[str, str]
    classes: Mapping[Key, str]


def left_out(project: Project, sayers: Sayers) -> LeftOut:
    """Return what a project leaves out."""
    return LeftOut(_of_apps(project, sayers), _unlisted(project, sayers))


def _of_apps(project: Project, sayers: Sayers) -> dict[str, str]:
    code = project.code
    apps = _installed(project)
    if not apps or not (code.once(is_site) or code.once(_is_served)):
        return {}
    own = code.once(_apps)
    out = {folder: name for folder, name in own.items() if not _is_in(code, folder, name, apps)}
    # Whose apps are all missing has them installed in a way that is not seen here; a template may
    # leave most to whoever fills it in.
    most = len(own) - 1 if project.is_set(APPS) else len(own) // 2
    if own and len(out) > most:
        return {}
    if project.is_set(APPS):
        out.update(_beside(code, apps))
    if not out:
        return {}
    found = {source.path: name for source in code if (name := _app_of(source.path, out))}
    said = [*_texts([*project.settings_named("").values()]), *_made(project, "")]
    needed = {*_named(code, found, said), *_said(code, sayers, found)}
    while needed:
        found.update(dict.fromkeys(found.keys() & needed, ""))
        out_of_use = {path for path, name in found.items() if name}
        needed = {path for path in out_of_use if code.importers.get(path, set()) - out_of_use}
    return found


def _installed(project: Project) -> list[str]:
    """Return the apps that a project installs, none if they are not known."""
    if not project.is_set(APPS):
        return [*_made(project, APPS)]
    return [*_texts(project.setting(APPS))] if project.is_known(APPS) else []


def _made(project: Project, name: str) -> Iterable[str]:
    """Return what a list of apps has in the settings that a project makes, if it has no others."""
    return () if project.is_set(APPS) else project.made_apps.get(name, ())


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


def _is_served(code: Codebase) -> bool:
    """Whether a server's entrance is here, so that this is no part of another project."""
    return any(path.rpartition("/")[2] in {"asgi.py", "wsgi.py"} for path in code.listed)


def _beside(code: Codebase, apps: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the folders of what is made like an app, beside those that are installed by name.

    Without an AppConfig an app is known by what Django looks for in apps alone.
    """
    folders = tuple(f"/{app.replace('.', '/')}" for app in apps)
    packages = code.once(_packages)
    parents = {f.rpartition("/")[0] for f in packages if f"/{f}".endswith(folders)}
    for folder, name in code.once(_like_apps).items():
        if folder.rpartition("/")[0] not in parents or _is_in(code, folder, name, apps):
            continue
        if all(path.startswith(f"{folder}/") for path in code.once(_naming).get(name, ())):
            yield folder, name


def _packages(code: Codebase) -> list[str]:
    return [path.removesuffix(_INIT) for path in code.listed if path.endswith(_INIT)]


def _like_apps(code: Codebase) -> dict[str, str]:
    """Return the folders with models, or with commands of ``manage.py``, and their names."""
    listed = frozenset(code.listed)
    found = {
        folder
        for path in listed
        for mark in _MARKS
        if (folder := path.partition(mark)[0]) != path and f"{folder}{_INIT}" in listed
    }
    # What has settings or an entrance of its own is a project, and not an app of this one.
    projects = {path.rpartition("/")[0] for path in listed if _ENTRANCE.search(path)}
    return {f: f.rpartition("/")[2] for f in found if not _holds(f, projects)}


def _holds(folder: str, others: Iterable[str]) -> bool:
    return any(f"{other}/".startswith(f"{folder}/") for other in others)


def _naming(code: Codebase) -> dict[str, set[str]]:
    """Return the files that say such an app in a text, and not to ask whether it is installed.

    By its name. What settings come to is known.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    names = {f":{name}" for name in code.once(_like_apps).values()}
    for source in code:
        for place, said in source.said.items():
            if (place or not source.may_be_settings) and " :" in said:
                for word in names.intersection(said.split()):
                    if not any(ask in said for ask in _ASKS):
                        found[word[1:]].add(source.path)
    return found


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


def _unlisted(project: Project, sayers: Sayers) -> dict[Key, str]:
    """Return the middleware that these settings do not list, and nothing else names."""
    code = project.code
    made = code.once(_middleware)
    if not made or not (project.is_set(_MIDDLEWARE) and project.is_known(_MIDDLEWARE)):
        return {}
    if not code.once(is_site):
        return {}
    said = {text.rpartition(".")[2] for text in _texts([*project.settings_named("").values()])}
    return {
        (path, name): name
        for path, name in made
        if name not in said and _is_only_listed(code, sayers, path, name)
    }


def _middleware(code: Codebase) -> list[Key]:
    """Return the classes at the top of files that are made with what answers behind them."""
    return [
        (source.path, name)
        for source in code
        for name in source.classes
        if "." not in name and _is_middleware(code, source, name)
    ]


def _is_middleware(code: Codebase, source: Summary, name: str) -> bool:
    made = source.functions.get(f"{name}.__init__")
    if made is not None:
        return "get_response" in made.parameters
    bases = source.classes[name].bases
    return any("iddleware" in base for base in bases) and _MIXIN in code.ancestors(
        f"{source.module}.{name}"
    )


def _is_only_listed(code: Codebase, sayers: Sayers, path: str, name: str) -> bool:
    """Whether only lists of middleware at the top of settings name a class, if anything does."""
    source = code.by_path[path]
    if sayers.is_class_in_texts(source, name):
        return False
    return all(
        code.by_path[at].may_be_settings and _lists(code.by_path[at], place)
        for at, place in sayers.of_class(source, name)
        if not is_within((at, place), source, name)
    )


def _lists(source: Summary, place: str) -> bool:
    """Whether a place gives middleware of its own, and adds none to what is there.

    Settings that import the list of others take all the rest from there, too.
    """
    said = source.said.get(place, "").split()
    held = {name.rpartition(".")[0] for name in source.imported if name.endswith(f".{_MIDDLEWARE}")}
    return (
        _MIDDLEWARE in said
        and f".{_MIDDLEWARE}" not in said
        and all(f"{module}.*" in source.imported for module in held)
    )
