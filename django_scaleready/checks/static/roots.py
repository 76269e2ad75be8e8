"""Which settings modules a deployment may use, found by what they assign and who names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.tree.settings_files import may_hold_settings
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.static.given.environment import of_deployment
from django_scaleready.checks.static.values.undecided import Undecided

# A file that assigns three of them is a settings module, or two with INSTALLED_APPS.
NAMES = (
    *("INSTALLED_APPS", "DATABASES", "ROOT_URLCONF", "MIDDLEWARE", "CACHES", "STORAGES"),
    *("DEFAULT_FILE_STORAGE", "MEDIA_ROOT", "SECRET_KEY", "LOGGING", "DEBUG", "TEMPLATES"),
    *("ALLOWED_HOSTS", "STATIC_ROOT", "SESSION_ENGINE", "EMAIL_BACKEND", "WSGI_APPLICATION"),
)
ENOUGH = 3
# Somebody's own machine, a test run, or what makes an image or a database: no replica has it.
DEVELOPMENT = re.compile(
    r"(^|[._/-])(dev\w*|local\w*|tests?\w*|ci|debug|stag\w+|demo|e2e|docs?|build|docker_?build"
    r"|travis|github|jenkins|cypress|benchmark\w*|pytest\w*|mypy|lint|i18n|unittest\w*|smoke\w*"
    r"|sandbox|sphinx|(collect)?static|compress|migrat(e|ions?))([._/-]|$)"
)
_ASSIGNED = re.compile(rb"^[ \t]*([A-Z_]{4,}) *(?::[^=\n]+)?(?:=|\+=|\[)", re.MULTILINE)
_DATABASES = re.compile(rb"\bDATABASES\b")
_PRODUCTION = re.compile(r"(^|_)(prod\w*|deploy\w*|live)(_|$)")
# What shows an app of a package at work.
_SHOWS = re.compile(r"(^|/)(example|sample)s?([_-]?(project|site|app))?/")
# Who builds on it adds to development what its containers need, to tests what their service does.
_OF_DEVELOPERS = re.compile(r"(^|\.)(dev(elop\w*)?|tests?|testing)$")
_NAMED = re.compile(r"DJANGO_SETTINGS_MODULE['\"]?\s*[,=:]\s*['\"]?([A-Za-z_][\w.]*)")
# What builds an image needs some settings to load, and not the deployment's.
_BUILDS = re.compile(r"^RUN\b(?:.*\\\n)*.*$", re.MULTILINE)
_EXAMPLE = re.compile(r"example|sample|template|\.dist$")
_STAR = re.compile(rb"^[ \t]*from +([.\w]+) +import +\*", re.MULTILINE)
_FROM = re.compile(rb"^from +([.\w]+) +import +\(?([\w, \n]+)", re.MULTILINE)
_CLASS = re.compile(rb"^class +\w+\(([\w, .]+)\)", re.MULTILINE)
# What a file runs as a part of itself: ``include("base.py")``, ``exec(open(...).read())``.
_RUNS = re.compile(rb"^[ \t]*(?:exec|execfile|include)\(", re.MULTILINE)
_PART = re.compile(rb"""['"]([\w./*-]*\w\.\w+)['"]""")
# Where a deployment says which settings it uses.
PLACES = re.compile(
    r"(^|/)(manage\.py|wsgi\.py|asgi\.py|celery\w*\.py|Dockerfile[^/]*|Procfile[^/]*|[^/]*\.env"
    r"|[^/]*\.(sh|ini|toml|ya?ml|cfg|service|conf|env))$"
)
_ENDS = (
    *("manage.py", "sgi.py", ".sh", ".ini", ".toml", ".yaml", ".yml", ".cfg", ".service", ".conf"),
    ".env",
)
_WORDS = ("celery", "Dockerfile", "Procfile")
_DEBUG = re.compile(rb"^DEBUG *= *True\b", re.MULTILINE)


