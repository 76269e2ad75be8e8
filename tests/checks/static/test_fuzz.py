"""Whatever settings there are, reading them ends."""

from __future__ import annotations

import ast
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from support.programs import PROGRAMS, written

from django_scaleready.checks.static.reader.modules import Reader

SECONDS = 5.0
# The strategies are long to write down, and hypothesis would.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
def test_programs(body: list[ast.stmt]) -> None:
    content = written(body)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "settings.py")
        path.write_bytes(b"import os\nfrom pathlib import Path\n" + content)
        began = time.monotonic()
        Reader(lambda _name, _path: None).read(path)
        assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "X = 'a'\n" + "X = X * 9\n" * 200,
        "X = ['a']\n" + "X = X + X\n" * 200,
        "X = 9\n" + "X = X * X\n" * 60,
        "def f():\n  return [f(), f(), f()]\nX = f()",
        "X = [[n for n in range(200)] for m in range(200)]",
        "X = []\n" + "".join(f"{' ' * n}for a{n} in (1, 2, 3):\n" for n in range(15))
        + " " * 15 + "X.append(1)",
        "return 1",
        "X = " + "(" * 80 + "1" + ")" * 80,
    ],
)  # fmt: skip
def test_what_grows(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.py"
    path.write_text(text)
    began = time.monotonic()
    Reader(lambda _name, _path: None).read(path)
    assert time.monotonic() - began < SECONDS
