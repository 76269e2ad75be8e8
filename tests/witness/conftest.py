"""Projects with an SDK in ``site-packages``, run by programs of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shop import Make, write


@pytest.fixture
def shop(tmp_path: Path) -> Make:
    """Write a project whose pages are the functions of ``views``; ``files`` are added."""

    def make(views: str, **files: str) -> Path:
        return write(tmp_path, views, files)

    return make
