"""The figures and fragments in the documentation are those of the ladder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from django_scaleready import manifests
from django_scaleready.budget import Ladder
from django_scaleready.figures import FIGURES, Figure

DOCS = Path(__file__).parents[1] / "docs"
LADDER = Ladder.derive({})
PATHS = {"liveness": "/livez", "readiness": "/readyz", "startup": "/startupz"}
PAGES = ("explanation/ladder.md", "how-to/kubernetes.md", "how-to/load-balancer.md")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.DOTALL | re.MULTILINE)


def declared(block: str) -> dict[str, float]:
    """The figures that the lines of a block declare, as variables or in SCALEREADY."""
    by_option = {figure.option: figure.name for figure in FIGURES}
    pairs = re.findall(r'^\s*SCALEREADY_(\w+)=(\d+)$|"(\w+)": (\d+)', block, re.MULTILINE)
    return {by_option[a or c]: int(b or d) for a, b, c, d in pairs}


@pytest.mark.parametrize(
    ("name", "language", "fragment"),
    [
        ("how-to/kubernetes.md", "yaml", manifests.kubernetes(LADDER, PATHS)),
        ("how-to/load-balancer.md", "haproxy", manifests.haproxy(LADDER, PATHS)),
        ("how-to/load-balancer.md", "nginx", manifests.nginx(LADDER)),
        ("how-to/pgbouncer.md", "sql", manifests.postgresql(LADDER)),
    ],
)
def test_a_page_shows_what_the_command_writes(name: str, language: str, fragment: str) -> None:
    assert fragment in "".join(blocks(name, language))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_the_tables_hold_each_figure(figure: Figure) -> None:
    value = getattr(LADDER, figure.name)
    shown = f"{value:g}" if figure.name == "probe_failures" else f"{value:g} s"
    rows = [line for line in page("explanation/ladder.md").splitlines() if line.startswith("| `")]
    (row,) = [row for row in rows if row.startswith(f"| `{figure.name}` ")]
    assert row.startswith(f"| `{figure.name}` | {shown} | ")
    assert row.endswith(f" | {LADDER.reasons[figure.name]} |")
    wins = f"; `{figure.variable}` wins" if figure.variable else ""
    expected = f"| `SCALEREADY_{figure.option}` | `{value:g}` | {figure.accepts}{wins} |"
    assert expected in page("reference/environment.md").splitlines()


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_declares_fits(name: str) -> None:
    examples = [found for block in blocks(name, "(?:python)?") if (found := declared(block))]
    for figures in examples:
        assert Ladder.derive(figures).problems() == []
    assert examples or name == "how-to/load-balancer.md"


def test_docker_gives_the_grace_period() -> None:
    (composed,) = blocks("how-to/docker.md", "yaml")
    services: dict[str, Any] = yaml.safe_load(composed)["services"]
    assert {service["stop_grace_period"] for service in services.values()} == {"30s"}
    assert LADDER.grace_period == 30
    # Docker's list form takes text alone.
    assert all(isinstance(word, str) for word in services["web"]["healthcheck"]["test"])
    health = services["web"]["healthcheck"]
    assert health["interval"] == f"{manifests.LIVENESS_INTERVAL}s"
    assert health["retries"] == manifests.LIVENESS_FAILURES


def test_numbers_in_the_text_are_the_ladders() -> None:
    words = " ".join(page("how-to/load-balancer.md").split())
    assert f"`drain` seconds ({LADDER.drain:g})" in words
    assert f"at most {LADDER.detection:g} s" in words
    words = " ".join(page("how-to/kubernetes.md").split())
    assert f"`worker_shutdown` ({LADDER.worker_shutdown:g} s)" in words
    assert f"Its idle time-out is {LADDER.balancer_idle_timeout:g} s" in words


def test_the_commands_on_the_pages_exist() -> None:
    assert "scaleready" in get_commands()
    from django_scaleready.management.subcommands.ladder import FRAGMENTS

    told = set(re.findall(r"scaleready ladder --(\w+)", "".join(map(page, PAGES))))
    assert told <= set(FRAGMENTS)
