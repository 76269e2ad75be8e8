"""What N replicas share, started together, and the variables that point a project at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.services import s3
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor


@dataclass(frozen=True)
class Stack:
    """PostgreSQL, Valkey and S3, which answer."""

    postgres: Postgres
    valkey: Valkey
    s3: S3

    @classmethod
    def start(cls, supervisor: Supervisor) -> Self:
        """Start one of each; they end with the supervisor."""
        stack = cls(Postgres(supervisor), Valkey(supervisor), S3(supervisor))
        for service in (stack.postgres, stack.valkey, stack.s3):
            service.start()
        return stack

    def environment(self, name: str) -> dict[str, str]:
        """Make an empty database and bucket of this name; return what the kit's settings read.

        DATABASE_POOLER is left at its strictest, which works without a pooler as well.
        """
        return {
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": self.postgres.create_database(name),
            "MEDIA_S3_ACCESS_KEY_ID": s3.ACCESS_KEY,
            "MEDIA_S3_BUCKET": self.s3.create_bucket(name),
            "MEDIA_S3_ENDPOINT_URL": self.s3.url,
            "MEDIA_S3_SECRET_ACCESS_KEY": s3.SECRET_KEY,
            "REDIS_URL": self.valkey.url(),
        }
