"""Variables that deploy files set are known where settings ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.static.environment import of_deployment
from django_scaleready.checks.static.scan import scan

SETTINGS = """\
import os
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "urls"
DEBUG = True
if os.environ.get("SHOP_ENV") == "Production":
    DEBUG = False
"""


def compose(*services: str) -> str:
    return "services:\n" + "".join(
        f"  s{n}:\n    {service.replace(chr(10), chr(10) + '    ')}\n"
        for n, service in enumerate(services)
    )


def web(*variables: str, image: str = "image: shop") -> str:
    lines = "".join(f"\n  - {variable}" for variable in variables)
    return f"{image}\nenvironment:{lines}"


def found(folder: Path, name: str, text: str) -> dict[str, str]:
    (folder / name).write_text(text)
    return of_deployment(folder, [name])


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ((web("SHOP_ENV=Production"),), {"SHOP_ENV": "Production"}),
        ((web("SHOP_ENV=prod"), web("SHOP_ENV=prod")), {"SHOP_ENV": "prod"}),
        ((web("SHOP_ENV=prod"), "image: redis"), {"SHOP_ENV": "prod"}),
        ((web("DJANGO_DEBUG=False"),), {"DJANGO_DEBUG": "False"}),
        ((web("PRODUCTION=1"),), {"PRODUCTION": "1"}),
        ((web("SHOP_ENV=prod", image="build: ."),), {"SHOP_ENV": "prod"}),
    ],
)
def test_the_mode_of_a_deployment_is_known(
    tmp_path: Path, services: tuple[str, ...], expected: dict[str, str]
) -> None:
    assert found(tmp_path, "docker-compose.yml", compose(*services)) == expected


@pytest.mark.parametrize(
    "services",
    [
        (web("SHOP_ENV=development"),),
        (web("SHOP_ENV=prod"), web("SHOP_ENV=live")),
        (web("SHOP_ENV=prod"), web("OTHER=1")),
        (web("DJANGO_DEBUG=True"),),
        (web("PRODUCTION=0"),),
        (web("PRODUCTION_HOST=1"),),
        (web("CACHE_URL=redis://redis"),),
        (web("SHOP_DATABASE=postgres"),),
        (web("SECRET_ENV=s3:cret/it"),),
        (web("SHOP_ENV=$SHOP_ENV"),),
        ("image: shop",),
    ],
)
def test_what_is_of_one_machine_or_not_alike_is_not(
    tmp_path: Path, services: tuple[str, ...]
) -> None:
    assert found(tmp_path, "docker-compose.yml", compose(*services)) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docker-compose.dev.yml", compose(web("SHOP_ENV=prod"))),
        ("docker-compose.yml", "services: ["),
        ("values.yaml", compose(web("SHOP_ENV=prod"))),
    ],
)
def test_only_compose_files_that_are_deployed_are_read(
    tmp_path: Path, name: str, text: str
) -> None:
    assert found(tmp_path, name, text) == {}


@pytest.mark.parametrize(("mode", "findings"), [("Production", 0), ("Stage", 1)])
def test_settings_of_that_mode_are_judged(tmp_path: Path, mode: str, findings: int) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "docker-compose.yml").write_text(compose(web(f"SHOP_ENV={mode}")))
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "debug"]) == findings
