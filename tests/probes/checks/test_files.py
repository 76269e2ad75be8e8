from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from django.core.files.storage import Storage as DjangoStorage
from django.test.utils import override_settings

from django_scaleready.probes.checks.files import NAME, Disk, Storage
from django_scaleready.probes.members import CheckFailedError

FOLDER = "django.core.files.storage.FileSystemStorage"


class Remote(DjangoStorage):
    """A store without paths, as S3 is; it may be away."""

    asked: ClassVar[list[str]] = []
    error: Exception | None = None

    def exists(self, name: str) -> bool:
        self.asked.append(name)
        if self.error is not None:
            raise self.error
        return False


def storages(backend: str, **options: object) -> dict[str, object]:
    return {"default": {"BACKEND": backend, "OPTIONS": options}}


@pytest.mark.parametrize("below", [".", "not/yet/there"])
def test_a_folder_that_can_be_written(tmp_path: Path, below: str) -> None:
    with override_settings(STORAGES=storages(FOLDER, location=str(tmp_path / below))):
        Storage()()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not by its mode: root may write anywhere.
    monkeypatch.setattr("os.access", lambda *_: False)
    with (
        override_settings(STORAGES=storages(FOLDER, location=str(tmp_path))),
        pytest.raises(CheckFailedError, match="cannot be written"),
    ):
        Storage()()


def test_an_object_store_is_asked_for_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remote, "asked", [])
    with override_settings(STORAGES=storages(f"{__name__}.Remote")):
        Storage()()
    assert Remote.asked == [NAME]


def test_an_object_store_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remote, "error", ConnectionError("refused"))
    with (
        override_settings(STORAGES=storages(f"{__name__}.Remote")),
        pytest.raises(ConnectionError),
    ):
        Storage()()


def test_room_on_the_disk(tmp_path: Path) -> None:
    Disk()()
    Disk(str(tmp_path))()


def test_no_room_on_the_disk(tmp_path: Path) -> None:
    with pytest.raises(CheckFailedError, match=r"\d+ MB are free, of 1e\+15"):
        Disk(str(tmp_path), megabytes=1e15)()


def test_no_inodes_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckFailedError, match="inodes are free"):
        Disk(str(tmp_path), inodes=10**18)()


def test_a_disk_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Disk(str(tmp_path / "gone"))()
