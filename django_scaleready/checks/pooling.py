"""What a connection may not ask for behind a pooler in transaction mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django_scaleready.checks.live import Database

# The kit's name for the way past the pooler.
DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an alias, what to do, and the keys of its entry that say it."""

    message: str
    hint: str
    keys: tuple[str, ...]


def faults(database: Database) -> Iterator[Fault]:
    """Yield what breaks behind the pooler."""
    options = database.options
    if not database.config.get("DISABLE_SERVER_SIDE_CURSORS"):
        yield Fault(
            "uses server-side cursors: behind a transaction pooler every .iterator() fails.",
            "Set DISABLE_SERVER_SIDE_CURSORS = True.",
            ("DISABLE_SERVER_SIDE_CURSORS",),
        )
    if options.get("options"):
        yield Fault(
            'sends startup parameters in OPTIONS["options"]: PgBouncer refuses the connection.',
            "Give them to the role: ALTER ROLE app SET statement_timeout = ...",
            ("OPTIONS", "options"),
        )
    if options.get("server_side_binding") and options.get("prepare_threshold") is not None:
        yield Fault(
            "prepares statements on connections that change under it.",
            'Set OPTIONS["prepare_threshold"] = None.',
            ("OPTIONS", "prepare_threshold"),
        )
    if options.get("assume_role"):
        yield Fault(
            "assumes a role, which stays on the server connection for the next client.",
            "Connect as that role.",
            ("OPTIONS", "assume_role"),
        )
