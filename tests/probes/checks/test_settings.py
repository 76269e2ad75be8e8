from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.conf import settings
from django.test.utils import override_settings

from django_scaleready.checks.registry import RULES
from django_scaleready.probes.checks import settings as module
from django_scaleready.probes.checks.settings import Settings
from django_scaleready.probes.members import CheckFailedError


def refused() -> str:
    with pytest.raises(CheckFailedError) as error:
        Settings()()
    return str(error.value)


def test_errors_are_named_with_the_way_out() -> None:
    # The test settings: SQLite, and a cache in memory.
    message = refused()
    assert "scaleready.E001" in message
    assert "scaleready.E002" in message
    assert '"startup" without "settings"' in message
    assert "check --deploy-scale" in message


def test_warnings_and_the_source_are_not_its_business() -> None:
    assert "scaleready.W" not in refused()


def test_what_is_silenced_is_silent() -> None:
    # Without its module the settings would be those of the working directory, whatever lies there.
    named = {"SETTINGS_MODULE": settings.SETTINGS_MODULE}
    with override_settings(SILENCED_SYSTEM_CHECKS=["scaleready.E001"], **named):
        message = refused()
    assert "scaleready.E001" not in message
    assert "scaleready.E002" in message
    with override_settings(SILENCED_SYSTEM_CHECKS=[rule.code for rule in RULES]):
        Settings()()


@override_settings(DEBUG=True)
def test_it_is_not_in_the_way_in_development() -> None:
    Settings()()


@pytest.mark.parametrize("verdict", ["", "scaleready.E001 and the way out"])
def test_it_looks_once(monkeypatch: pytest.MonkeyPatch, verdict: str) -> None:
    looked = []

    def look() -> str:
        looked.append(1)
        return verdict

    monkeypatch.setattr(module, "_verdict", look)
    check = Settings()
    fails = pytest.raises(CheckFailedError, match=verdict or "^$")
    for _ in range(3):
        with fails if verdict else nullcontext():
            check()
    assert len(looked) == 1


def test_it_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process of its own for a probe")

    monkeypatch.setattr("subprocess.Popen.__init__", refuse)
    refused()
