"""What is read out of INFO. The servers themselves are asked in tests/live."""

from __future__ import annotations

from typing import Any

import pytest

from django_scaleready.checks.services.redis import RedisFacts, ask


class Client:
    """Answers as a server of some kind does."""

    def __init__(self, info: dict[str, Any], save: str = "") -> None:
        self._info = info
        self._save = save

    def info(self) -> dict[str, Any]:
        return self._info

    def config_get(self, name: str) -> dict[str, str]:
        return {name: self._save}


REDIS = {"run_id": "a", "redis_version": "7.0.15", "maxmemory_policy": "noeviction"}
VALKEY = {**REDIS, "server_name": "valkey", "valkey_version": "9.1.2"}


@pytest.mark.parametrize(("info", "product"), [(REDIS, "Redis 7.0.15"), (VALKEY, "Valkey 9.1.2")])
def test_a_product_is_called_by_its_name(info: dict[str, Any], product: str) -> None:
    assert ask(Client(info)).product == product  # type: ignore[arg-type]  # stands for one


def test_a_managed_service_may_say_little() -> None:
    facts = ask(Client({"run_id": "a"}))  # type: ignore[arg-type]  # the same
    assert (facts.evicts_anything, facts.forgets) == (False, True)


def test_a_cluster_is_no_server() -> None:
    nodes = {"10.0.0.1:6379": REDIS, "10.0.0.2:6379": REDIS}
    with pytest.raises(TypeError, match="several servers"):
        ask(Client(nodes))  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("snapshots", [True, None])
def test_only_what_is_certain_is_forgotten(snapshots: bool | None) -> None:
    assert not RedisFacts("a", "Redis", snapshots=snapshots).forgets
    assert RedisFacts("a", "Redis", snapshots=False).forgets
    assert not RedisFacts("a", "Redis", append=True, snapshots=False).forgets
