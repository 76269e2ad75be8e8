"""Finding the project's own Python files, and reading them within bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Not the project's code, or not what a replica runs.
SKIPPED_FOLDERS = frozenset(
    [
        *("migrations", "docs", "examples", "static", "build", "dist", "env", "venv"),
        *("e2e", "test", "test_utils", "testing", "tests", "testutils"),
        *("site-packages", "__pycache__", "node_modules", "bower_components"),
        *("_vendor", "extern", "third_party", "vendor", "vendored"),
    ]
)
# rtd_tests, db_migrations.
SKIPPED_ENDS = ("_tests", "_migrations")
# Hand-written files end well below; what is larger was generated, and is data rather than code.
MAX_BYTES = 2_000_000


def python_files(root: Path) -> list[Path]:
    """Return the project's own Python files, in the order of their paths; links are not followed.

    A link may lead out of the project, or in a circle.
    """
    return sorted(Path(entry.path) for entry in entries(root) if _is_own(entry.name))


def entries(root: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the files below a folder that may be the project's, of any kind."""
    pending = [str(root)]
    while pending:
        try:
            with os.scandir(pending.pop()) as found:
                listed = list(found)
        except OSError:
            # A folder nobody may read holds nothing that a replica runs as this user.
            continue
        for entry in listed:
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if not _is_skipped(entry):
                    pending.append(entry.path)
            elif entry.is_file():
                yield entry


def _is_own(name: str) -> bool:
    return name.endswith(".py") and not is_test(name)


def is_test(name: str) -> bool:
    """Whether a file of that name holds tests."""
    return (
        name.startswith(("test_", "tests_"))
        or name in {"test.py", "tests.py", "conftest.py"}
        or name.endswith(("_test.py", "_tests.py"))
    )


def _is_skipped(folder: os.DirEntry[str]) -> bool:
    return (
        folder.name in SKIPPED_FOLDERS
        or folder.name.endswith(SKIPPED_ENDS)
        or folder.name.startswith(".")
        or os.path.exists(os.path.join(folder.path, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - once a folder
    )


def read(path: Path) -> bytes:
    """Return a file's bytes; OSError if it cannot be read, ValueError if it is too large."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES:,} bytes, so it was taken for generated")
    return content
