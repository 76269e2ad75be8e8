"""The source distributions of real projects, by exact version, unpacked but never run.

pip would run a project's ``setup.py`` to learn what it depends on, so the file alone is taken from
the index that pip is configured with, by the API that every index speaks (PEP 503).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx

TIMEOUT = httpx.Timeout(20, read=60)


@dataclass(frozen=True)
class Source:
    """A source distribution; ``sha256`` is that of the file as PyPI gives it out."""

    name: str
    version: str
    file: str
    sha256: str

    def __str__(self) -> str:
        return self.name


SOURCES = (
    Source(
        "graphite-web",
        "1.1.10",
        "graphite-web-1.1.10.tar.gz",
        "3f1868d505a8da3259600309c7df7d6db10b0d532bed6a7bc2cb2c60f91cd35a",
    ),
    Source(
        "wger",
        "2.1",
        "wger-2.1.tar.gz",
        "329d410cff8191a3a47286fb7f2a0c9f6dc397c04e996331fe99d18a99117e3f",
    ),
    Source(
        "weblate",
        "5.14.3",
        "weblate-5.14.3.tar.gz",
        "dad4e9b6cfeec250db80c9c0fcfcb967fb8d21581231bd74ac7020f55290d3fa",
    ),
    Source(
        "pretix",
        "2026.8.0",
        "pretix-2026.8.0.tar.gz",
        "97c46dab676f8c29461c81dce90c6fb7812b29fe9181f8d1288a32f36e11cc64",
    ),
    Source(
        "mayan-edms",
        "4.12.2",
        "mayan_edms-4.12.2.tar.gz",
        "92c4cc44420742ed2caa1145dbfa68e8153d91d767bee6289cf6cba8208334a0",
    ),
)


class DownloadError(Exception):
    """A source distribution is not to be had; says which, where from, and why."""


def folder() -> Path:
    """Return where they are kept, in the user's cache directory; safe to delete."""
    cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache_home / "django-scaleready-tests" / "real"


def unpacked(source: Source) -> Path:
    """Return the folder of a project's source, downloaded unless it is there; DownloadError."""
    target = folder() / f"{source.name}-{source.version}-{source.sha256[:12]}"
    if not target.is_dir():
        content = _download(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Unpacked beside it and moved into place: what is there is whole.
        beside = Path(tempfile.mkdtemp(dir=target.parent))
        try:
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(beside, filter="data")
            beside.rename(target)
        except OSError:
            # Another run was first: theirs is the same.
            if not target.is_dir():
                raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    # A source distribution holds one folder.
    (root,) = target.iterdir()
    return root


def _download(source: Source) -> bytes:
    # pip's own default index is the only one without a setting.
    index = _configured("index-url") or "https://pypi.org/simple"
    normal = re.sub(r"[-_.]+", "-", source.name).lower()
    page = f"{index.rstrip('/')}/{normal}/"
    certificates = _configured("cert")
    verify = ssl.create_default_context(cafile=certificates) if certificates else True
    try:
        with httpx.Client(verify=verify, timeout=TIMEOUT, follow_redirects=True) as client:
            answer = client.get(page, headers={"Accept": "text/html"}).raise_for_status()
            links = _Links(str(answer.url), answer.text)
            if source.file not in links.found:
                raise DownloadError(f"{source.file}: not in the index that pip is configured with.")
            content = client.get(links.found[source.file]).raise_for_status().content
    except httpx.HTTPError as error:
        # Neither the message nor the chain: an index' address may hold a password.
        raise DownloadError(f"{source.file}: {type(error).__name__} from pip's index.") from None
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise DownloadError(f"{source.file}: not the file that was read; its digest is another.")
    return content


@cache
def _configured(option: str) -> str:
    for section in (":env:", "download", "global"):
        asked = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", f"{section}.{option}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0:
            return asked.stdout.strip()
    return ""


class _Links(HTMLParser):
    """The files of a page of the simple API: name to address."""

    def __init__(self, base: str, page: str) -> None:
        super().__init__()
        self.base = base
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = urljoin(self.base, dict(attrs).get("href") or "")
        name = unquote(urlsplit(address).path.rpartition("/")[2])
        if tag == "a":
            self.found[name] = address
