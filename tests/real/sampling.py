"""Which files of a project a person reads to learn what the check does not see."""

from __future__ import annotations

import random
import re
from pathlib import Path

from real.download import Source

SIZE = 30
# Bytes: a file below it is an empty __init__.py, a constant or two, an entry in a menu.
LEAST = 1000
# What one replica runs, and not what is read for another reason.
LEFT_OUT = {
    "docs",
    "examples",
    "locale",
    "migrations",
    "node_modules",
    "static",
    "test",
    "testing",
    "tests",
}
DEPLOYED = re.compile(
    r".*\.(py|sh|ini|conf|service|socket|container)$|(.*\.)?Dockerfile(\..*)?$|Procfile"
    r"|(.*-)?entrypoint|(docker-)?compose.*\.ya?ml$",
    re.IGNORECASE,
)


def sampled(source: Source, root: Path) -> list[str]:
    """Return the paths of the sample, relative to the project's folder; always the same."""
    every = sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if DEPLOYED.fullmatch(path.name)
        and path.is_file()
        and path.stat().st_size >= LEAST
        and not LEFT_OUT & {*path.relative_to(root).parts[:-1]}
        and not re.match(r"(test_|tests|conftest|setup\.py)", path.name)
    )
    # No secret: the same sample on every machine.
    return sorted(random.Random(str(source)).sample(every, min(SIZE, len(every))))
