"""Evaluate one settings fragment in an environment that holds nothing but what is given."""

from __future__ import annotations

import importlib.util
import os
import runpy
from typing import Any

import pytest

KEPT = ("PATH", "HOME", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")


def only(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Leave only ``variables`` in the environment."""
    for name in list(os.environ):
        if name not in KEPT:
            monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def evaluate(name: str, monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    """Return what the star of a fragment would export, evaluated afresh."""
    only(monkeypatch, **{"SCALEREADY_ROLE": "web", **variables})
    spec = importlib.util.find_spec(f"django_scaleready.settings.{name}")
    assert spec is not None
    assert spec.origin is not None
    namespace = runpy.run_path(spec.origin)
    return {setting: namespace[setting] for setting in namespace["__all__"]}
