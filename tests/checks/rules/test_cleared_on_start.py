"""cleared-on-start: what a replica empties before it serves."""

from __future__ import annotations

import pytest
from support.deploy_files import WEB, Make, found, places, script

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.rules.cleared_on_start import RULE


@pytest.mark.parametrize(
    "line",
    [
        "python manage.py clear_cache",
        "./manage.py clear_cache --cache=default",
        "python manage.py rebuild_index --noinput",
        "python manage.py search_index --rebuild -f",
        "redis-cli -h redis FLUSHALL",
    ],
)
def test_finds(make_project: Make, line: str) -> None:
    (finding,) = found(make_project, RULE, script(line, f"exec {WEB}"))
    assert places([finding]) == ["start.sh:2"]
    assert finding.severity is Severity.WARNING
    assert finding.confidence is Confidence.HIGH


def test_what_only_may_run_is_less_certain(make_project: Make) -> None:
    files = script('if [ "$KEEP" != 1 ]; then', "./manage.py clear_cache", "fi", f"exec {WEB}")
    files["start.sh"] = files["start.sh"].replace("$KEEP", "$(cat keep)")
    (finding,) = found(make_project, RULE, files)
    assert finding.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    "files",
    [
        script("python manage.py clear_cache --key menu", f"exec {WEB}"),
        script("python manage.py clear_cache --cache=pages", f"exec {WEB}"),
        script("python manage.py update_index", f"exec {WEB}"),
        script("python manage.py search_index --populate", f"exec {WEB}"),
        script("redis-cli -h redis ping", f"exec {WEB}"),
        script('if [ "$1" = clear ]; then ./manage.py clear_cache; fi', f"exec {WEB}"),
        script("python manage.py clear_cache"),
        {"Procfile": f"release: python manage.py clear_cache\nweb: {WEB}\n"},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
