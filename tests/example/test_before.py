"""Castaway for one server runs as it stands, without any service."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.example import PASSWORD, copy, serve

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.project import Project
from django_scaleready.drill.supervisor import Supervisor

AUDIO = b"RIFF" + bytes(100_000)


@pytest.fixture(scope="module")
def project(supervisor: Supervisor) -> Project:
    return copy("before", supervisor, {})


def test_it_passes_djangos_own_check(project: Project) -> None:
    project.manage("check", "--fail-level", "WARNING")
    project.manage("makemigrations", "--check")


def test_it_publishes_an_episode_and_leaves_it_on_its_disk(project: Project) -> None:
    var: Path = project.directory / "var"
    with Browser([serve(project)], timeout=30) as browser:
        browser.submit("/accounts/login/", {"username": "demo", "password": PASSWORD})
        page = browser.submit(
            "/shows/night-trains/episodes/new/",
            {"title": "The 23:42"},
            {"audio": ("one.wav", AUDIO, "audio/wav")},
        )
        assert "The 23:42" in page.text
        assert browser.get(f"{page.url.path}audio").content == AUDIO
    assert "demo published episode 1" in (var / "audit.log").read_text()
    assert (var / "media" / "audio" / "one.wav").read_bytes() == AUDIO
    assert list((var / "sessions").iterdir())
