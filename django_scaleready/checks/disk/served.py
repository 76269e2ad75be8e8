"""The folders that web servers answer from, and those of them that hold the uploads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.formats import nginx
from django_scaleready.checks.deployment.formats.web_servers import documented, folders
from django_scaleready.checks.disk.volumes import in_container, unused_roots, upload_roots
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.storage_apps import LOCAL_STORAGES
from django_scaleready.checks.usage import storage_users

if TYPE_CHECKING:
    from django_scaleready.checks.base import Location
    from django_scaleready.checks.deployment.formats.nginx import Directive
    from django_scaleready.checks.project import Project

# A URL, the directory that answers it, and where that is said.
Served = tuple[str, str, "Location"]
# What is filled in: $(MOUNT_PATH), ${PREFIX}, $host.
_FILLED_IN = re.compile(r"^\$(\(\w+\)|\{\w+\}|\w+)")
# Somebody fills in the folder itself.
_PLACEHOLDER = re.compile(r"^/?([$@{<]|%[({])")
# The first of a pattern's signs that stand for more than themselves, with all behind it.
_SIGNS = re.compile(r"[(\[.*+?|$].*")
# Folders that requests and tasks fill.
_GROWS = re.compile(
    r"(^|[-_./])(media\w*|uploads?|uploaded|user[-_]?(files|content|media)|data|attachments?"
    r"|documents?|avatars?|favicons?|previews?|thumbnails?|storage|protected)([-_./]|$)",
    re.IGNORECASE,
)
_UPLOADS = re.compile(r"media\w*|uploads?", re.IGNORECASE)
ROOT = "MEDIA_ROOT"
# One file, such as /robots.txt; the dot of a pattern, as in (.*)$, is none.
_FILE = re.compile(r"\.[a-z][a-z0-9]{1,5}\$?$", re.IGNORECASE)
_BUILT = re.compile(r"(^|[-_./])(static\w*|assets|dist|build|collected\w*)(/|$)", re.IGNORECASE)
# What may be asked for below a prefix: a pattern that takes each of these takes all of it.
_BELOW = ("", "/", "/1/ab.jpg", "/x-y.TXT")


def served_folders(project: Project) -> Iterator[Served]:
    """Yield what nginx and uWSGI serve from a disk."""
    yield from _nginx(project.deploy.nginx)
    yield from _uwsgi(project)


def grown_folders(project: Project) -> Iterator[Served]:
    """Yield of what is served what requests and tasks fill, on a disk that others do not see."""
    for url, path, place in served_folders(project):
        if _grows(project, url, path) and not project.is_shared(path):
            yield url, path, place


def _grows(project: Project, url: str, path: str) -> bool:
    media = _media(project)
    if _FILE.search(path) or _FILE.search(url):
        return False
    *_, last = PurePosixPath(path).parts or ("",)
    # Whole applications lie below a folder that is called data.
    end = "/".join(PurePosixPath(path).parts[-3:])
    if _BUILT.search(f"{last}/") or (_BUILT.search(url) and not _GROWS.search(end)):
        return False
    return bool(_GROWS.search(url) or _GROWS.search(end)) or (bool(media) and media in url)


def served_uploads(project: Project) -> list[Location]:
    """Return where a server is told to answer for the uploads from their folder."""
    found = [*served_folders(project), *_others(project)]
    return sorted({place for url, path, place in found if serves_uploads(project, url, path)})


def serves_uploads(project: Project, url: str, path: str) -> bool:
    """Whether the folder of a local storage is served under the URL that the storage gives.

    A storage elsewhere gives other URLs, and nobody asks for these any more.
    """
    return _serves(project, url, path, upload_roots(project))


def serves_none(project: Project, url: str, path: str) -> bool:
    """Whether nothing here says that the project puts a file into a folder that is served.

    It is that of a storage which nothing uses, one for uploads that are stored elsewhere, or each
    machine has it where a template is filled in.
    """
    if _PLACEHOLDER.search(path) or _serves(project, url, path, unused_roots(project)):
        return True
    return _is_empty(project, path) or _is_left_behind(project, path)


def _is_empty(project: Project, path: str) -> bool:
    """Whether a folder is one for uploads by its name alone, and no code puts a file anywhere near.

    The settings name no folder for them, and no storage is used.
    """
    name = PurePosixPath(path).name
    if not _UPLOADS.fullmatch(name) or project.is_set(ROOT) or not project.is_known(ROOT):
        return False
    if not any(project.code) or any(storage_users(project, alias) for alias in project.storages):
        return False
    return not _is_written(project, name)


def _is_left_behind(project: Project, path: str) -> bool:
    """Whether a folder is one for uploads by its name alone, and all storages are elsewhere."""
    name = PurePosixPath(path).name
    if not _UPLOADS.fullmatch(name) or not project.storages:
        return False
    is_local = any(is_a(storage, *LOCAL_STORAGES) for storage in project.storages.values())
    return not is_local and not _is_written(project, name)


def _is_written(project: Project, name: str) -> bool:
    """Whether code writes to a folder of a name, as far as settings and texts say."""
    written = (project.origins.lead(fact.data[2]) for _, fact in project.code.facts("file-write"))
    return any(name in f"{lead.setting} {lead.text}".lower() for lead in written)


def _serves(project: Project, url: str, path: str, roots: list[str]) -> bool:
    media = _media(project)
    # Of a URL that is computed the folder alone tells.
    untold = project.is_set("MEDIA_URL") and not project.is_known("MEDIA_URL")
    if not untold and not (media and f"{_plain(url)}/".startswith(f"{media}/")):
        return False
    inside = {
        each
        for folder in roots
        for process in project.deploy.processes
        for each in in_container(project, folder, process)
    }
    # Of /media/scans the folder is media where it is media/scans.
    part = "" if untold else _plain(url).removeprefix(media).strip("/")
    whole = (path.partition("$")[0] or path).rstrip("/")
    served = PurePosixPath(whole.removesuffix(f"/{part}") if part else whole)
    # A machine or an image that only serves has the folder by its name, wherever that is.
    named = {PurePosixPath(folder).name for folder in roots} - {""}
    below = any(served.is_relative_to(each) for each in {*roots, *inside})
    return below or (not untold and served.name in named)


def _media(project: Project) -> str:
    """Return the path of the URL of the uploads, without the ``/`` around it or a host."""
    return urlsplit(str(project.setting("MEDIA_URL") or "")).path.strip("/")


def _plain(url: str) -> str:
    """Return what a location's URL or pattern begins with, without the ``/`` around it."""
    written = _FILLED_IN.sub("", url.lstrip("^~* ").lstrip("/"), count=1)
    return _SIGNS.sub("", written).strip("/")


