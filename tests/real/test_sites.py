"""What readers said about whole sites: the figures of the documentation come from it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from real import sites
from real.sites import Leak, Site

READ = sites.sites()
ABOUT = {"repository": "somebody/shop", "commit": "0" * 40, "round": 1}
MODULE = "import requests\n\n\ndef index(request):\n    return requests.get('http://stock/')\n"
SETTINGS = "INSTALLED_APPS = []\nMIDDLEWARE = []\nROOT_URLCONF = 'shop.urls'\n"
URLS = (
    "from django.urls import path\nfrom shop.views import index\n\n"
    "urlpatterns = [path('', index)]\n"
)


@pytest.mark.parametrize("site", READ, ids=lambda site: site.name)
def test_each_finding_of_a_site_has_a_verdict_that_says_why(site: Site) -> None:
    assert site.verdicts
    assert len(site.commit) == 40
    for each in site.verdicts:
        assert each.verdict in {"right", "wrong", "debatable"}
        assert each.reason


def test_the_documentation_has_the_same_table() -> None:
    """It is written by ``python -m real sites > real/sites.md``, in ``tests/``."""
    assert sites.WRITTEN.read_text() == f"{sites.table(READ)}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Site:
    """A site with a call that has a verdict, and a leak at that call."""
    folder = tmp_path / "checkouts" / "shop" / "shop"
    folder.mkdir(parents=True)
    for name, text in (("views", MODULE), ("settings", SETTINGS), ("urls", URLS), ("__init__", "")):
        (folder / f"{name}.py").write_text(text)
    verdict = {"path": "shop/views.py", "line": 5, "rule": "http-no-timeout"}
    said = {**verdict, "severity": "warning", "verdict": "right", "reason": "It may hang."}
    place = {"group": "call", "kind": "http", "why": "It may hang.", "found": True}
    leaks = [
        {"path": "shop/models.py", "line": 1, **place, "alt": ["shop/views.py:4"]},
        {"path": "shop/views.py", "line": 9, **place, "group": "other", "found": False},
    ]
    (tmp_path / "shop.jsonl").write_text(f"{json.dumps(ABOUT)}\n{json.dumps(said)}\n")
    (tmp_path / "shop.leaks.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in leaks))
    [site] = sites.sites(tmp_path)
    return site


def test_a_checkout_is_scanned_and_compared(shop: Site, tmp_path: Path) -> None:
    lines = [line.split() for line in sites.today([shop], tmp_path / "checkouts")]
    assert lines[0] == ["site", "right", "wrong", "debatable", "new", "leaks", "found"]
    name, right, wrong, _, _, leaks, found = lines[1]
    assert (name, right, wrong, leaks, found) == ("shop", "1", "0", "2", "1")


def test_a_site_that_is_not_there_is_left_out(shop: Site, tmp_path: Path) -> None:
    assert len([*sites.today([shop], tmp_path)]) == 1


def test_a_leak_is_found_at_any_of_its_places_and_near(shop: Site) -> None:
    first, second = shop.leaks
    finding = {"path": "shop/views.py", "line": 5, "related": []}
    assert sites.sees([finding], first)
    assert not sites.sees([finding], second)
    assert sites.sees(
        [{**finding, "line": 1, "related": [{"path": "shop/views.py", "line": 7}]}], second
    )


def test_the_table_leaves_out_what_was_counted_before(shop: Site) -> None:
    known = replace(shop, before="A")
    assert sites.table([shop, known]) == sites.table([shop])


def test_the_table_counts_leaks_by_group(shop: Site) -> None:
    other = Leak("a.py", 1, "other", "http", "It may hang.", found=True)
    assert sites.found(shop.leaks) == (1, 2)
    assert sites.found([*shop.leaks, other]) == (2, 2)
    last = sites.table([shop]).splitlines()[-1]
    assert [cell.strip() for cell in last.split("|")[1:-1]] == [
        "1",
        "1",
        "1",
        "1",
        "1.00",
        "2",
        "1",
    ]
