"""What a ``.dockerignore`` keeps out of an image, as Docker's documentation has it."""

from __future__ import annotations

import pytest

from django_scaleready.checks.deployment.formats.dockerignore import leaves_out


@pytest.mark.parametrize(
    ("text", "path", "left"),
    [
        ("run.sh", "run.sh", True),
        ("/run.sh", "run.sh", True),
        ("./run.sh\n", "run.sh", True),
        ("scripts", "scripts/run.sh", True),
        ("scripts/", "scripts/run.sh", True),
        ("*", "scripts/run.sh", True),
        ("*.sh", "run.sh", True),
        ("*/run*", "scripts/run.sh", True),
        ("**/*.sh", "run.sh", True),
        ("**/*.sh", "a/b/run.sh", True),
        ("a/**/run.sh", "a/b/c/run.sh", True),
        ("run.s?", "run.sh", True),
        ("r[a-z]n.sh", "run.sh", True),
        ("*\n!deploy\nrun.sh", "run.sh", True),
        ("!run.sh\nrun.sh", "run.sh", True),
        ("run\\.sh", "run.sh", True),
        # What is not said, or taken back.
        ("", "run.sh", False),
        ("# run.sh", "run.sh", False),
        ("run.sh", "scripts/run.sh", False),
        ("*.sh", "scripts/run.sh", False),
        ("run", "run.sh", False),
        ("*\n!run.sh", "run.sh", False),
        ("*\n!scripts/", "scripts/run.sh", False),
        ("*\n!**/*.sh", "a/run.sh", False),
        ("r?.sh", "run.sh", False),
        ("r[^u]n.sh", "run.sh", False),
        ("[z-a]\n[", "run.sh", False),
        ("!", "run.sh", False),
        ("/", "run.sh", False),
    ],
)
def test_what_is_left_out(text: str, path: str, left: bool) -> None:
    assert leaves_out(text, path) is left