def _others(project: Project) -> Iterator[Served]:
    """Yield what other servers are told to serve, or any as the documentation has it."""
    for file in project.deploy.files:
        if not file.for_development:
            yield from folders(file)
    for file in documented(Path(project.root)):
        yield from folders(file)
        found = attempt(file.path, nginx.read, file) if file.kind is Kind.NGINX else []
        yield from [] if isinstance(found, Unknown) else _nginx(found)


def _nginx(directives: list[Directive]) -> Iterator[Served]:
    blocks = [each for each in directives if each.name == "location"]
    for directive in directives:
        if directive.name in {"alias", "root"} and directive.url and directive.arguments:
            if _is_passed_over(directive, blocks):
                continue
            path = directive.arguments[0]
            if directive.name == "root":
                # The URL is appended to it.
                path = f"{path.rstrip('/')}/{directive.url.lstrip('^~/')}"
            yield directive.url, path, directive.location


def _is_passed_over(directive: Directive, blocks: Iterable[Directive]) -> bool:
    """Whether a pattern of the same server takes all that a location would answer.

    nginx asks the patterns before a plain prefix, but not before ``^~`` and ``=``.
    """
    (block,) = [each for each in directive.around if each.name == "location"][-1:]
    if len(block.arguments) > 1 or not directive.url.startswith("/"):
        return False
    beside = (each for each in blocks if each.around == block.around)
    return any(_takes(each, directive.url) for each in beside)


def _takes(block: Directive, url: str) -> bool:
    """Whether a location is a pattern that matches a prefix and all below it."""
    kind, _, pattern = " ".join(block.arguments).partition(" ")
    if kind not in {"~", "~*"}:
        return False
    try:
        takes = re.compile(pattern, re.IGNORECASE if kind == "~*" else 0).search
    except re.error:
        return False
    return all(takes(f"{url.rstrip('/')}{rest}") for rest in _BELOW)


def _uwsgi(project: Project) -> Iterator[Served]:
    seen = set()
    for _, server in project.deploy.uwsgi:
        for option in server.all("static-map", "static-map2", "check-static"):
            url, equals, path = option.value.partition("=")
            if option.location not in seen:
                seen.add(option.location)
                yield (url, path, option.location) if equals else ("/", url, option.location)
