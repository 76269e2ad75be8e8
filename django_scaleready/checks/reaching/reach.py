"""Whether a replica ever comes to a place of the code.

Asked backwards, by names: who says the name of this function, and does a replica come there? What
Django, Celery and the servers load by themselves are the ends that count: an app's views, what
a decorator registers (see ``registered``), a class that derives from one of a package. A command
that an operator runs is none, and so nothing is that only such commands name, but a task that they
send. Two things of one name are taken for one, so what is said not to be reached is not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Set
from functools import cache, cached_property

from django_scaleready.checks.code.codebase import UNSAID, Codebase, Key
from django_scaleready.checks.code.families import PYTHON, bases, family
from django_scaleready.checks.code.running.by_hand import is_by_hand, only_by_hand
from django_scaleready.checks.code.running.worker_tasks import leading
from django_scaleready.checks.code.summary import DEVELOPED, LATER, MAIN, Function, Moment, Summary
from django_scaleready.checks.reaching.loaded import is_loaded
from django_scaleready.checks.reaching.of_models import CALLED, is_of_models
from django_scaleready.checks.reaching.registered import Registered, is_view, telling
from django_scaleready.checks.reaching.sayers import Sayers, is_site, is_within, taken_from
from django_scaleready.checks.reaching.unloaded import LOOKED_UP

# Classes that their framework finds without being told.
_FOUND = re.compile(r"(Model|Admin|Config|Index|Plugin|Page|Snippet|Migration|Extension)$")
# Classes that somebody has to name.
_NAMED = re.compile(r"(Storage|Form|View|ViewSet|Serializer|Permission|Renderer|Parser|Widget)$")
# Places that are looked at for one answer; whoever is so widely named is reached.
MOST = 400
# Of what is taken to be reached, as there are too many places to look at.
NOWHERE: Key = ("", "")


class Reach:
    """Whether a replica comes to places of one project.

    Of what looks like an operator's program, ``running`` are the paths that the deployment runs.
    """

    def __init__(self, code: Codebase, sayers: Sayers, running: Set[str], dead: Set[str]) -> None:
        """Take the code, who says what in it, and the files that are run and that nothing loads."""
        self._code = code
        self._sayers = sayers
        self._registered = Registered(code, self._sayers)
        self._running = running
        self._dead = dead
        self._reached: dict[Key, bool] = {}
        # By which others a replica comes to a place, and those of what is asked right now.
        self.because: dict[Key, list[Key]] = {}
        self._found: list[Key] = []
        self._left = 0

    def comes(self, path: str, place: str) -> bool:
        """Whether a replica comes to a function, or to the top of a file for ""."""
        key = (path, place)
        if key not in self._reached:
            self._left = MOST
            self._reached[key] = self._comes(path, place, set())
        return self._reached[key]

    def sayers(self, source: Summary, name: str) -> Iterator[Key]:
        """Yield the places that name a function or a class that stands at the top of a file."""
        return self._sayers.of(source, name)

    def _comes(self, path: str, place: str, asked: set[Key]) -> bool:
        """Answer for a place, if none of those that are ``asked`` right now helps."""
        key = (path, place)
        if self._reached.get(key) is True or self._left <= 0:
            self._found.append(key if key in self.because else NOWHERE)
            return True
        if key in asked:
            return False
        self._left -= 1
        asked.add(key)
        before, self._found = self._found, []
        found = self._is_reached(self._code.by_path[path], place, asked)
        asked.discard(key)
        if found:
            # What is not may be so for the sake of what is asked right now.
            self._reached[key] = True
            self.because[key] = self._found
            before.append(key)
        self._found = before
        return found

    def _is_reached(self, source: Summary, place: str, asked: set[Key]) -> bool:
        key = (source.path, place)
        started = source.path in self._running and (place == MAIN or self._is_no_part(source))
        if started or place in {DEVELOPED, MAIN} or source.path in self._dead:
            return started and place != DEVELOPED
        if not place or place == LATER:
            return self._is_loaded(source.path) and not self._is_by_hand(source, place)
        if self._is_by_hand(source, place):
            # A task may take what it needs from a command, and call that.
            return any(self._comes(*by, asked) for by in leading(self._code, self._sayers, key))
        if place in source.classes:
            return self._class(source, place, asked)
        owner, name = _owned(source, place)
        if owner:
            return self._class(source, owner, asked) and self._method(source, owner, name, asked)
        return self._function(source, name, asked)

    def _is_no_part(self, source: Summary) -> bool:
        """Whether no program that is deployed imports a file."""
        return self._running.isdisjoint(self._code.importers.get(source.path, ()))

    def _is_by_hand(self, source: Summary, place: str) -> bool:
        """Whether a place is of a program that only an operator runs."""
        return source.path not in self._running and is_by_hand(self._code, source.path, place)

    def _unsaid(self, source: Summary) -> Set[Moment]:
        """Return the moments of a function that leave open whether a replica comes there.

        In a program that is deployed that it is one says no more than in any other file.
        """
        return UNSAID | {Moment.COMMAND} if source.path in self._running else UNSAID

    def _is_loaded(self, path: str) -> bool:
        """Whether something else than an operator's program imports a file, as far as one knows."""
        return path not in self._unloaded

    @cached_property
    def _unloaded(self) -> frozenset[str]:
        left = {*self._code.once(only_by_hand)} - self._running
        loaded: set[str] = {*self._running}
        while loaded:
            loaded = {p for p in left if not loaded.isdisjoint(self._code.importers.get(p, ()))}
            left -= loaded
        return frozenset(left)

    def _function(self, source: Summary, name: str, asked: set[Key]) -> bool:
        own = source.functions.get(name)
        registered = own is not None and self._registered.tells_of(source, name, own)
        unsaid = self._unsaid(source) | (frozenset() if registered else {Moment.TASK})
        if own is None or own.moment not in unsaid:
            return _is_replicas(own)
        if registered:
            if self._registered.is_in_library(source, own):
                return True
            return self._is_loaded(source.path) and self._may_be_loaded(source)
        named = [*self._sayers.of_task(source, name, own.registered)]
        sayers = [key for key in named if not is_within(key, source, name)]
        if any(self._comes(*key, asked) for key in sayers):
            return True
        # A job that sends itself anew is no hook: somebody starts it in a shell.
        hook = not (named if self._code.once(is_site) else sayers) and self._is_looked_up(source)
        names = set() if is_view(own) else {name, own.registered} - {""}
        return hook or any(self._sayers.is_function_in_texts(source, each) for each in names)

    def _is_looked_up(self, source: Summary, *, alone: bool = True) -> bool:
        """Whether what nobody names may be a part of more than lies here.

        ``alone`` is whether it is enough for it that somebody names its file.
        """
        file = source.path.rpartition("/")[2]
        if LOOKED_UP.search(file):
            return True
        if not self._is_no_part(source):
            return False
        if not (is_loaded(self._code, source) and self._is_loaded(source.path)):
            return not self._code.once(is_site) or (alone and self._is_named(source))
        return source.path not in self._code.once(taken_from)

    def _may_be_loaded(self, source: Summary) -> bool:
        """Whether something may import a file, be it as one of all that lie in a folder."""
        if is_loaded(self._code, source) or self._is_named(source) or not self._code.once(is_site):
            return True
        return any(source.path.startswith(f"{folder}/") for folder in self._loaders)

    def _is_named(self, source: Summary) -> bool:
        """Whether anything says the name of a file."""
        name = source.path.rpartition("/")[2].removesuffix(".py")
        if name in self._loaded_names:
            # That is said of the other one, unless it is said where files are imported by name.
            return self._sayers.is_loaded_by_name(source, name)
        return any(self._sayers.of_method(name)) or self._sayers.is_in_texts(name)

    @cached_property
    def _loaded_names(self) -> frozenset[str]:
        """The names of the files and packages that something loads."""
        loaded = (s for s in self._code if is_loaded(self._code, s) and self._is_loaded(s.path))
        return frozenset(source.module.rpartition(".")[2] for source in loaded)

    @cached_property
    def _loaders(self) -> frozenset[str]:
        """The folders of the files that may import others by names which they put together."""
        return frozenset(path.rpartition("/")[0] for path in self._sayers.importing.composing)

    def _class(self, source: Summary, name: str, asked: set[Key]) -> bool:
        decorators = telling(source.classes[name].decorators)
        dotted = f"{source.module}.{name}"
        outside = bases(self._code, dotted) - PYTHON
        if any(map(_FOUND.search, outside)):
            return True
        if any(self._registers(source, one, asked) for one in decorators):
            return True
        last = name.rpartition(".")[2]
        said = False
        for key in self._sayers.of_class(source, last):
            if not is_within(key, source, name):
                said = True
                if self._comes(*key, asked):
                    return True
        in_texts = self._sayers.is_class_in_texts(source, last)
        if said or decorators or in_texts:
            return in_texts
        named = any(map(_NAMED.search, outside))
        # What is mixed into a view is not what finds it.
        framed = any(_may_be_found(b) for b in outside if not (named and b.endswith("Mixin")))
        if framed or self._is_looked_up(source, alone=not named):
            return True
        return self._may_be_loaded(source) and self._is_one_of(dotted, asked)

    def _registers(self, source: Summary, decorator: str, asked: set[Key]) -> bool:
        """Whether a replica comes to what a decorator puts a class into.

        A function of a package may put it anywhere. One of the project's keeps it under a name, and
        what else says that name in its file reads there.
        """
        if not self._is_loaded(source.path):
            return False
        names = (decorator, f"{source.module}.{decorator}")
        found = next(filter(None, map(self._code.function, names)), None)
        if found is None:
            return True
        keeper, name, _ = found
        kept = {word for word in keeper.said.get(name, "").split() if word[0] not in ".:"}
        readers = (
            place
            for place, words in keeper.said.items()
            if place
            and not kept.isdisjoint(words.split())
            and not is_within((keeper.path, place), keeper, name)
        )
        return any(self._comes(keeper.path, place, asked) for place in readers)

    def _is_one_of(self, dotted: str, asked: set[Key]) -> bool:
        """Whether a class is of a family, of which a setting may name any."""
        _, *family = self._code.ancestors(dotted)
        located = (self._code.locate(name) for name in family)
        return any(self._comes(one[0].path, one[1], asked) for one in located if one)

    def _method(self, source: Summary, owner: str, name: str, asked: set[Key]) -> bool:
        if name.startswith("__"):
            return True
        place = f"{owner}.{name}"
        own = source.functions.get(place)
        if own is None or own.moment not in self._unsaid(source):
            return _is_replicas(own)
        if own.decorated:
            return True
        outside = family(self._code, f"{source.module}.{owner}") - PYTHON
        if not all(map(is_of_models, outside)) or (outside and name in CALLED):
            return True
        said = False
        # Of a name like get there are thousands, of which the first does mostly.
        for key in self._sayers.of_method(name):
            if not is_within(key, source, place):
                said = True
                if self._comes(*key, asked):
                    return True
        return (not said and self._is_looked_up(source)) or self._sayers.is_in_texts(name)


def _is_replicas(function: Function | None) -> bool:
    """Whether a replica runs a function that says when it runs, or of which nothing is known."""
    return function is None or function.moment is not Moment.COMMAND


@cache
def _may_be_found(base: str) -> bool:
    """Whether a class of a package may be one that is found without being named."""
    return base.partition(".")[0] not in sys.stdlib_module_names and not _NAMED.search(base)


def _owned(source: Summary, place: str) -> tuple[str, str]:
    """Return the class around a function, "" for none, and the outermost function in it."""
    owner, parts = "", place.split(".")
    while parts and f"{owner}.{parts[0]}".lstrip(".") in source.classes:
        owner = f"{owner}.{parts.pop(0)}".lstrip(".")
    return owner, parts[0] if parts else ""
