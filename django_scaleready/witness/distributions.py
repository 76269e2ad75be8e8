"""Which installed distribution a file belongs to."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def distribution(path: str) -> str:
    """Return name and version for a path below site-packages; the package's own name without any.

    ``path`` is as ``frames`` shows it: "spotipy/cache_handler.py".
    """
    top = path.partition("/")[0].removesuffix(".py")
    names = _by_package().get(top, [])
    if len(names) > 1:
        # A namespace that several share, as google: the one that brought the file.
        names = [name for name in names if _has(name, path)] or names
    return f"{names[0]} {metadata.version(names[0])}" if names else top


def _has(name: str, path: str) -> bool:
    return any(str(file) == path for file in metadata.files(name) or ())


@cache
def _by_package() -> dict[str, list[str]]:
    # It reads the list of files of every distribution, so once, and for the first finding only.
    return {top: sorted(set(names)) for top, names in metadata.packages_distributions().items()}
