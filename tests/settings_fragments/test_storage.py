"""Static files and uploads."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import override_settings
from support.fragments import evaluate

from django_scaleready.env import EnvError

S3 = {
    "MEDIA_S3_BUCKET": "media",
    "MEDIA_S3_ENDPOINT_URL": "http://127.0.0.1:9",
    "MEDIA_S3_REGION": "eu-north-1",
    "MEDIA_S3_ACCESS_KEY_ID": "id",
    "MEDIA_S3_SECRET_ACCESS_KEY": "s3cr3t",
}


def test_production_serves_hashed_files(monkeypatch: pytest.MonkeyPatch) -> None:
    backends = evaluate("storage", monkeypatch)["STORAGES"]
    assert backends["staticfiles"]["BACKEND"].startswith("whitenoise.storage.CompressedManifest")
    assert backends["default"]["BACKEND"] == "django.core.files.storage.FileSystemStorage"


def test_development_has_no_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    static = evaluate("storage", monkeypatch, DEBUG="true")["STORAGES"]["staticfiles"]
    assert static["BACKEND"] == "django.contrib.staticfiles.storage.StaticFilesStorage"


def test_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    found = evaluate("storage", monkeypatch, STATIC_ROOT="/srv/static", MEDIA_URL="/up/")
    assert found["STATIC_ROOT"] == "/srv/static"
    assert found["STATIC_URL"] == "static/"
    assert found["MEDIA_URL"] == "/up/"
    assert found["MEDIA_ROOT"].startswith("/")


def client(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Any:
    pytest.importorskip("storages")
    found = evaluate("storage", monkeypatch, **{**S3, **variables})
    with override_settings(STORAGES=found["STORAGES"]):
        storage = storages["default"]
        return storage, storage.connection.meta.client


def test_a_bucket_is_used_with_bounded_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, s3 = client(monkeypatch)
    assert storage.bucket_name == "media"
    assert storage.file_overwrite is False
    assert (storage.access_key, storage.secret_key) == ("id", "s3cr3t")
    assert s3.meta.endpoint_url == "http://127.0.0.1:9"
    assert s3.meta.region_name == "eu-north-1"
    assert s3.meta.config.connect_timeout == 3
    assert s3.meta.config.read_timeout == 10
    assert s3.meta.config.retries["total_max_attempts"] == 2
    assert s3.meta.config.s3["addressing_style"] == "path"


@pytest.mark.parametrize("region", ["", "us-east-1", "eu-north-1"])
def test_a_link_is_signed_the_way_every_store_accepts(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    storage, _ = client(monkeypatch, MEDIA_S3_REGION=region)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in storage.url("audio/one.mp3")


def test_the_waits_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    _, s3 = client(
        monkeypatch,
        MEDIA_S3_CONNECT_TIMEOUT="0.5",
        MEDIA_S3_RETRIES="0",
        MEDIA_S3_ADDRESSING_STYLE="virtual",
    )
    assert s3.meta.config.connect_timeout == 0.5
    assert s3.meta.config.retries["total_max_attempts"] == 1
    assert s3.meta.config.s3["addressing_style"] == "virtual"


def test_without_keys_boto_looks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    options = evaluate("storage", monkeypatch, MEDIA_S3_BUCKET="media")["STORAGES"]["default"][
        "OPTIONS"
    ]
    assert {"access_key", "secret_key"}.isdisjoint(options)
    assert options["endpoint_url"] is None


def test_half_a_pair_of_keys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {k: v for k, v in S3.items() if k != "MEDIA_S3_SECRET_ACCESS_KEY"}
    with pytest.raises(EnvError, match=r"^MEDIA_S3_SECRET_ACCESS_KEY is not set"):
        evaluate("storage", monkeypatch, **variables)


def test_a_missing_extra_is_told_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "django_scaleready.env.find_spec", lambda name: None if name == "storages" else find(name)
    )
    with pytest.raises(EnvError, match=r'MEDIA_S3_BUCKET is set, but storages .*\[s3\]"'):
        evaluate("storage", monkeypatch, **S3)
    assert "FileSystem" in str(evaluate("storage", monkeypatch)["STORAGES"]["default"])


def test_a_bad_time_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=r"^MEDIA_S3_READ_TIMEOUT: got '-1', accepts seconds"):
        evaluate("storage", monkeypatch, **S3, MEDIA_S3_READ_TIMEOUT="-1")


COLLECT = """
import sys
from django.conf import settings
from django_scaleready.settings import core, storage
names = {name: getattr(f, name) for f in (core, storage) for name in f.__all__}
settings.configure(**names, INSTALLED_APPS=[
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.staticfiles"])
import django
django.setup()
from django.core.management import call_command
from django.templatetags.static import static
if sys.argv[1] == "build":
    call_command("collectstatic", verbosity=0, interactive=False)
print(static("admin/css/base.css"))
"""


def test_an_image_built_without_services_serves_its_files_in_production(tmp_path: Path) -> None:
    def run(step: str, **variables: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", COLLECT, step],
            env={"PATH": os.environ["PATH"], **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    built = run("build", SCALEREADY_BUILD="1")
    assert re.fullmatch(r"/static/admin/css/base\.[0-9a-f]{12}\.css\n", built)
    assert run("serve", SECRET_KEY="x") == built
    assert (tmp_path / "staticfiles" / f"{built.strip().removeprefix('/static/')}.gz").exists()
