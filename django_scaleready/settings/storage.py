"""Uploads are kept where every replica finds them; each replica serves the same static files.

Reads STATIC_URL, STATIC_ROOT, MEDIA_URL, MEDIA_ROOT, MEDIA_S3_BUCKET, MEDIA_S3_ENDPOINT_URL,
MEDIA_S3_REGION, MEDIA_S3_ACCESS_KEY_ID, MEDIA_S3_SECRET_ACCESS_KEY, MEDIA_S3_ADDRESSING_STYLE,
MEDIA_S3_CONNECT_TIMEOUT, MEDIA_S3_READ_TIMEOUT, MEDIA_S3_RETRIES, DEBUG.
Sets STORAGES, STATIC_URL, STATIC_ROOT, MEDIA_URL, MEDIA_ROOT.

Without MEDIA_S3_ACCESS_KEY_ID the credentials are looked up as boto3 does: the AWS_* variables, the
profile, the role of the machine or pod.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from django_scaleready.env import env

__all__ = ["MEDIA_ROOT", "MEDIA_URL", "STATIC_ROOT", "STATIC_URL", "STORAGES"]

STATIC_URL: str = env.text("STATIC_URL", "static/")
STATIC_ROOT: str = env.text("STATIC_ROOT", str(Path.cwd() / "staticfiles"))
MEDIA_URL: str = env.text("MEDIA_URL", "media/")
MEDIA_ROOT: str = env.text("MEDIA_ROOT", str(Path.cwd() / "media"))

# Asked for at start: an upload is too late to learn that a package is missing.
_bucket: str = env.text_with_extra("MEDIA_S3_BUCKET", modules=("storages", "boto3"), extra="s3")
_endpoint: str = env.text("MEDIA_S3_ENDPOINT_URL", "")

_s3: dict[str, Any] = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": _bucket,
        "endpoint_url": _endpoint or None,
        "region_name": env.text("MEDIA_S3_REGION", "") or None,
        # Two replicas that save the same name at once: the second would replace the first.
        "file_overwrite": False,
        **(
            {
                "access_key": env.text("MEDIA_S3_ACCESS_KEY_ID"),
                "secret_key": env.text("MEDIA_S3_SECRET_ACCESS_KEY"),
            }
            if env.text("MEDIA_S3_ACCESS_KEY_ID", "")
            else {}
        ),
        # botocore waits 60 s to connect and 60 s for each answer, five times over: a store that
        # hangs takes every thread of every replica with it.
        **(
            {
                "client_config": import_module("botocore.config").Config(
                    connect_timeout=env.seconds("MEDIA_S3_CONNECT_TIMEOUT", 3.0, minimum=0.1),
                    read_timeout=env.seconds("MEDIA_S3_READ_TIMEOUT", 10.0, minimum=0.1),
                    retries={"mode": "standard", "max_attempts": env.whole("MEDIA_S3_RETRIES", 1)},
                    # Links are signed as of old otherwise, which newer regions and other stores
                    # refuse: uploads work, and each download is a 400 (measured with rclone).
                    signature_version="s3v4",
                    # A store of one's own has no DNS name for each bucket.
                    s3={
                        "addressing_style": env.choice(
                            "MEDIA_S3_ADDRESSING_STYLE",
                            ("path", "virtual", "auto"),
                            "path" if _endpoint else "auto",
                        )
                    },
                )
            }
            if _bucket
            else {}
        ),
    },
}

STORAGES: dict[str, dict[str, Any]] = {
    # A file on the disk of one replica is a 404 on the next. Without a bucket it stays there, and
    # the check says so.
    "default": _s3 if _bucket else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # During a deploy old and new replicas serve at once: the hash in the name keeps a page of the
    # one from loading the script of the other. In development the manifest does not exist.
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if env.production
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
