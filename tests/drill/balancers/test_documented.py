"""The balancers of a drill are those of the documentation, with other addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from django_scaleready import manifests
from django_scaleready.budget import Ladder
from django_scaleready.drill.balancers import BALANCERS, balancer
from django_scaleready.drill.balancers.haproxy import backend
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "load-balancer.md"
LADDER = Ladder.derive({})


def documented(language: str) -> str:
    """The page's one example in a language."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(block)


def test_the_page_shows_what_a_drill_runs() -> None:
    servers = {"web1": "10.0.0.11:8000", "web2": "10.0.0.12:8000"}
    assert backend(LADDER, "/readyz", servers) == documented("haproxy")
    assert manifests.nginx(LADDER) == documented("nginx")


def test_a_project_without_readiness_is_asked_for_a_connection() -> None:
    text = backend(LADDER, "", {"a": "127.0.0.1:1"})
    assert "httpchk" not in text
    assert "http-check" not in text
    assert "default-server check inter 1s fall 2 rise 2" in text
    assert text.endswith("    server a 127.0.0.1:1\n")


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with Supervisor() as supervisor, pytest.raises(DrillError, match=r"apache.*haproxy, nginx"):
        balancer(supervisor, [], "apache")
    assert set(BALANCERS) == {"haproxy", "nginx", "own", "kubernetes"}
