"""What leads to a real service is exchanged; what a replica keeps to itself is not."""

from __future__ import annotations

from typing import Any

import pytest

from django_scaleready.drill.inside.order import Order
from django_scaleready.drill.inside.redirect import other_broker, redirected, remote_storages

OWN = {"NAME": "drill_default", "HOST": "127.0.0.1", "PORT": "5", "USER": "u", "PASSWORD": ""}
REDIS = [f"redis://127.0.0.1:6/{number}" for number in range(16)]
S3 = {"bucket_name": "drill", "endpoint_url": "http://127.0.0.1:7"}
ORDER = Order("site.settings", "/run", "a", {"default": OWN}, REDIS, S3)
NO_MAIL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


def changed(**settings: Any) -> dict[str, Any]:
    return redirected({**NO_MAIL, **settings}, ORDER)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/x.sqlite3"}}},
        {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}},
        {"SESSION_ENGINE": "django.contrib.sessions.backends.file", "SESSION_FILE_PATH": "/s"},
        {"STORAGES": {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}},
        {"CELERY_BROKER_URL": "filesystem://"},
        {"CELERY_BROKER_URL": "memory://"},
        {"PAGES": ["https://example.com/redis"], "LIMITS": {"a": (1, 2)}},
    ],
    ids=str,
)
def test_what_is_the_replicas_own_stays(settings: dict[str, Any]) -> None:
    own = Order("site.settings", "/run", "a", {}, REDIS, S3)
    assert redirected({**NO_MAIL, **settings}, own) == {}


def test_a_database_keeps_all_but_its_address_and_credentials() -> None:
    postgres = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "real",
        "HOST": "db.example.com",
        "PASSWORD": "secret",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/ca", "pool": True, "service": "x"},
    }
    files = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/x"}
    assert changed(DATABASES={"default": postgres, "files": files}) == {
        "DATABASES": {
            "default": {
                **OWN,
                "ENGINE": "django.db.backends.postgresql",
                "CONN_MAX_AGE": 0,
                "OPTIONS": {"pool": True},
            },
            "files": files,
        }
    }


def test_each_redis_is_exchanged_at_any_depth_and_what_was_apart_stays_apart() -> None:
    found = changed(
        CELERY_BROKER_URL="rediss://:secret@redis.example.com:6380/0?ssl_cert_reqs=required",
        CELERY_BROKER_USE_SSL={"ssl_cert_reqs": 2},
        CHANNEL_LAYERS={"default": {"CONFIG": {"hosts": [("redis.example.com", 6379)]}}},
        CONSTANCE={"URLS": ["redis://redis.example.com/3", "valkey://redis.example.com/4"]},
    )
    assert found == {
        "CELERY_BROKER_URL": REDIS[0],
        "CELERY_BROKER_USE_SSL": None,
        "CHANNEL_LAYERS": {"default": {"CONFIG": {"hosts": [REDIS[0]]}}},
        "CONSTANCE": {"URLS": [REDIS[3], REDIS[4]]},
    }


def test_a_cache_on_redis_keeps_its_options_but_tls_and_password() -> None:
    cache = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": ["rediss://redis.example.com/1", "rediss://replica.example.com/1"],
        "OPTIONS": {
            "PASSWORD": "secret",
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_POOL_KWARGS": {"ssl_ca_certs": "/ca", "max_connections": 5},
        },
    }
    assert changed(CACHES={"default": cache})["CACHES"]["default"] == {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": [REDIS[1], REDIS[1]],
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_POOL_KWARGS": {"max_connections": 5},
        },
    }


@pytest.mark.parametrize(
    "url", ["amqp://u:p@mq.example.com//", "sqs://", "sentinel://a:26379;sentinel://b:26379"]
)
def test_a_broker_without_a_stand_in_becomes_redis(url: str) -> None:
    assert other_broker({"CELERY_BROKER_URL": url})
    assert changed(CELERY_BROKER_URL=url) == {"CELERY_BROKER_URL": REDIS[0]}
    assert not other_broker({"CELERY_BROKER_URL": "memory://", "OTHER": url})


@pytest.mark.parametrize(
    ("backend", "goes_nowhere"),
    [
        (None, True),  # Django's default sends
        ("django.core.mail.backends.smtp.EmailBackend", True),
        ("anymail.backends.mailgun.EmailBackend", True),
        ("django.core.mail.backends.console.EmailBackend", False),
        ("django.core.mail.backends.filebased.EmailBackend", False),
    ],
)
def test_mail_is_not_sent(backend: str | None, goes_nowhere: bool) -> None:
    settings = {} if backend is None else {"EMAIL_BACKEND": backend}
    nowhere = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    assert redirected(settings, ORDER) == (nowhere if goes_nowhere else {})


def test_a_bucket_becomes_the_drills_and_another_store_too() -> None:
    bucket = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "real", "file_overwrite": False},
    }
    other = {
        "BACKEND": "storages.backends.gcloud.GoogleCloudStorage",
        "OPTIONS": {"project_id": 1},
    }
    static = {"BACKEND": "storages.backends.s3.S3Storage"}
    storages = {"default": bucket, "invoices": other, "staticfiles": static}
    assert remote_storages({"STORAGES": storages}) == ["default", "invoices"]
    assert changed(STORAGES=storages)["STORAGES"] == {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**S3, "file_overwrite": False},
        },
        "invoices": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": S3},
        "staticfiles": static,
    }
