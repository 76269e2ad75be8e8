"""Files of a repository that a test makes up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django_scaleready.checks.code.loading.load import load
from django_scaleready.checks.static.reader.definitions import Settings
from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.roots import Roots


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder, with the folders that they are in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(folder: Path, files: Mapping[str, str], name: str = "settings.py") -> Settings:
    """Write the files of a repository, return what one settings module of it comes to."""
    write(folder, files)
    roots = Roots(folder, load(folder, (), cached=False))
    return Reader(roots.find, root=folder).read(folder / name)
