"""What of the things seen the project silences."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings
from support.seen import seen

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Kind
from django_scaleready.witness.judging import RULES, found, is_silenced


def silenced(folder: Path, comment: str, kind: Kind = Kind.FILE) -> bool:
    (folder / "views.py").write_text(f"import ledger\nledger.Client().sign_in()  {comment}\n")
    return is_silenced(found(seen(kind, place=Location("views.py", 2))), folder)


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("# scaleready: ignore[witnessed-file] one replica by contract", Kind.FILE),
        ("# scaleready: ignore[token-file] one replica by contract", Kind.FILE),
        ("# scaleready: ignore[embedded-database] filled at start", Kind.SQLITE),
        ("# scaleready: ignore[host-command, file-write] as above", Kind.PROCESS),
    ],
)
def test_a_comment_about_it_or_what_the_source_shows_of_it(
    tmp_path: Path, comment: str, kind: Kind
) -> None:
    assert silenced(tmp_path, comment, kind)


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("", Kind.FILE),
        ("# scaleready: ignore[witnessed-file]", Kind.FILE),
        ("# scaleready: ignore one replica by contract", Kind.FILE),
        ("# scaleready: ignore[witnessed-file] one replica by contract", Kind.SQLITE),
        ("# scaleready: ignore[http-no-timeout] one replica by contract", Kind.FILE),
    ],
)
def test_no_reason_or_another_rule_silences_nothing(
    tmp_path: Path, comment: str, kind: Kind
) -> None:
    assert not silenced(tmp_path, comment, kind)


def test_a_place_in_a_package_is_nobody_s_to_comment(tmp_path: Path) -> None:
    assert not is_silenced(found(seen(Kind.FILE, place=Location("ledger/api.py", 3))), tmp_path)


def test_a_rule_is_silenced_by_its_id(tmp_path: Path) -> None:
    with override_settings(SILENCED_SYSTEM_CHECKS=["scaleready.E140"]):
        assert silenced(tmp_path, "")
        assert not silenced(tmp_path, "", Kind.SOCKET)


def test_every_kind_has_its_rule() -> None:
    assert set(RULES) == set(Kind)
