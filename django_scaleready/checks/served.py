"""The folders that nginx and uWSGI answer from, and those of them that hold the uploads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.volumes import in_container, upload_roots

if TYPE_CHECKING:
    from django_scaleready.checks.base import Location
    from django_scaleready.checks.project import Project

# A URL, the directory that answers it, and where that is said.
Served = tuple[str, str, "Location"]


def served_folders(project: Project) -> Iterator[Served]:
    """Yield what is served from a disk."""
    yield from _nginx(project)
    yield from _uwsgi(project)


def served_uploads(project: Project) -> list[Location]:
    """Return where a server is told to answer for the uploads from their folder."""
    found = served_folders(project)
    return sorted({place for url, path, place in found if serves_uploads(project, url, path)})


def serves_uploads(project: Project, url: str, path: str) -> bool:
    """Whether the folder of a local storage is served under the URL that the storage gives.

    A storage elsewhere gives other URLs, and nobody asks for these any more.
    """
    media = str(project.setting("MEDIA_URL") or "").strip("/")
    if not media or url.strip("/") != media:
        return False
    folders = upload_roots(project)
    inside = {
        each
        for folder in folders
        for process in project.deploy.processes
        for each in in_container(project, folder, process)
    }
    return any(PurePosixPath(path).is_relative_to(each) for each in {*folders, *inside})


def _nginx(project: Project) -> Iterator[Served]:
    for directive in project.deploy.nginx:
        if directive.name in {"alias", "root"} and directive.url and directive.arguments:
            path = directive.arguments[0]
            if directive.name == "root":
                # The URL is appended to it.
                path = f"{path.rstrip('/')}/{directive.url.lstrip('^~/')}"
            yield directive.url, path, directive.location


def _uwsgi(project: Project) -> Iterator[Served]:
    seen = set()
    for _, server in project.deploy.uwsgi:
        for option in server.all("static-map", "static-map2", "check-static"):
            url, equals, path = option.value.partition("=")
            if option.location not in seen:
                seen.add(option.location)
                yield (url, path, option.location) if equals else ("/", url, option.location)
