"""A state of the replica for one test: it is one for the whole process otherwise."""

from __future__ import annotations

import pytest

from django_scaleready import lifecycle
from django_scaleready.replica_state import ReplicaState, replica


@pytest.fixture
def fresh_state(monkeypatch: pytest.MonkeyPatch) -> ReplicaState:
    """The process's own state as it is at the start; what the test changes is gone after it."""
    monkeypatch.setattr(replica, "_memory", ReplicaState()._memory)
    monkeypatch.setattr(lifecycle, "_noticed", lifecycle._Noticed())
    return replica
