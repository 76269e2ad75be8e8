"""Who in a project says a name: its code, function by function, and its other files."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.summary import EXPORTED, Summary
from django_scaleready.checks.reaching.texts import Texts

# What imports a file by a name that is put together.
_IMPORTERS = ("importlib", "pkgutil", "django.utils.module_loading.")
_IMPORT = frozenset({"importlib", "importlib.import_module"})
_IMPORTING = frozenset({"import_module", ".import_module"})
_TAKEN_APART = frozenset({".rpartition", ".rsplit"})


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
        self._texts = Texts(code, root)
        self._unheard: Unheard = {}

    def without(self, unheard: Unheard) -> Sayers:
        """Return the same, with a reason in the place of each that says a word for nothing."""
        found = copy.copy(self)
        found._unheard = unheard
        return found

    def _heard(self, word: str, keys: Sequence[Key]) -> list[Key]:
        reasons = (self._unheard.get(key, {}).get(word) for key in keys)
        return [(key[0], why) if why else key for key, why in zip(keys, reasons, strict=True)]

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
        found = self._marked.get(word, ())
        return self._heard(word, found) if self._unheard else found

    def _bare(self, name: str, paths: Iterable[str]) -> list[Key]:
        """Return the places in some files that say a name by itself."""
        found = [
            (path, place)
            for path in sorted(paths)
            for place, words in self._code.by_path[path].said.items()
            if name in words and name in words.split()
        ]
        return self._heard(name, found)

    def of(self, source: Summary, name: str) -> Iterator[Key]:
        """Yield the places that name a function or a class that stands at the top of a file."""
        yield from self._saying(f":{name}")
        importers = self._importers(name, source)
        handing = self._handing_on(name, importers)
        # Of a module, of a file that hands the name on from there, or of what a text imports.
        having = {source.path, *handing}
        near = having.union(*(self._code.importers.get(path, ()) for path in having))
        yield from (key for key in self._composing(name) if key[0] in near)
        loaded = source.path not in self._code.importers
        near |= self.importing_by_name
        yield from (key for key in self._saying(f".{name}") if loaded or key[0] in near)
        bare = self._bare(name, {source.path, *importers})
        yield from bare
        # Who imports it and never says it may hand it on; then those say it who take it there.
        yield from ((p, "") for p in importers - handing - {path for path, _ in bare})

    def _handing_on(self, name: str, importers: Set[str]) -> set[str]:
        """Return the files from which others import a name that these have from elsewhere."""
        origins = (dotted.rpartition(".")[0] for dotted in self._imports.get(name, ()))
        modules = filter(None, map(self._code.by_module.get, origins))
        found = {path for path in importers if path.endswith("__init__.py")}
        return found | {module.path for module in modules if module.path in importers}

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
        packages = [p for p in self._importers(name, source) if p.endswith("__init__.py")]
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

    def _importers(self, name: str, source: Summary) -> set[str]:
        """Return the files that import a name of another file, as that one or through a package."""
        found = set()
        for dotted in self._imports.get(name, ()):
            located = self._code.locate(dotted)
            # Of several files that a name may mean, each is meant.
            may_be = f".{source.module}.{name}".endswith(f".{dotted}") if not located else False
            if may_be or (located is not None and located[0] is source):
                found.update(self._code.importing[dotted])
        # A module that hands all of itself on hands on what it has from elsewhere, too.
        pending = {source.path, *found}
        while pending:
            pending = set().union(*(self._stars.get(path, ()) for path in pending)) - found
            found |= pending
        return found

    @cached_property
    def importing_by_name(self) -> frozenset[str]:
        """The files that may import any module, by a name that they put together."""
        return frozenset(
            path
            for dotted, paths in self._code.importing.items()
            if dotted.startswith(_IMPORTERS)
            for path in paths
        )

    @cached_property
    def composing_names(self) -> frozenset[str]:
        """Those of them that may put together the name of any file in a folder.

        Who takes a name apart has been given all of it: ``path.rsplit(".", 1)``.
        """
        return frozenset(filter(self._composes, self.importing_by_name))

    def _composes(self, path: str) -> bool:
        source = self._code.by_path[path]
        if any(name.startswith(_IMPORTERS) and name not in _IMPORT for name in source.imported):
            return True
        said = (frozenset(words.split()) for words in source.said.values())
        return any(
            words.isdisjoint(_TAKEN_APART) for words in said if not words.isdisjoint(_IMPORTING)
        )

    @cached_property
    def _stars(self) -> dict[str, set[str]]:
        """The files that import all of a module of the project, by the path of the module."""
        found: dict[str, set[str]] = {}
        for dotted in self._imports.get("*", ()):
            module = self._code.by_module.get(dotted[:-2])
            if module is not None:
                found.setdefault(module.path, set()).update(self._code.importing[dotted])
        return found

    @cached_property
    def _imports(self) -> dict[str, list[str]]:
        """What is imported, by the last part of its name."""
        found: dict[str, list[str]] = {}
        for dotted in self._code.importing:
            found.setdefault(dotted.rpartition(".")[2], []).append(dotted)
        return found
