"""A project to check, made from a few files and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import global_settings, settings
from support.projects import Projects
from support.stand_ins import StandIns

from django_scaleready.checks.project import Project


@pytest.fixture
def make_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stand_ins: StandIns
) -> Iterator[Callable[..., Project]]:
    # The test run replaces the backend; a project without a setting has Django's default.
    # Some apps open their files beside the process.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.setattr(settings, "EMAIL_BACKEND", global_settings.EMAIL_BACKEND)
    # It asks for the user's model when it is first imported, whatever a project installs.
    import_module("django.contrib.auth.middleware")
    stand_ins.all()
    projects = Projects(tmp_path)
    yield projects.make
    projects.close()


@pytest.fixture
def stand_ins(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> StandIns:
    return StandIns(tmp_path_factory.mktemp("packages"), monkeypatch)
