"""What N replicas share, started together, and the variables that point a project at it."""

from __future__ import annotations

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.services import s3
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor


class Stack:
    """PostgreSQL, Valkey and S3, answering when this returns; they end with the supervisor."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.postgres = Postgres(supervisor)
        self.valkey = Valkey(supervisor)
        self.s3 = S3(supervisor)
        for service in (self.postgres, self.valkey, self.s3):
            service.start()

    def environment(self, name: str) -> dict[str, str]:
        """Make an empty database and bucket of this name; return what the kit's settings read.

        Redis databases are not made: two projects on one stack share them.
        """
        return {
            "ALLOWED_HOSTS": HOST,
            "DATABASE_POOLER": "none",
            "DATABASE_URL": self.postgres.create_database(name),
            "MEDIA_S3_ACCESS_KEY_ID": s3.ACCESS_KEY,
            "MEDIA_S3_BUCKET": self.s3.create_bucket(name.replace("_", "-")),
            "MEDIA_S3_ENDPOINT_URL": self.s3.url,
            "MEDIA_S3_SECRET_ACCESS_KEY": s3.SECRET_KEY,
            "REDIS_URL": self.valkey.url(),
        }
