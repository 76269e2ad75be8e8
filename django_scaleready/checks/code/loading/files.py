"""Finding the project's own Python files, and reading them within bounds."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from pathlib import Path

# Not the project's code, or not what a replica runs.
SKIPPED_FOLDERS = frozenset(
    [
        *("migrations", "doc", "docs", "examples", "static", "build", "dist", "env", "venv"),
        *("e2e", "test", "test-helpers", "test-utils", "test_helpers", "test_support"),
        *("test_utils", "testhelpers", "testing", "tests", "tests_common", "testutils"),
        *("site-packages", "__pycache__", "node_modules", "bower_components"),
        *("_vendor", "extern", "third-party", "third_party", "thirdparty", "vendor", "vendored"),
    ]
)
# rtd_tests, db_migrations.
SKIPPED_ENDS = ("_migrations", "-test", "-tests", "_test", "_tests")
# An app may well be called so; apps.py tells.
MAY_BE_APPS = frozenset({"build", "doc", "docs", "env", "examples", "static"})
# How a file looks: its size, when it was written and when anything of it changed (nanoseconds), and
# its number on the file system. Who copies an old file over it, with its times, changes the third.
Stamp = tuple[int, int, int, int]
# A file written twice within the clock of its file system looks the same; FAT counts two seconds.
CLOCK = 2 * 10**9
# Hand-written files end well below; what is larger was generated, and is data rather than code.
MAX_BYTES = 2_000_000


def python_files(root: Path) -> list[str]:
    """Return the project's own Python files, as sorted paths below its root, with ``/``.

    Links are not followed: one may lead out of the project, or in a circle.
    """
    return own(listed(root))


def own(paths: list[str]) -> list[str]:
    """Return those of a project's files that are its own Python, and those that may be."""
    named = ((path, path.rpartition("/")[2]) for path in paths if path.endswith(".py"))
    return [path for path, name in named if may_be_code(name) or not is_test(name)]


def may_be_code(name: str) -> bool:
    """Whether a file of that name holds tests, or views of what is called a test: tests_lab.py."""
    return name.startswith("tests_") and not name.endswith(("_test.py", "_tests.py"))


def listed(root: Path) -> list[str]:
    """Return the files of any kind that may be the project's, as sorted paths below its root."""
    return sorted(_files(str(root)))


def _files(top: str) -> Iterator[str]:
    # Texts and no Path: one for each file took a tenth of a run.
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(f"{top}/{folder}") as found:
                entries = {entry.name: entry for entry in found}
        except OSError:
            # A folder nobody may read holds nothing that a replica runs as this user.
            continue
        if folder and ("pyvenv.cfg" in entries or _is_django(folder, entries)):
            continue
        for name, entry in entries.items():
            if entry.is_file(follow_symlinks=False):
                yield f"{folder}{name}"
            elif entry.is_dir(follow_symlinks=False) and (not _is_skipped(name) or _is_app(entry)):
                pending.append(f"{folder}{name}/")


def _is_django(folder: str, names: Container[str]) -> bool:
    """Whether a project brings a copy of Django in a folder of its own."""
    parts = ("contrib", "core", "template")
    return folder.endswith("/django/") and all(part in names for part in parts)


def is_test(name: str) -> bool:
    """Whether a file of that name holds tests."""
    return (
        name.startswith(("test_", "tests_"))
        or name in {"test.py", "tests.py", "conftest.py"}
        or name.endswith(("-test.py", "_test.py", "_tests.py"))
    )


def _is_skipped(folder: str) -> bool:
    return folder in SKIPPED_FOLDERS or folder.endswith(SKIPPED_ENDS) or folder.startswith(".")


def _is_app(folder: os.DirEntry[str]) -> bool:
    """Whether a folder that is mostly something else is an app of the project's."""
    return folder.name in MAY_BE_APPS and os.path.exists(f"{folder.path}/apps.py")  # noqa: PTH110 - as above


def read(root: Path, path: str) -> bytes:
    """Return a file's bytes; OSError if it cannot be read, ValueError if it is too large."""
    with open(f"{root}/{path}", "rb") as file:  # noqa: PTH123 - as above
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES:,} bytes, so it was taken for generated")
    return content


def content(root: Path, path: str) -> bytes:
    """Return a file's bytes; none of one that cannot be read, or is too large.

    For questions beside the reading itself, which says what is wrong with the file.
    """
    try:
        return read(root, path)
    except (OSError, ValueError):
        return b""


def stamp(root: Path, path: str) -> Stamp:
    """Return how a file looks; OSError if it cannot be asked."""
    found = os.lstat(f"{root}/{path}")
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def is_settled(stamp: Stamp, now: int) -> bool:
    """Whether a file that looks the same will be the same: it had not just been written then.

    ``now`` is the time it was looked at, in nanoseconds since the epoch.
    """
    return max(stamp[1], stamp[2]) < now - CLOCK
