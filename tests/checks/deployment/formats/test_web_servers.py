"""Web servers that answer for the uploads from a disk: named with the storage."""

from __future__ import annotations

from typing import Any

import pytest
from support.deploy_files import Make

from django_scaleready.checks.base import Finding
from django_scaleready.checks.rules import media_from_disk, media_local

USES = "from django.core.files.storage import default_storage\n"
GIVEN = {"MEDIA_ROOT": "/srv/uploads", "MEDIA_URL": "/uploads/"}


def apache(*lines: str) -> dict[str, str]:
    return {"apache.conf": "\n".join(["<VirtualHost *:443>", *lines, "</VirtualHost>", ""])}


def caddy(*lines: str) -> dict[str, str]:
    return {"Caddyfile": "\n".join(["shop.example {", *lines, "}", ""])}


def nginx(path: str, folder: str) -> dict[str, str]:
    return {path: f"location /uploads/ {{\n  alias {folder};\n}}\n"}


def named(make_project: Make, files: dict[str, str], **given: Any) -> list[str]:
    """Return the places in these files that are named with the storage."""
    project = make_project({**files, "shop/views.py": USES}, **GIVEN | given)
    (finding,) = media_local.RULE.find(project)
    assert isinstance(finding, Finding)
    assert list(media_from_disk.RULE.find(project)) == []
    return [str(place) for place in finding.related if place.path in files]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (apache("Alias /uploads/ /srv/uploads/"), 2),
        (apache('  Alias "/uploads" "/home/shop/uploads"'), 2),
        (apache("alias /uploads/scans/ /home/shop/uploads/scans/"), 2),
        (apache("AliasMatch ^/uploads/(.*)$ /home/shop/uploads/$1"), 2),
        (apache('<Location "/uploads">', "  Alias /srv/uploads", "</Location>"), 3),
        (caddy("handle_path /uploads/* {", "  root * /srv/uploads", "  file_server", "}"), 4),
        (caddy("handle_path /uploads/* {", "  file_server {", "root /srv/uploads", "}", "}"), 4),
        (caddy("handle /uploads/* {", "  root * /srv", "  file_server browse", "}"), 4),
        (caddy("root * /srv", "file_server /uploads/*"), 3),
        (
            caddy(
                *("handle @shop {", "  handle_path /uploads/* {", "    file_server {"),
                *("      root {$UPLOADS:/srv/uploads/}", "    }", "  }", "}"),
            ),
            5,
        ),
        (nginx("doc/nginx/shop.conf", "/srv/uploads/"), 2),
        ({"docs/apache.conf": apache("Alias /uploads/ /srv/uploads/")["apache.conf"]}, 2),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], line: int) -> None:
    assert named(make_project, files) == [f"{next(iter(files))}:{line}"]


@pytest.mark.parametrize(
    "files",
    [
        apache("Alias /static/ /srv/static/"),
        apache("Alias /uploads/ /srv/old/"),
        apache("Alias /uploads/scans/ /srv/uploads-of-old/scans/"),
        apache("# Alias /uploads/ /srv/uploads/"),
        apache("ScriptAlias /uploads/ /srv/uploads/"),
        apache('<Location "/old">', "</Location>", "Alias /srv/uploads"),
        {"dev/apache.conf": apache("Alias /uploads/ /srv/uploads/")["apache.conf"]},
        {"notes.conf": "See Alias /uploads/ /srv/uploads/\n"},
        caddy("handle_path /uploads/* {", "  reverse_proxy store:9000", "}"),
        caddy("handle_path /uploads/* {", "  root * /srv/old", "  file_server", "}"),
        # Its folder is not given, or it is asked for another one.
        caddy("handle /uploads/* {", "  file_server", "}"),
        caddy("root * /srv", "file_server /static/*"),
        caddy("# file_server /uploads/*", "root * /srv"),
        {"Caddyfile.dev": caddy("root * /srv", "file_server /uploads/*")["Caddyfile"]},
        nginx("docs/nginx/old.conf", "/srv/old/"),
        {"docs/nginx/broken.conf": "location /uploads/ {\n  alias /srv/uploads/;\n"},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert named(make_project, files) == []


@pytest.mark.parametrize(
    ("url", "count"), [("https://shop.example/uploads/", 1), ("https://shop.example/", 0)]
)
def test_uploads_at_a_host(make_project: Make, url: str, count: int) -> None:
    assert len(named(make_project, nginx("docs/a.conf", "/srv/uploads/"), MEDIA_URL=url)) == count
