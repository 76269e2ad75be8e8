"""PostgreSQL and Valkey for a table, and what the measured site is told about them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from bench.subjects import OURS, SITES, Subject
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor, bare_environment


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
        services._migrate()
        return services

    def _migrate(self) -> None:
        # A replica of ours that finds a migration unapplied never becomes ready.
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
            env={**bare_environment(), **self.site(OURS)},
            check=True,
        )

    def site(self, subject: Subject) -> Mapping[str, str]:
        """The environment of ``sites/probed_site.py``."""
        return {
            "BENCH_SUBJECT": subject.name,
            "BENCH_POSTGRES_PORT": str(self.postgres.port),
            "BENCH_POSTGRES_USER": USER,
            "BENCH_REDIS_URL": self.valkey.url(),
            "DJANGO_SETTINGS_MODULE": "probed_site",
            "PYTHONPATH": str(SITES),
            **dict(subject.variables),
        }
