"""Programs that end, and one that does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from django_scaleready.drill.finished import finished
from django_scaleready.drill.waiting import DrillError


def test_what_it_said_and_how_it_ended(tmp_path: Path) -> None:
    program = "import os, sys; print(os.getcwd(), os.environ['A']); sys.exit(3)"
    done = finished([sys.executable, "-c", program], tmp_path, {"A": "b"}, seconds=30, what="it")
    assert (done.returncode, done.stdout) == (3, f"{tmp_path} b\n")


def test_one_that_does_not_end_leaves_its_last_words(tmp_path: Path) -> None:
    program = "import sys, time; print('GET /hangs/', file=sys.stderr, flush=True); time.sleep(60)"
    with pytest.raises(DrillError) as raised:
        finished([sys.executable, "-c", program], tmp_path, {}, seconds=2, what="The search")
    assert str(raised.value) == ("The search had not ended after 2 s. Its last lines:\nGET /hangs/")
