"""The services of the drill can be stopped, frozen, killed and started again."""

from __future__ import annotations

import io
import time

import boto3
import psutil
import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from django_scaleready.drill.services import postgres as postgres_module
from django_scaleready.drill.services import s3 as s3_module
from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError, until

pytestmark = pytest.mark.live


def s3_client(s3: S3, secret: str) -> object:
    return boto3.client(
        "s3",
        endpoint_url=s3.url,
        aws_access_key_id=s3_module.ACCESS_KEY,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def test_postgres_keeps_its_data_and_port_through_anything(supervisor: Supervisor) -> None:
    postgres = Postgres(supervisor, settings={"max_connections": "20"})
    postgres.start()
    assert postgres.execute("SHOW max_connections") == [("20",)]
    url = postgres.create_database("shop")
    postgres.execute("CREATE TABLE kept (n int)", "shop")
    postgres.restart()
    postgres.process.kill()
    assert not postgres.answers()
    postgres.start()
    assert postgres.url("shop") == url
    assert postgres.execute("SELECT count(*) FROM kept", "shop") == [(0,)]


def test_a_frozen_postgres_accepts_and_does_not_answer(supervisor: Supervisor) -> None:
    postgres = Postgres(supervisor)
    postgres.start()
    postgres.process.freeze()
    assert not postgres.answers()
    postgres.process.thaw()
    until(postgres.answers, 5, "an answer")


def test_postgres_starts_from_where_its_user_cannot_reach(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a checkout in root's home: the programs are copied."""
    monkeypatch.setattr(postgres_module.unprivileged, "readable", lambda path: path.name != "bin")
    postgres = Postgres(supervisor)
    postgres.start()
    assert str(postgres.process.argv[0]).startswith(str(supervisor.directory))


def test_two_of_a_kind_need_two_names(supervisor: Supervisor) -> None:
    first, second = Valkey(supervisor), Valkey(supervisor, "valkey-2")
    first.start()
    second.start()
    assert first.url() != second.url()
    with pytest.raises(DrillError, match="There is a 'valkey' already"):
        Valkey(supervisor)


def test_valkey_forgets_unless_told_otherwise(supervisor: Supervisor) -> None:
    valkey = Valkey(supervisor)
    durable = Valkey(supervisor, "durable", {"appendonly": "yes", "appendfsync": "always"})
    for server in (valkey, durable):
        server.start()
        server.client().set("key", "value")
        server.restart()
    assert valkey.client().get("key") is None
    assert durable.client().get("key") == "value"
    valkey.process.freeze()
    assert not valkey.answers()


def test_s3_takes_files_from_its_key_alone(shared_s3: S3) -> None:
    bucket = shared_s3.create_bucket("keys")
    right = s3_client(shared_s3, s3_module.SECRET_KEY)
    right.put_object(Bucket=bucket, Key="a/b", Body=b"x" * 1000)  # type: ignore[attr-defined] # no stubs
    with pytest.raises(ClientError):
        s3_client(shared_s3, "wrong").put_object(Bucket=bucket, Key="c", Body=b"y")  # type: ignore[attr-defined] # no stubs
    (file,) = shared_s3.files(bucket)
    assert (file.name, file.stat().st_size) == ("b", 1000)


def test_s3_rests_after_an_upload(shared_s3: S3) -> None:
    bucket = shared_s3.create_bucket("rest")
    client = s3_client(shared_s3, s3_module.SECRET_KEY)
    client.upload_fileobj(io.BytesIO(b"x" * 300_000), bucket, "new/file")  # type: ignore[attr-defined] # no stubs
    before, begun = processor_seconds(shared_s3), time.monotonic()
    until(lambda: time.monotonic() > begun + 1, 5, "a second of nothing")
    assert processor_seconds(shared_s3) - before < 0.3


def processor_seconds(s3: S3) -> float:
    used = psutil.Process(s3.process.pid).cpu_times()
    return float(used.user + used.system)


@pytest.mark.needs("pgbouncer")
def test_pgbouncer_rotates_and_outlives_its_database(supervisor: Supervisor) -> None:
    postgres = Postgres(supervisor)
    postgres.start()
    pgbouncer = PgBouncer(supervisor, postgres)
    pgbouncer.start()
    with psycopg.connect(
        pgbouncer.url("postgres"), autocommit=True, prepare_threshold=None
    ) as connection:

        def backend() -> int:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            return int(row[0])

        # min_pool_size is filled in the background.
        until(lambda: backend() != backend(), 10, "another server connection")
    postgres.stop()
    assert pgbouncer.answers()
