"""Who in a project says a name: its code, function by function, and its other files."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.running.by_hand import is_loaded
from django_scaleready.checks.code.summary import EXPORTED, Summary
from django_scaleready.checks.reaching.importing import Importing
from django_scaleready.checks.reaching.texts import Texts

# By word: the places that say it. Thousands are asked for of a large project.
_Said = Mapping[str, Sequence[Key]]
# What some places say for nothing: why, by the word.
Unheard = Mapping[Key, Mapping[str, str]]


def is_site(code: Codebase) -> bool:
    """Whether this is all of a project, and not a part that others import."""
    return any(path.rpartition("/")[2] == "manage.py" for path in code.listed)


def taken_from(code: Codebase) -> frozenset[str]:
    """Return the files that another one imports a name from, or of which it mentions one.

    A script says nothing of who else looks a name up there.
    """
    scripts = {source.path for source in code if source.is_script}
    modules = (
        code.by_module.get(dotted.rpartition(".")[0])
        for dotted, paths in code.importing.items()
        if dotted not in code.by_module and not scripts.issuperset(paths)
    )
    taken = {module.path for module in modules if module}
    return frozenset(
        source.path
        for source in code
        if source.path in taken or any(map(code.is_mentioned, (*source.functions, *source.classes)))
    )


def is_within(key: Key, source: Summary, place: str) -> bool:
    """Whether a place is in another one, which it cannot lead to by itself."""
    return key[0] == source.path and f"{key[1]}.".startswith(f"{place}.")


class Sayers:
    """The names that a project's code and its other files say."""

    def __init__(self, code: Codebase, root: Path) -> None:
        """Take the code, and the folder it lies in."""
        self._code = code
        self._root = root
        self.importing = Importing(code)
        self._texts = Texts(code, root)
        # By word, why some places say it for nothing.
        self._unheard: Mapping[str, Mapping[Key, str]] = {}

    def without(self, unheard: Unheard) -> Sayers:
        """Return the same, with a reason in the place of each that says a word for nothing."""
        found = copy.copy(self)
        by_word: defaultdict[str, dict[Key, str]] = defaultdict(dict)
        for key, words in unheard.items():
            for word, why in words.items():
                by_word[word][key] = why
        found._unheard = dict(by_word)
        return found

    def _heard(self, word: str, keys: Sequence[Key]) -> Sequence[Key]:
        reasons = self._unheard.get(word)
        if not reasons:
            return keys
        return [(key[0], reasons[key]) if key in reasons else key for key in keys]

    @cached_property
    def _marked(self) -> _Said:
        """What is said after a dot, or in a text."""
        found: defaultdict[str, list[Key]] = defaultdict(list)
        whole = self._code.once(is_site)
        for source in self._code:
            for place, words in source.said.items():
                if place == EXPORTED and whole:
                    # Who imports it from there lies here, too, and says it.
                    continue
                key = (source.path, place)
                # The names that stand by themselves come first, and are the most.
                begins = [at for at in (words.find(" ."), words.find(" :")) if at >= 0]
                for word in words[min(begins) :].split() if begins else ():
                    if word[0] in ".:":
                        found[word].append(key)
        return found

    @cached_property
    def _asking(self) -> _Said:
        """The texts that are said where something is asked for by a name."""
        found: dict[str, list[Key]] = {}
        for source in self._code:
            for place, words in source.said.items():
                # Most say nothing like it.
                if "getattr" in words and "getattr" in (said := words.split()):
                    for word in said:
                        if word[0] == ":":
                            found.setdefault(word, []).append((source.path, place))
        return found

    def _saying(self, word: str) -> Sequence[Key]:
        """Return the places that say a word after a dot, or in a text."""
        return self._heard(word, self._marked.get(word, ()))

    def of(self, source: Summary, name: str) -> Iterator[Key]:
        """Yield the places that name a function or a class that stands at the top of a file."""
        importing = self.importing.of(source, name)
        near = importing.near | self.importing.by_name
        left = self.is_left(source)
        if left:
            near = {*near, *self.importing.perhaps(source)}
            own, dotted = self._dotted_names(source, name), self._dotted.get(name, {})
        for key in self._saying(f":{name}"):
            # What stands at the top of a file is not run if nothing loads it.
            said = key[0] in near and key != (source.path, "")
            if not left or said or not own.isdisjoint(dotted.get(key, ())):
                yield key
        yield from (key for key in self._composing(name) if key[0] in importing.near)
        loaded = not left and source.path not in self._code.importers
        yield from (key for key in self._saying(f".{name}") if loaded or key[0] in near)
        yield from self._heard(name, importing.bare)
        # Who imports it and never says it may hand it on; then those say it who take it there.
        yield from ((path, "") for path in importing.silent)

    def is_left(self, source: Summary) -> bool:
        """Whether nothing of a site imports a file, and nothing loads one by such a name."""
        if is_loaded(self._code, source) or not self._code.once(is_site):
            return False
        return not any(self._saying(f":{'.'.join(source.module.split('.')[-2:])}"))

    def is_function_in_texts(self, source: Summary, name: str) -> bool:
        """Whether a file that is no Python says a function, by its file if nothing imports that."""
        if not self.is_in_texts(name):
            return False
        if not self.is_left(source):
            return True
        last = _last(source)
        return any(self._texts.hold(f"{last}{mark}{name}") for mark in ".:")

    def is_loaded_by_name(self, source: Summary, name: str) -> bool:
        """Whether what imports files by names says one's, with nothing else before it in a text.

        ``f"shop.feeds.{kind}.client"`` is none of the other folders' clients.
        """
        saying = {path for path, _ in self.of_method(name)} & self.importing.by_name
        said = re.compile(rb"[\"']([\w.]*)[^\"'\s]*\b%b[\"']" % name.encode())
        for path in saying:
            befores = said.findall(files.content(self._root, path))
            if not befores or any(_begins(source.module, each.decode()) for each in befores):
                return True
        return False

    def of_class(self, source: Summary, name: str) -> Iterator[Key]:
        """Yield the places that name a class, and by no text the one of another file."""
        own, dotted = self._dotted_names(source, name), self._dotted.get(name, {})
        for key in self.of(source, name):
            if key not in dotted or not own.isdisjoint(dotted[key]) or self._says(key, name):
                yield key

    def is_class_in_texts(self, source: Summary, name: str) -> bool:
        """Whether a file that is no Python says a class, by its file if others have the name."""
        if not self.is_in_texts(name):
            return False
        own = self._dotted_names(source, name)
        said = {word for words in self._dotted.get(name, {}).values() for word in words}
        return said <= own or any(self._texts.hold(word[1:]) for word in own)

    def in_texts(self, source: Summary) -> Iterator[Key]:
        """Yield the places that say what stands at the top of a file, with its name, in a text."""
        for name in (*source.functions, *source.classes):
            if said := self._dotted.get(name):
                own = self._dotted_names(source, name)
                yield from (key for key, words in said.items() if not own.isdisjoint(words))

    def _dotted_names(self, source: Summary, name: str) -> set[str]:
        """Return the ends of the dotted names of a class, as they stand in texts."""
        packages = [p for p in self.importing.of(source, name).files if p.endswith("__init__.py")]
        modules = {self._code.by_path[path].module for path in (source.path, *packages)}
        return {f":{module.rpartition('.')[2]}.{name}" for module in modules}

    def _says(self, key: Key, name: str) -> bool:
        """Whether a place says a name otherwise than in a text."""
        return not {name, f".{name}"}.isdisjoint(self._code.by_path[key[0]].said[key[1]].split())

    @cached_property
    def _dotted(self) -> Mapping[str, Mapping[Key, Sequence[str]]]:
        """What dotted names the texts of places say, by their last part."""
        found: dict[str, dict[Key, list[str]]] = {}
        for word, keys in self._marked.items():
            if word[0] == ":" and "." in word:
                for key in keys:
                    by_key = found.setdefault(word.rpartition(".")[2], {})
                    by_key.setdefault(key, []).append(word)
        return found

    def of_task(self, source: Summary, name: str, given: str) -> Iterator[Key]:
        """Yield the places that name a task, by its function or by the name it was given."""
        yield from self.of(source, name)
        if given and given != name:
            yield from self._saying(f":{given}")

    def of_method(self, name: str) -> Iterator[Key]:
        """Yield the places that say a name after a dot, in a text, or put it together."""
        yield from self._saying(f".{name}")
        yield from self._saying(f":{name}")
        yield from self._composing(name)

    def in_code_texts(self, name: str) -> Iterator[Key]:
        """Yield the places that say a name in a text, or put it together."""
        yield from self._saying(f":{name}")
        yield from self._composing(name)

    def after_dot(self, name: str) -> Iterator[Key]:
        """Yield the places that say a name after a dot, or ask something for it."""
        yield from self._saying(f".{name}")
        yield from self._asking.get(f":{name}", ())
        yield from self._composing(name)

    def _composing(self, name: str) -> Iterator[Key]:
        """Yield the places that may put a name together: ``getattr(self, f"sync_{kind}")``."""
        cuts = [at for at, letter in enumerate(name) if letter == "_" and 1 < at < len(name) - 2]
        for part in (f":{part}" for at in cuts for part in (name[: at + 1], name[at:])):
            yield from self._heard(part, self._asking.get(part, ()))

    def is_in_texts(self, name: str) -> bool:
        """Whether a file that is no Python says a name."""
        return self._texts.say(name)

    def is_in_data(self, name: str, dotted: str) -> bool:
        """Whether a file that is no Python names a module, as one or by its path."""
        held = self._texts.hold
        return self.is_in_texts(name) and (held(dotted) or held(dotted.replace(".", "/")))

    def is_in_templates(self, library: str) -> bool:
        """Whether a template loads a library of tags."""
        return self._texts.load(library)


def _last(source: Summary) -> str:
    return source.module.rpartition(".")[2]


def _begins(module: str, before: str) -> bool:
    """Whether a module may be named by a text that begins so, or is all of it."""
    around = before.rpartition(".")[0]
    return f".{around}." in f".{module}." if around else True
