from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test.utils import override_settings

from django_scaleready.conf import Conf
from django_scaleready.probe_paths import Probe
from django_scaleready.probes import catalogue, check, groups
from django_scaleready.probes.checks import broker
from django_scaleready.probes.checks.files import Disk
from django_scaleready.probes.members import CheckWarning, Group

TWO = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    "replica": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    "direct": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}


def declared(monkeypatch: pytest.MonkeyPatch, probe: str, value: Any) -> Group:
    # Not override_settings: the app refuses what is wrong before groups does.
    monkeypatch.setattr(Conf, "declared", {"PROBES": {probe: value}})
    return groups.group(Probe(probe))


def refused(monkeypatch: pytest.MonkeyPatch, value: Any, probe: str = "readiness") -> str:
    with pytest.raises(ImproperlyConfigured) as error:
        declared(monkeypatch, probe, value)
    return str(error.value)


def weights(group: Group) -> dict[str, str]:
    return {member.component: member.impact.value for member in group.members}


@pytest.fixture
def own() -> Any:
    before = dict(catalogue._own)
    yield
    catalogue._own.clear()
    catalogue._own.update(before)


def test_what_holds_undeclared() -> None:
    assert weights(groups.group(Probe.READINESS)) == {"database": "critical", "cache": "degraded"}
    assert set(weights(groups.group(Probe.STARTUP)).items()) >= {
        ("settings", "critical"),
        ("database", "critical"),
        ("cache", "critical"),
        ("cache:sessions", "critical"),
        ("migrations", "critical"),
    }
    health = weights(groups.group(Probe.HEALTH))
    assert health.pop("database") == "critical"
    assert set(health.values()) == {"degraded"}
    assert {"cache", "cache:sessions", "clock", "disk", "migrations"} <= health.keys()


def test_startup_asks_every_declared_service_but_the_way_past_the_pooler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(groups, "connections", TWO)
    monkeypatch.setattr(catalogue, "connections", TWO)
    monkeypatch.setattr(broker, "declared", lambda: True)
    names = weights(groups.group(Probe.STARTUP)).keys()
    assert {"database", "database:replica", "broker"} <= names
    assert "database:direct" not in names


def test_a_list_takes_each_check_as_it_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    group = declared(monkeypatch, "health", ["disk", "database", "cache:sessions"])
    assert weights(group) == {
        "database": "critical",
        "cache:sessions": "critical",
        "disk": "degraded",
    }


def test_a_group_has_two_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"cache": "degraded", "disk": "critical", "clock": "degraded", "database": "critical"}
    group = declared(monkeypatch, "readiness", value)
    halves = [group.part(critical=critical).members for critical in (True, False)]
    assert [[m.component for m in half] for half in halves] == [
        ["disk", "database"],
        ["cache", "clock"],
    ]


def test_an_empty_group_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert declared(monkeypatch, "startup", []).members == ()


def test_options_reach_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {
        "scratch": {"CHECK": "disk", "OPTIONS": {"path": "/", "megabytes": 5}, "SHARED": True},
    }
    (member,) = declared(monkeypatch, "health", value).members
    assert (member.component, member.shared) == ("scratch", True)
    assert isinstance(member.check, Disk)
    assert (member.check.path, member.check.megabytes) == ("/", 5)


def test_what_all_replicas_ask_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["database", "cache", "broker", "storage", "disk", "migrations", "settings"]
    members = declared(monkeypatch, "health", names).members
    assert {m.component for m in members if m.shared} == {"database", "cache", "broker", "storage"}


def test_a_function_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    group = declared(monkeypatch, "health", {"support.probe_checks.fail": "degraded"})
    with pytest.raises(ConnectionRefusedError):
        group.members[0].check()


@pytest.mark.usefixtures("own")
def test_a_declared_check_is_listed_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    @check("payments", impact="degraded", shared=True)
    def payments(limit: int = 1) -> None:
        asked.append(limit)

    group = declared(monkeypatch, "readiness", {"payments": {"OPTIONS": {"limit": 3}}})
    (member,) = group.members
    assert (member.impact, member.shared) == ("degraded", True)
    member.check()
    payments()  # the decorator leaves the function as it is
    assert asked == [3, 1]
    assert weights(groups.group(Probe.READINESS))["payments"] == "degraded"


@pytest.mark.usefixtures("own")
def test_a_declared_check_is_part_of_health() -> None:
    @check("payments")
    def payments() -> None:
        """All is well."""

    assert "payments" in weights(groups.group(Probe.HEALTH))
    assert "payments" not in weights(groups.group(Probe.READINESS))


@pytest.mark.usefixtures("own")
def test_an_async_check_has_a_loop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    @check("later")
    async def later() -> None:
        raise CheckWarning("slowly")

    (member,) = declared(monkeypatch, "health", ["later"]).members
    with pytest.raises(CheckWarning, match="slowly"):
        member.check()


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("name", "impact", "says"),
    [
        ("database", "critical", "built in"),
        ("a.b", "critical", "no dot"),
        ("a:b", "critical", "no colon"),
        ("", "critical", "no dot"),
        ("payments", "fatal", "critical, degraded"),
    ],
)
def test_a_bad_declaration_is_refused(name: str, impact: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        check(name, impact=impact)(lambda: None)


@pytest.mark.usefixtures("own")
def test_a_name_is_given_once() -> None:
    check("payments")(lambda: None)
    with pytest.raises(ImproperlyConfigured, match="taken"):
        check("payments")(lambda: None)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (["databse"], ["unknown check 'databse'", "Did you mean 'database'?", "cache:sessions"]),
        (["cache:session"], ["Did you mean 'cache:sessions'?"]),
        ([5], ["unknown check 5"]),
        ({"database": "fatal"}, ["'fatal'", "critical, degraded"]),
        ({"database": "degrade"}, ["Did you mean 'degraded'?"]),
        ({"database": {"OPTION": {}}}, ["'OPTION'", "Did you mean 'OPTIONS'?"]),
        ({"disk": {"OPTIONS": {"gigabytes": 1}}}, ["disk", "gigabytes"]),
        ({"disk": {"OPTIONS": 5}}, ["disk", "OPTIONS 5"]),
        ({"disk": {"OPTIONS": {"megabytes": "5"}}}, ["megabytes: got '5', accepts a number from"]),
        ({"disk": {"OPTIONS": {"inodes": -1}}}, ["inodes: got -1"]),
        ({"disk": {"OPTIONS": {"path": None}}}, ["path: got None", "the path of a folder"]),
        ({"clock": {"OPTIONS": {"seconds": True}}}, ["seconds: got True"]),
        ({"disk": {"SHARED": "yes"}}, ["'yes'", "True or False"]),
        ({"disk": {"IMPACT": ["critical"]}}, ["['critical']", "critical, degraded"]),
        (["support.probe_checks.absent"], ["support.probe_checks.absent"]),
        (["support.nowhere.check"], ["support.nowhere"]),
        (["support.probe_checks.threading"], ["no function"]),
        (["support.probe_checks.Gate"], ["without run()"]),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(
    monkeypatch: pytest.MonkeyPatch, value: Any, says: list[str]
) -> None:
    message = refused(monkeypatch, value)
    assert "SCALEREADY['PROBES']['readiness']" in message
    for words in says:
        assert words in message


@override_settings(SCALEREADY={"PROBES": {"health": ["databse"]}})
def test_a_bad_group_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="Did you mean 'database'"):
        apps.get_app_config("scaleready").ready()
