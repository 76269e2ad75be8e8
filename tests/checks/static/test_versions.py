"""Which Django a repository asks for, and what its settings are then."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.static.scan import scan
from django_scaleready.checks.static.versions import is_older, least_django

SETTINGS = """\
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "urls"
DEFAULT_FILE_STORAGE = "storages.backends.s3.S3Storage"
"""
MODELS = "from django.db import models\nclass A(models.Model):\n    f = models.FileField()\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "django==5.2.10\ndjango-ses==4.6\n", (5, 2)),
        ("requirements/base.txt", "Django[argon2]>=4.2,<5.3  # LTS\n", (4, 2)),
        ("requirements.in", "Django~=5.1.0\n", (5, 1)),
        ("pyproject.toml", 'dependencies = [\n  "django>=5.1",\n]\n', (5, 1)),
        ("pyproject.toml", 'django = "^5.1"\n', (5, 1)),
        ("pyproject.toml", 'Django = {version = "~5.2.1", extras = ["argon2"]}\n', (5, 2)),
        ("pyproject.toml", '"django (>=5.1,<6.0)"\n', (5, 1)),
        ("Pipfile", 'django = "==3.2.25"\n', (3, 2)),
        ("Pipfile.lock", '"django": {\n "hashes": [],\n "version": "==5.2.1"\n}', (5, 2)),
        ("uv.lock", '[[package]]\nname = "django"\nversion = "5.2.1"\n', (5, 2)),
        ("requirements.txt", "Django==5.2.1\nDjango>=4.2\n", (4, 2)),
        ("requirements.txt", "Django<5.3\n", None),
        ("requirements.txt", "Django\n", None),
        ("requirements.txt", "django-storages==5.2\nnotdjango==5.2\n", None),
        ("uv.lock", '[[package]]\nname = "django-ses"\nversion = "5.2.1"\n', None),
        ("README.md", "Django 5.2", None),
    ],
)
def test_the_oldest_that_is_asked_for(
    tmp_path: Path, name: str, text: str, expected: tuple[int, int] | None
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert least_django(tmp_path, [name]) == expected


@pytest.mark.parametrize(
    ("asked", "settings", "found"),
    [
        ("django==5.2.1", SETTINGS, 1),
        ("django==5.0.1", SETTINGS, 0),
        ("django==4.2", SETTINGS, 0),
        ("django", SETTINGS, 0),
        ("django==5.2", SETTINGS + "STORAGES = {'default': {'BACKEND': 'a.S3Storage'}}\n", 0),
    ],
)
def test_a_setting_that_django_ignores_names_no_storage(
    tmp_path: Path, asked: str, settings: str, found: int
) -> None:
    (tmp_path / "settings.py").write_text(settings)
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "requirements.txt").write_text(asked)
    findings = [f.finding for f in scan(tmp_path).found if f.rule.slug == "media-local"]
    assert len(findings) == found
    for finding in findings:
        assert finding.location.line == 3
        assert "ignores DEFAULT_FILE_STORAGE" in finding.message


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "redis==5.2.1 \\\n  --hash=sha256:1", True),
        ("requirements.txt", "redis[hiredis]>=4,<6", True),
        ("requirements.txt", "redis >= 3.0, < 5", True),
        ("requirements.txt", "redis<8.0", True),
        ("setup.py", 'install_requires=["redis>=3,<4"]', True),
        ("pyproject.toml", 'redis = "^4.5.4"', True),
        ("pyproject.toml", 'redis = {version = "^5.1", extras=["hiredis"]}', True),
        ("pyproject.toml", 'redis = "5.1"', True),
        ("pyproject.toml", '  "redis~=5.2.1",', True),
        ("pyproject.toml", '"redis (>=5,<6)"', True),
        ("Pipfile.lock", '"redis": {\n "hashes": [],\n "version": "==5.0.1"\n}', True),
        ("uv.lock", 'name = "redis"\nversion = "7.2.0"\n', True),
        ("uv.lock", 'name = "redis"\nversion = "8.2.0"\n', False),
        ("requirements.txt", "redis==8.0.1", False),
        ("requirements.txt", "redis>=4.0", False),
        ("requirements.txt", "redis<8.1", False),
        ("requirements.txt", "redis!=4.0", False),
        ("requirements.txt", "redis==5.0\nredis>=8", False),
        ("requirements.txt", "celery[redis]==5.3  # via redis\ndjango-redis==5.0", False),
        ("Pipfile", 'redis = "*"', False),
        ("README.md", "redis==5.0", False),
    ],
)
def test_whether_only_older_ones_are_asked_for(
    tmp_path: Path, name: str, text: str, expected: bool
) -> None:
    (tmp_path / name).write_text(text)
    assert is_older(tmp_path, [name], "redis", (8,)) is expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "core==4.8.5", True),
        ("requirements.txt", "core==4", True),
        ("requirements.txt", "core<4.9", True),
        ("requirements.txt", "core~=4.8.1", True),
        ("requirements.txt", "core==4.8.*", True),
        ("pyproject.toml", 'core = "~4.8"', True),
        ("pyproject.toml", 'core = "^3.1"', True),
        ("uv.lock", 'name = "core"\nversion = "4.8.0"\n', True),
        ("Pipfile.lock", '"core": {\n "version": "==4.3.0"\n}', True),
        ("requirements.txt", "core==4.9.0", False),
        ("requirements.txt", "core==4.10", False),
        ("requirements.txt", "core==5.0.0", False),
        ("requirements.txt", "core==4.*", False),
        ("requirements.txt", "core~=4.1", False),
        ("requirements.txt", "core>=4.0,<5.0", False),
        ("requirements.txt", "core<=4.9", False),
        ("pyproject.toml", 'core = "^4.1"', False),
        ("uv.lock", 'name = "core"\nversion = "4.9"\n', False),
        ("uv.lock", 'name = "core"\nversion = "5.0.1"\n', False),
    ],
)
def test_minor_versions_count(tmp_path: Path, name: str, text: str, expected: bool) -> None:
    (tmp_path / name).write_text(text)
    assert is_older(tmp_path, [name], "core", (4, 9)) is expected
