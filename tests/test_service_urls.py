"""What is wrong with a URL is said; what is secret in it is not."""

from __future__ import annotations

import pytest

from django_scaleready.service_urls import database_schemes, fault, redact, shift_database

ANY = (*database_schemes(), "redis", "rediss", "amqp")
SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://host:6379/0",
        "rediss://:p%40ss@host:6380/15?ssl_cert_reqs=required",
        "redis://[::1]:6379/1",
        "redis://host:6379?db=3",
        "amqp://u:p@rabbit:5672//",
        "postgres://u:p@h/db",
        "postgres://u:p@a:5432,b:5433/db",
        "postgres://u:p@a,b/db",
        "postgres:////var/run/postgresql/db",
        "postgres:///db?host=/var/run/postgresql",
        "postgres://u:p@ss@h/db",
        "mysql://u:p@//cloudsql/project:place:name/db",
        "sqlite:///db.sqlite3",
        "sqlite://:memory:",
    ],
)
def test_nothing_is_wrong_with(url: str) -> None:
    assert fault(url, ANY) == ""


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("host:6379", "no scheme"),
        ("http://host", "scheme is 'http'"),
        ("redis:///0", "host is missing"),
        ("redis://:6379/0", "host is missing"),
        ("redis:////tmp/redis.sock", "host is missing"),
        ("redis://host:port/0", "port is no number"),
        ("redis://host:99999/0", "port is no number"),
        ("redis://host:-1/0", "port is no number"),
        ("redis://host:0/0", "port is 0"),
        ("redis://host/first", "no number"),
        ("redis://host/0/1", "no number"),
        ("redis://host/-1", "no number"),
        ("redis://host?db=x", "no number"),
        ("redis://a:6379,b:6379/0", "several hosts"),
        ("redis://[::1/0", "cannot be parsed"),
        ("postgres:///db", "host is missing"),
        ("postgres://a,/db", "host is missing"),
        ("postgres://u:pa/ss@h/db", "%-encoded"),
        ("postgres://u:pa#ss@h/db", "%-encoded"),
        ("postgres://u:#ss@h:notaport/db", "%-encoded"),
        ("postgres://u:pa?ss@h/db", "%-encoded"),
    ],
)
def test_what_is_wrong_is_said(url: str, said: str) -> None:
    assert said in fault(url, ANY)


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{SECRET}@host/0",
        f"redis://{SECRET}@host/0",
        f"redis://app:{SECRET}",
        f"redis://app:{SECRET}/0",
        f"postgres://app:a@{SECRET}@host/db",
        f"postgres://app:a/{SECRET}@host/db",
        f"postgres://app:a#{SECRET}@host/db",
        f"postgres://app:a?{SECRET}@host/db",
        f"postgres://host/db?password={SECRET}",
        f"postgres://host/db?user=app&sslpassword={SECRET}&x=1",
        f"postgres://host/db?password=a@{SECRET}",
        f"sqs://host?aws_secret_access_key={SECRET};x=1",
        f"redis://:{SECRET}@a/0;redis://:{SECRET}@b/0",
        f"app:{SECRET}@host/db",
        f"postgres://app:1{SECRET}@host:{SECRET}/db",
    ],
)
def test_no_secret_is_shown(url: str) -> None:
    assert SECRET not in redact(url)


@pytest.mark.parametrize(
    "url",
    ["redis://host:6379/0", "postgres://a:5432,b:5433/db?sslmode=require", "loud", "http://h", ""],
)
def test_what_is_no_secret_stays(url: str) -> None:
    assert redact(url) == url


def test_the_host_is_still_told() -> None:
    assert redact(f"postgres://app:{SECRET}@db.internal:5432/app") == (
        "postgres://***@db.internal:5432/app"
    )


@pytest.mark.parametrize(
    ("url", "shifted"),
    [
        ("redis://h", "redis://h/2"),
        ("redis://h/", "redis://h/2"),
        ("redis://h:6379/3", "redis://h:6379/5"),
        ("redis://h/0?socket_timeout=1", "redis://h/2?socket_timeout=1"),
        ("redis://h/9?db=1", "redis://h/3"),
        ("rediss://u:p%2F@h/0?ssl_ca_certs=/etc/ca.pem", None),
    ],
)
def test_the_database_is_shifted(url: str, shifted: str | None) -> None:
    if shifted is None:
        from redis.connection import parse_url

        assert parse_url(shift_database(url, 2)) == {**parse_url(url), "db": 2}
    else:
        assert shift_database(url, 2) == shifted
