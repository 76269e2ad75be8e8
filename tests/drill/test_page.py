"""The page stands alone, says the verdict first, and tells in words what it draws."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.synthetic import RATE, report, sample

from django_scaleready.drill import programs
from django_scaleready.drill.recording import Recording
from django_scaleready.drill.reports import page
from django_scaleready.drill.reports.timeline import timeline

VOID = {"meta", "path", "br", "link", "img"}


class Structure(HTMLParser):
    """Ids, links and texts; AssertionError where a tag is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = [(name, value or "") for name, value in attrs]
        self.attributes += given
        self.ids += [value for name, value in given if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data.strip())


@pytest.fixture(scope="module")
def html() -> str:
    return page.render(report())


@pytest.fixture(scope="module")
def structure(html: str) -> Structure:
    return Structure(html)


def test_the_verdict_comes_first(structure: Structure) -> None:
    assert "2 of 4 promises did not hold" in structure.texts["h1"]
    assert structure.texts["title"][0].startswith("2 of 4 promises did not hold")


def test_a_drill_that_held_says_so() -> None:
    assert "All 4 promises held" in Structure(page.render(report(broken=False))).texts["h1"]


def test_it_needs_nothing_else(html: str, structure: Structure) -> None:
    assert not {"src", "srcset"} & {name for name, _ in structure.attributes}
    assert not re.search(r"https?://|url\(|@import|<script|<link", html)


def test_every_link_leads_somewhere(structure: Structure) -> None:
    assert len(structure.ids) == len(set(structure.ids))
    named = {"href", "aria-labelledby", "aria-describedby"}
    for name, value in structure.attributes:
        if name in named:
            assert value.removeprefix("#") in structure.ids


def test_what_it_draws_stands_in_its_tables(structure: Structure) -> None:
    assert "2 Rolling restart" in structure.texts["th"]
    assert "draining" in structure.texts["td"]


def test_what_to_change_names_the_rule(structure: Structure) -> None:
    assert "scaleready.E004 session-local" in structure.texts["code"]


def test_what_a_project_says_is_text() -> None:
    html = page.render(replace(report(), project="<script>alert(1)</script>"))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_every_request_is_drawn_once() -> None:
    drawn = timeline(report(broken=False))
    # The last second is not a whole one.
    assert drawn.answered.count("M") == 74
    assert drawn.failed == ""
    assert drawn.excused.count("M") == 4
    assert drawn.rates[-1].label == "50"
    assert RATE < 50


def test_one_failure_among_many_is_seen() -> None:
    drill = report(broken=False)
    samples = [*drill.recording.samples, *(sample(2 + n / 2000) for n in range(1000))]
    lonely = sample(20.5, "reset")
    recording = Recording([*samples, lonely], drill.recording.states)
    drawn = timeline(replace(drill, recording=recording))
    height = re.fullmatch(r"M[\d.]+ ([\d.]+)h.*", drawn.failed)
    assert height is not None
    assert float(height[1]) <= 94


def test_a_burst_does_not_press_the_others_to_the_ground() -> None:
    drill = report(broken=False)
    before = timeline(drill)
    burst = [sample(40 + number / 10_000, "503") for number in range(5_000)]
    recording = replace(drill.recording, samples=[*drill.recording.samples, *burst])
    drawn = timeline(replace(drill, recording=recording))
    # Three times the usual rate at most, and no bar leaves the lane.
    usual, shown = (int(line.rates[-1].label.replace(",", "")) for line in (before, drawn))
    assert usual <= shown <= 5 * usual
    bars = re.findall(r"M[\d.]+ (-?[\d.]+)h", drawn.failed + drawn.answered)
    assert min(float(top) for top in bars) == 0.0


def test_a_long_drill_has_no_more_bars_than_a_screen_has_pixels() -> None:
    drill = report(broken=False)
    samples = [sample(at) for at in range(2000)]
    drawn = timeline(replace(drill, recording=Recording(samples)))
    assert drawn.answered.count("M") <= 300
    assert drawn.seconds[-1].label == "30:00"


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.needs("chromium")
def test_a_browser_shows_it_without_scrolling_sideways(
    html: str, tmp_path: Path, width: int
) -> None:
    # The window of a headless browser is never narrower than 500; a frame is.
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        f"""<iframe id="f" src="page.html" style="width:{width}px;height:800px;border:0"></iframe>
        <p id="said"></p><script>onload = () => {{
          const page = document.getElementById("f").contentDocument;
          const plot = page.querySelector(".rate svg").getBoundingClientRect();
          document.getElementById("said").textContent = [page.documentElement.scrollWidth,
            Math.round(plot.width), Math.round(plot.height), page.querySelector("h1").textContent]
        }}</script>"""
    )
    done = subprocess.run(
        [programs.require("chromium"), "--headless", "--no-sandbox", "--disable-gpu",
         f"--user-data-dir={tmp_path}/profile", "--allow-file-access-from-files",
         "--virtual-time-budget=5000", "--dump-dom", f"file://{tmp_path}/frame.html"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    said = re.search(r'<p id="said">(\d+),(\d+),(\d+),(.*)</p>', done.stdout)
    assert said is not None, done.stdout
    assert int(said[1]) <= width
    assert int(said[2]) > width * 0.6
    assert int(said[3]) > 60
    assert "2 of 4 promises did not hold" in said[4]
