"""What a Redis or Valkey server says about what it keeps, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """One server.

    ``policy`` is its maxmemory-policy, ``limited`` whether there is a maxmemory at all; ``append``
    (AOF) and ``snapshots`` (RDB) say how it survives a restart, ``snapshots`` None if it does not
    let on; ``copies`` counts the replicas that follow it.
    """

    run_id: str
    product: str
    policy: str = "noeviction"
    limited: bool = False
    append: bool = False
    snapshots: bool | None = None
    copies: int = 0

    @property
    def evicts_anything(self) -> bool:
        """Whether a full memory makes it throw out keys that have no expiry."""
        return self.limited and self.policy.startswith("allkeys-")

    @property
    def evicts_what_expires(self) -> bool:
        """Whether a full memory makes it throw out keys before they expire."""
        return self.limited and self.policy.startswith(("allkeys-", "volatile-"))

    @property
    def forgets(self) -> bool:
        """Whether a restart empties it, for certain."""
        return not self.append and self.snapshots is False


def ask(client: Redis) -> RedisFacts:
    """Ask INFO and CONFIG GET; raises what the client raises."""
    info: Mapping[str, Any] = client.info()
    if "run_id" not in info:
        raise TypeError("a client of several servers; each answers for itself alone")
    product = "Valkey" if info.get("server_name") == "valkey" else "Redis"
    version = info.get("valkey_version") or info.get("redis_version", "")
    return RedisFacts(
        run_id=str(info["run_id"]),
        product=f"{product} {version}",
        policy=str(info.get("maxmemory_policy", "")),
        limited=int(info.get("maxmemory", 0)) > 0,
        append=bool(info.get("aof_enabled")),
        snapshots=_snapshots(client),
        copies=int(info.get("connected_slaves", 0)),
    )


def _snapshots(client: Redis) -> bool | None:
    from redis.exceptions import ResponseError  # who asks has the client

    try:
        answer: Mapping[Any, Any] = client.config_get("save")
    except ResponseError:  # a managed service renames CONFIG, or forbids it
        return None
    return any(bool(value) for value in answer.values())
