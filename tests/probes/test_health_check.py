"""Check classes of django-health-check, listed by dotted path."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable, ServiceWarning

from django_scaleready.conf import Conf
from django_scaleready.probe_paths import Probe
from django_scaleready.probes import groups
from django_scaleready.probes.members import Impact
from django_scaleready.probes.results import Result, Status
from django_scaleready.probes.runner import examine


@dataclasses.dataclass
class Fuel(HealthCheck):
    """Fails as it is told to."""

    level: float = 1.0

    def run(self) -> None:
        if self.level <= 0:
            raise ServiceUnavailable("tank db.internal is empty")
        if self.level < 0.2:
            raise ServiceWarning(f"{self.level:.0%} left")


@dataclasses.dataclass
class Later(Fuel):
    """The same, as a coroutine."""

    async def run(self) -> None:  # type: ignore[override]  # either will do, says the library
        super().run()


def result(monkeypatch: pytest.MonkeyPatch, path: str, **options: Any) -> Result:
    value = {"fuel": {"CHECK": path, "OPTIONS": options}}
    monkeypatch.setattr(Conf, "declared", {"PROBES": {"health": value}})
    (member,) = groups.group(Probe.HEALTH).members
    assert member.impact is Impact.CRITICAL
    return examine(member, 5.0)


@pytest.mark.parametrize("name", ["Fuel", "Later"])
@pytest.mark.parametrize(
    ("level", "status", "detail"),
    [
        (1.0, Status.PASS, ""),
        (0.1, Status.WARN, "Warning: 10% left"),
        # Its messages may name hosts, whatever its documentation asks of them.
        (0.0, Status.FAIL, "ServiceUnavailable"),
    ],
)
def test_run_decides(
    monkeypatch: pytest.MonkeyPatch, name: str, level: float, status: Status, detail: str
) -> None:
    found = result(monkeypatch, f"{__name__}.{name}", level=level)
    assert (found.status, found.detail) == (status, detail)


def test_the_reason_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    found = result(monkeypatch, f"{__name__}.Fuel", level=0)
    assert found.reason == "ServiceUnavailable: Unavailable: tank db.internal is empty"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("health_check.checks.Database", {"alias": "default"}),
        ("health_check.checks.Cache", {"alias": "sessions"}),
        ("health_check.checks.Cache", {}),
        ("health_check.checks.Storage", {}),
    ],
)
def test_the_library_s_own(
    monkeypatch: pytest.MonkeyPatch, path: str, options: dict[str, Any], tmp_path: Any
) -> None:
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", str(tmp_path))
    assert result(monkeypatch, path, **options).status is Status.PASS


def test_an_option_that_it_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="litres"):
        result(monkeypatch, f"{__name__}.Fuel", litres=3)
