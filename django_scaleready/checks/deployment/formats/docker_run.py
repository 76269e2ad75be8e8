"""``docker run`` in a unit: the container that it starts, as far as the line says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.process import Process, Volume

_PROGRAMS = frozenset({"docker", "podman"})
_VOLUME = frozenset({"-v", "--volume"})
_VARIABLE = frozenset({"-e", "--env"})
_TAGGED = re.compile(r"^[a-z0-9][\w.-]*([:/][\w$.:/-]+)+$")
# Options without a value, beside single letters that stand together.
_ALONE = frozenset(
    [
        *("--rm", "--detach", "--init", "--interactive", "--tty", "--privileged", "--read-only"),
        *("--publish-all", "--no-healthcheck", "--oom-kill-disable", "--replace", "--quiet"),
        *("-d", "-i", "-t", "-P", "-q"),
    ]
)


def contained(process: Process, text: str) -> Process:
    """Return a process with the image, the volumes and the variables that it gives a container.

    ``text``: the file that the line stands in, which may go on below.
    """
    words = process.words
    if not words or PurePosixPath(words[0]).name not in _PROGRAMS or "run" not in words[1:3]:
        return process
    *options, (_, image) = _options(words[words.index("run") + 1 :])
    parts = [value.split(":") for name, value in options if name in _VOLUME]
    volumes = tuple(
        Volume(
            part[0],
            part[1],
            _place(process.location, text, part[1]),
            None,
            "ro" in ",".join(part[2:]).split(","),
        )
        for part in parts
        if len(part) > 1
    )
    given = (value.partition("=") for name, value in options if name in _VARIABLE)
    environment = {name: value for name, known, value in given if known}
    return replace(
        process,
        image=image,
        volumes=volumes,
        environment={**process.environment, **environment},
    )


def _place(start: Location, text: str, said: str) -> Location:
    for number, line in enumerate(text.splitlines()[start.line - 1 :], start.line):
        if said in line:
            return Location(start.path, number)
        if not line.endswith("\\"):
            break
    return start


def _options(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the options with their values, and at last the image, which has no name.

    What is filled in may be more options, if a name with a tag or a registry comes behind it.
    """
    rest = iter(words)
    filled = ""
    for word in rest:
        name, known, value = word.partition("=")
        if word.startswith("$") and not filled:
            filled = word
        if word.startswith("$"):
            continue
        if not word.startswith("-"):
            yield "", word if not filled or _TAGGED.search(word) else filled
            return
        if known:
            yield name, value
        elif word not in _ALONE and not _is_cluster(word):
            yield word, next(rest, "")
    yield "", filled or "$"


def _is_cluster(word: str) -> bool:
    return word[:2] != "--" and set(word[1:]) <= set("ditPq")
