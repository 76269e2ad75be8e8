"""Virtual environments of other people's releases, made once and kept in ``bench/.cache``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

CACHE = Path(__file__).resolve().parent / ".cache"

# The same for everybody: a difference is then the package's own.
COMMON = (
    "django",
    "gunicorn",
    "gevent",
    "packaging",  # gunicorn's gevent worker imports it, and gunicorn does not bring it
    "psycopg",
    "psycopg-binary",
    "django-redis",
    "redis",
)


def common() -> list[str]:
    """The pinned requirements that every environment shares with this one."""
    return [f"{name}=={version(name)}" for name in COMMON]


def environment(name: str, requirements: Sequence[str]) -> Path:
    """Return the Python of an environment with these requirements; make it if it is not there.

    Raises subprocess.CalledProcessError, with pip's own words on stderr, if it cannot be made.
    """
    wanted = "\n".join([sys.version, *requirements])
    folder = CACHE / f"{name}-{sha256(wanted.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    complete = folder / ".complete"
    if not complete.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             *requirements],
            check=True,
        )  # fmt: skip
        complete.touch()
    return python
