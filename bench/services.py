"""PostgreSQL and Valkey for a table, and what the measured site is told about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from bench.subjects import SITES
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor


@dataclass(frozen=True)
class Services:
    """Both, answering; they end with the supervisor."""

    supervisor: Supervisor
    postgres: Postgres
    valkey: Valkey

    @classmethod
    def start(cls, supervisor: Supervisor) -> Self:
        """Start one of each."""
        services = cls(supervisor, Postgres(supervisor), Valkey(supervisor))
        services.postgres.start()
        services.valkey.start()
        return services

    def site(self, subject: str) -> Mapping[str, str]:
        """The environment of ``sites/probed_site.py``."""
        return {
            "BENCH_SUBJECT": subject,
            "BENCH_POSTGRES_PORT": str(self.postgres.port),
            "BENCH_POSTGRES_USER": USER,
            "BENCH_REDIS_URL": self.valkey.url(),
            "DJANGO_SETTINGS_MODULE": "probed_site",
            "PYTHONPATH": str(SITES),
        }
