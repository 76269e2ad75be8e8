"""What the scan of a repository says about its deploy files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from django_scaleready.checks.static.main import main

NOTHING = "No deploy files found"


def test_a_repository_without_any_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.py").write_text("DEBUG = False\n")
    main([str(tmp_path)])
    assert NOTHING in capsys.readouterr().out
    main([str(tmp_path), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["deploy_files"] == []


def test_the_files_that_were_read_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Procfile").write_text("web: gunicorn shop.wsgi\n")
    main([str(tmp_path)])
    assert NOTHING not in capsys.readouterr().out
    main([str(tmp_path), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["deploy_files"] == ["Procfile"]
