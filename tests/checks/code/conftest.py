"""Files of a project, read as the check reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading.load import load
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.walk import parse
from django_scaleready.checks.registry import COLLECTORS


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def read(tmp_path: Path) -> Callable[[dict[str, str]], Codebase]:
    def make(files: dict[str, str]) -> Codebase:
        write(tmp_path, files)
        return load(tmp_path, COLLECTORS, cached=False)

    return make


@pytest.fixture
def module() -> Callable[..., Module]:
    def make(text: str, path: str = "shop/code.py") -> Module:
        return parse(path, text.encode())

    return make
