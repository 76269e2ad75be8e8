"""What a script hands to the programs that it starts: the variables that it exports."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from django_scaleready.checks.deployment.process import Process

_NAME = re.compile(r"\$(\w+)")


def exporting(process: Process, exports: Mapping[str, str | None]) -> Process:
    """Return a process as what one of its scripts starts sees it.

    A variable that only one way through the script sets is taken to be unset.
    """
    before = process.environment
    own = {name: v for name, v in exports.items() if v is not None or name in before}
    if own.items() <= before.items():
        return process
    return replace(process, environment={**before, **own})


def filled(words: Iterable[str], environment: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the words of a program with the variables that are known; a value may be several."""
    return tuple(part for word in words for part in _parts(word, environment))


def placed(words: Iterable[str], folder: str, script: Callable[[str], object]) -> tuple[str, ...]:
    """Return words in which a script that lies where a program works has its whole path."""

    def path(word: str) -> str:
        whole = posixpath.normpath(posixpath.join(folder, word))
        return whole if word.startswith("./") and whole[0] == "/" and script(whole) else word

    return tuple(map(path, words))


def _parts(word: str, environment: Mapping[str, str | None]) -> Iterator[str]:
    def value(found: re.Match[str]) -> str:
        return environment.get(found[1]) or found[0]

    made = _NAME.sub(value, word)
    yield from made.split() if made != word and " " not in word else (made,)
