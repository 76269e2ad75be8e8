"""Manifests of Cloud Foundry say which variables the repository's own apps have."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.static.given.cloud_foundry import variables
from django_scaleready.checks.static.scan import scan

WEB = """
applications:
- name: shop
  instances: 4
  env:
    SHOP_ENV: %s
    WORKERS: 3
    BASE_URL: https://shop.example
- name: scanner
  docker:
    image: clamav/clamav
  env: {SIZE: 100M}
- name: notebooks
  path: notebooks
"""
CRON = "- name: clock\n  command: ./clock.sh\n  env:\n    SHOP_ENV: production\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"manifest.yml": WEB % "production"}, {"production"}),
        (
            {"manifest.yml": WEB % "staging", "manifest-prod.yaml": WEB % "production"},
            {"production"},
        ),
        ({"manifest_dev.yml": WEB % "dev", "manifest.yml": WEB % "production"}, {"production"}),
        ({"cf/manifest-a.yml": WEB % "a", "cf/manifest-b.yml": WEB % "b"}, {"a", "b"}),
    ],
)
def test_what_the_apps_of_a_deployment_have_is_known(
    texts: dict[str, str], expected: set[str]
) -> None:
    given = [*variables(texts)]
    assert {value for name, value in given if name == "SHOP_ENV"} == expected
    assert {name for name, _ in given} == {"SHOP_ENV", "WORKERS", "BASE_URL"}


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"manifest_dev.yml": WEB % "dev"},
        {"manifest-staging.yml": WEB % "staging"},
        # Another program's file of that name, and what is no YAML.
        {"manifest.yml": "env: {SHOP_ENV: production}\n"},
        {"manifest.yml": "applications: shop\n"},
        {"manifest.yml": "applications:\n- shop\n"},
        {"manifest.yml": "applications: [\n"},
        # The one that starts the scanner is not the project's.
        {
            "manifest.yml": WEB.partition("- name: shop")[0]
            + "- docker: {image: a}\n  env: {A: b}\n"
        },
        # An app has nothing.
        {"manifest.yml": WEB % "production" + "- name: bare\n"},
    ],
)
def test_nothing_else_is(texts: dict[str, str]) -> None:
    assert [*variables(texts)] == []


def test_what_one_app_lacks_is_not_the_project_s() -> None:
    given = {*variables({"manifest.yml": WEB % "production" + CRON})}
    assert given == {("SHOP_ENV", "production")}


@pytest.mark.parametrize(("mode", "findings"), [("production", 0), ("staging", 1)])
def test_settings_are_read_with_it(tmp_path: Path, mode: str, findings: int) -> None:
    (tmp_path / "manifest.yml").write_text(WEB % mode)
    (tmp_path / "settings.py").write_text(
        "import os\nINSTALLED_APPS = ['shop']\nROOT_URLCONF = 'urls'\nMIDDLEWARE = []\n"
        "KIND = 'postgresql' if os.environ.get('SHOP_ENV') == 'production' else 'sqlite3'\n"
        "DATABASES = {'default': {'ENGINE': f'django.db.backends.{KIND}', 'NAME': 'shop'}}\n"
    )
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "db-sqlite"]) == findings