class Roots:
    """The settings modules of a repository."""

    def __init__(self, root: Path, code: Codebase, deploy: Deployment | None = None) -> None:
        """Take the repository, its code, and how it is deployed."""
        self._deploy = deploy
        self._root = root
        self._code = code
        self._found: dict[tuple[str, Path], Path | None] = {}
        # The names of files that a settings module runs as parts of itself, with wildcards.
        self._run: dict[Path, list[bytes]] = {}

    @cached_property
    def modules(self) -> dict[Path, list[str]]:
        """The files that look like settings modules, with the modules that they build on."""
        found = {}
        for name in self._code.listed:
            if ".py" in name.rpartition("/")[2] and self._may_hold(name):
                path = self._root / name
                content = files.content(self._root, name)
                if not may_hold_settings(content):
                    continue
                stars = [name.decode() for name in _STAR.findall(content)] + _bases(content)
                assigned = {name.decode() for name in _ASSIGNED.findall(content)} & {*NAMES}
                # A package that only puts its parts together is one where something names it.
                runs = bool(_RUNS.search(content)) and "settings" in name
                enough = 1 if stars else ENOUGH - ("INSTALLED_APPS" in assigned)
                joins = stars or b"import_module(" in content
                if len(assigned) >= enough or (joins and path in self.named) or runs:
                    found[path] = stars
                    self._run[path] = _PART.findall(content) if runs else []
        return found

    def _may_hold(self, path: str) -> bool:
        # Most files are spared a second look.
        read = self._code.by_path.get(path)
        return read is None or read.may_be_settings

    def find(self, dotted: str, origin: Path) -> Path | None:
        """Return the file of a module, as imported from another file."""
        level = len(dotted) - len(dotted.lstrip("."))
        folder = origin.parents[level - 1] if level else self._root
        asked = (dotted, folder)
        if asked not in self._found:
            self._found[asked] = self._find(dotted, level, folder)
        return self._found[asked]

    def _find(self, dotted: str, level: int, folder: Path) -> Path | None:
        if level:
            below = folder.joinpath(*dotted[level:].split("."))
            return _file(below) or self._moved(dotted)
        summary = self._code.by_module.get(dotted)
        found = summary and self._root / summary.path
        return found or _file(self._root.joinpath(*dotted.split(".")))

    def _moved(self, dotted: str) -> Path | None:
        """Return the only settings module of a name: a file that is copied beside it to deploy."""
        name = dotted.rpartition(".")[2]
        found = [path for path in self.modules if path.name == f"{name}.py"]
        return found[0] if len(found) == 1 else None

    @cached_property
    def named(self) -> set[Path]:
        """The modules that a deploy file, manage.py or wsgi.py names."""
        found = set()
        for name in self._code.listed:
            # Most names end otherwise, which is sooner seen.
            if (name.endswith(_ENDS) or any(w in name for w in _WORDS)) and PLACES.search(name):
                path = self._root / name
                content = files.content(self._root, name)
                text = _BUILDS.sub("", content.decode("utf-8", "replace"))
                found |= {self.find(dotted, path) for dotted in _NAMED.findall(text)}
        return {path for path in found if path}

    @cached_property
    def environment(self) -> dict[str, str | Undecided]:
        """The variables that the deploy files set."""
        return of_deployment(self._root, self._code.listed, self._deploy)

    def deployed(self) -> list[Path]:
        """Return the modules that a deployment may use.

        All that are not for development and that no other such module builds on, and those that
        are named; where there is nothing else, what there is.
        """
        kept = [path for path in self.modules if not self._is_development(path)]
        # An example is for somebody to fill in; what it builds on is deployed without it, too.
        children = [path for path in kept if not _EXAMPLE.search(path.name)]
        parents = {parent for path in children for parent in self._lineage(path)[1:]}
        found = [path for path in kept if path not in parents]
        named = self.named & {*kept} - {*found}
        found += [path for path in named if not self._lacks_databases(path, children)]
        if len(found) > 1 and self._servers_are_told():
            # By whatever name: nothing loads the others.
            found = [path for path in found if path in self.named] or found
        if any(_PRODUCTION.search(path.stem.lower()) for path in found):
            found = [path for path in found if not self._falls_back(path)]
        if any(_PRODUCTION.search(path.suffix.lstrip(".")) for path in found):
            # settings.py.prod, and settings.py.docker beside it for whoever works on the code.
            found = [
                p for p in found if ".py." not in p.name or not _DEBUG.search(self._content(p))
            ]
        if any(_EXAMPLE.search(path.name) for path in found):
            filled = self._filled([path for path in found if not _EXAMPLE.search(path.name)])
            found = [p for p in found if not (_EXAMPLE.search(p.name) and p.parent.name in filled)]
        return sorted(found) or sorted(self.modules)[:1]

    def _lacks_databases(self, path: Path, children: list[Path]) -> bool:
        """Whether a base has no databases, by all that is read, and what builds on it has.

        manage.py may name it all the same: who deploys names one of the others.
        """
        lineage = self._lineage(path)
        if self._say_databases(lineage) or not all(map(self._is_read, lineage)):
            return False
        lineages = (self._lineage(child) for child in children if child != path)
        return any(path in each and self._say_databases(each) for each in lineages)

    def _lineage(self, path: Path) -> list[Path]:
        """Return a settings module and all that it builds on."""
        found = [path]
        for each in found:
            found += [parent for parent in self.parents(each) if parent not in found]
        return found

    def _say_databases(self, paths: list[Path]) -> bool:
        return any(_DATABASES.search(self._content(path)) for path in paths)

    def _is_read(self, path: Path) -> bool:
        """Whether settings take names from no others but those that are here."""
        if self._run.get(path) or b"import_module(" in self._content(path):
            return False
        return all(self.find(dotted, path) in self.modules for dotted in self.modules.get(path, ()))

    def _content(self, path: Path) -> bytes:
        return files.content(self._root, path.relative_to(self._root).as_posix())

    def _servers_are_told(self) -> bool:
        """Whether all servers take the settings that uWSGI's own options name, and no others.

        These stand above what wsgi.py and an image say, and above the environment.
        """
        if self._deploy is None:
            return False
        told: dict[Location, bool] = {}
        for process, server in self._deploy.uwsgi:
            named = (_NAMED.search(option.value) for option in server.all("env"))
            path = next((self.find(found[1], self._root) for found in named if found), None)
            told[process.location] = path is not None and not self._is_development(path)
        others = (each for each in self._deploy.processes if each.location not in told)
        serving = (command for each in others for command in each.servers)
        return any(told.values()) and all(told.values()) and not any(serving)

    def _filled(self, found: list[Path]) -> set[str]:
        """Return the names of the folders into which images copy settings that lie elsewhere.

        There they take the place of an example beside which they come to stand.
        """
        names = [f"/{path.relative_to(self._root).as_posix()}" for path in found]
        processes = self._deploy.processes if self._deploy and names else []
        return {
            PurePosixPath(target).parent.name
            if target.endswith(".py")
            else PurePosixPath(target).name
            for process in processes
            for source, target in process.copies
            if source.endswith(".py") and any(name.endswith(f"/{source}") for name in names)
        }

    def has_none_but_developers(self) -> bool:
        """Whether all the settings there are, if there are any, are for development."""
        return bool(self.modules) and all(map(self._is_development, self.modules))

    def _falls_back(self, path: Path) -> bool:
        """Whether a package tries a module that is not here, and else has a developer's.

        A deployment writes that module, and what is for production beside it goes there.
        """
        parts = self.modules[path] if path.name == "__init__.py" else []
        if len(parts) != 2 or not re.match(r"\.\w", parts[0]):  # noqa: PLR2004 - one, or the other
            return False
        last = self.find(parts[1], path)
        tried = _file(path.parent.joinpath(*parts[0][1:].split(".")))
        return tried is None and last is not None and self._is_development(last)

    def parents(self, path: Path) -> Iterator[Path]:
        """Yield the settings modules that one builds on, or that a package only joins."""
        stars = self.modules.get(path, [])
        if path.name == "__init__.py" and not stars:
            stars = [name.decode() for name in _STAR.findall(self._content(path))]
        for dotted in stars:
            parent = self.find(dotted, path)
            if parent and parent != path:
                yield parent
        for part in self._run.get(path, ()):
            yield from path.parent.glob(part.decode().lstrip("/"))

    def _is_development(self, path: Path) -> bool:
        name = path.relative_to(self._root).as_posix()
        tail = "/".join(name.split("/")[-2:]).removesuffix(".py")
        if DEVELOPMENT.search(tail.lower()) or _SHOWS.search(tail.lower()):
            return True
        # Elsewhere local.py is what a deployment adds; a copy that builds on it is a developer's,
        # and so is what builds on an example for developers.
        of_others = DEVELOPMENT if _EXAMPLE.search(path.name) else _OF_DEVELOPERS
        parts = self.modules.get(path, [])
        # A package that is put together may have a part for tests among others; its first part is
        # what it builds on, or tries, and its last overrides the others.
        if path.name == "__init__.py":
            own = [dotted for dotted in parts if dotted.startswith(".")]
            parts = [own[0], own[-1]] if own else parts
        return any(of_others.search(dotted) or _is_to_try(dotted) for dotted in parts)


def _is_to_try(dotted: str) -> bool:
    """Whether a module is an example of what developers have."""
    last = dotted.rpartition(".")[2]
    return bool(_EXAMPLE.search(last) and DEVELOPMENT.search(last))


def deployed_instead(path: Path) -> Path:
    """Return the part of some settings that is deployed in place of one for development."""
    if not DEVELOPMENT.search(path.stem.lower()):
        return path
    found = (path.with_name(f"{name}.py") for name in ("production", "prod"))
    return next((other for other in found if other.is_file()), path)


def _bases(content: bytes) -> list[str]:
    """Return the modules whose classes the classes of a file derive from."""
    bases = {word for found in _CLASS.findall(content) for word in re.findall(rb"\w+", found)}
    found = _FROM.findall(content) if bases else ()
    return [module.decode() for module, names in found if bases & {*re.findall(rb"\w+", names)}]


def _file(path: Path) -> Path | None:
    for candidate in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
