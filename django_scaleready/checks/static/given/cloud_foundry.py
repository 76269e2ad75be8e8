"""The variables that manifests of Cloud Foundry give to the repository's own apps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django_scaleready.checks.deployment.formats.yaml_text import loaded

MANIFEST: Final = re.compile(r"(^|/)manifest[^/]*\.ya?ml$")
_PRODUCTION = re.compile(r"(^|[-_.])(prod\w*|live)([-_.]|$)")
_DEVELOPMENT = re.compile(r"(^|[-_.])(ci|demo|dev\w*|local|sandbox|stag\w*|tests?)([-_.]|$)")
# The app lies where its manifest does.
_HERE = frozenset({"", ".", "./"})


def variables(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the variables that all apps have whose code is here, with each of their values.

    Where one manifest is for production the others do not count, nor do those for development.
    """
    names = [name for name in texts if _PRODUCTION.search(_stem(name))]
    names = names or [name for name in texts if not _DEVELOPMENT.search(_stem(name))]
    given = [env for name in names for env in _environments(texts[name])]
    for name in set.intersection(*map(set, given)) if given else ():
        yield from ((name, env[name]) for env in given)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0].lower()


def _environments(text: str) -> Iterator[dict[str, str]]:
    """Yield what each app is given whose code is here; nothing of another file of that name."""
    if "applications:" not in text:
        return
    try:
        held = loaded(text)
    except ValueError:
        return
    for app in _listed(held, "applications"):
        if isinstance(app, dict) and "docker" not in app and str(app.get("path", "")) in _HERE:
            env = app.get("env")
            pairs = env.items() if isinstance(env, dict) else ()
            yield {str(name): str(value) for name, value in pairs}


def _listed(held: Any, key: str) -> list[Any]:
    found = held.get(key) if isinstance(held, dict) else None
    return found if isinstance(found, list) else []
