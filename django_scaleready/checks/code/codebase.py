"""The summaries of all files, joined: what a dotted name means, and who calls whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from functools import cached_property

from django_scaleready.checks.code.definitions import Definitions
from django_scaleready.checks.code.loading.kept import Kept
from django_scaleready.checks.code.running import form_fields
from django_scaleready.checks.code.running.by_hand import is_by_hand
from django_scaleready.checks.code.running.worker_tasks import worker_tasks
from django_scaleready.checks.code.summary import Call, Fact, Function, Moment, Summary

# A function: the path of its file, and its qualified name.
Key = tuple[str, str]
# A call: path, calling function, line, whether it gives a timeout.
Caller = tuple[str, str, int, int]
# Of a call: it gives a timeout, or the one that its own function may have been given.
GIVEN, HANDED = 1, 2
# Of functions that others call; a task may call what stands in a command.
_CALLED = frozenset({Moment.COMMAND, Moment.REQUEST, Moment.SIGNAL})
# The method that sends a task.
SENT = "delay"
# Of code that does not say when it runs.
UNSAID = frozenset({Moment.IMPORT, Moment.REQUEST})


class Codebase(Definitions):
    """All the files of a project that a replica may run."""

    def __init__(
        self, summaries: Sequence[Summary], listed: Sequence[str] = (), kept: Kept | None = None
    ) -> None:
        """Take the summaries, in the order of their paths, and the paths of files of any kind.

        ``kept`` is what was made of others than Python in an earlier run.
        """
        super().__init__(summaries, listed, kept)
        self._calls: dict[str, dict[Key, list[Caller]]] = {}
        self._moments: dict[Key, frozenset[Moment]] = {}

    def calls_of(self, key: Key) -> Sequence[Caller]:
        """Return the calls of a function: path, calling function, line, whether with a timeout."""
        owner, _, last = key[1].rpartition(".")
        # Who makes an object of a class calls its __init__.
        names = [last, owner.rpartition(".")[2]] if last == "__init__" else [last]
        return [call for name in names for call in self._by_name(name).get(key, ())]

    def inherited_calls(self, key: Key, method: str) -> Iterator[Caller]:
        """Yield the calls of a method that a class, of this path and name, has of a library."""
        called = f"{key[1]}.{method}"
        for callee in self._callees.get(method, ()):
            found = self.locate(callee.rpartition(".")[0]) if callee.endswith(called) else None
            if found and (found[0].path, found[1]) == key:
                for path, name, call in self._called[callee]:
                    yield path, name, call.line, 0

    def sent_to(self, key: Key) -> list[Caller]:
        """Return where a task is sent with the arguments of a call: ``task.delay(url)``."""
        found = []
        for callee in self._callees.get(SENT, ()):
            name = callee.removesuffix(f".{SENT}")
            target = self.function(name) if name.endswith(key[1]) else None
            if target and (target[0].path, target[1]) == key:
                for path, place, call in self._called[callee]:
                    found.append((path, place, call.line, timeout(call, target[2])))
        return sorted(found, key=lambda call: (call[0], call[2]))

    def gives(self, key: Key, caller: Caller, parameter: str) -> bool:
        """Whether a call of a function may give it a parameter."""
        for callee in self._callees.get(key[1].rpartition(".")[2], ()):
            target = self.function(callee)
            if target and (target[0].path, target[1]) == key:
                for path, name, call in self._called[callee]:
                    if (path, name, call.line) == caller[:3] and gives(call, target[2], parameter):
                        return True
        return False

    def _by_name(self, last: str) -> dict[Key, list[Caller]]:
        """Return the calls of all functions of a name; most functions are never asked about."""
        if last not in self._calls:
            found: dict[Key, list[Caller]] = {}
            for callee in self._callees.get(last, ()):
                if target := self.function(callee):
                    calls = found.setdefault((target[0].path, target[1]), [])
                    for path, name, call in self._called[callee]:
                        calls.append((path, name, call.line, timeout(call, target[2])))
            for calls in found.values():
                calls.sort(key=lambda call: (call[0], call[2]))
            self._calls[last] = found
        return self._calls[last]

    @cached_property
    def _called(self) -> dict[str, list[tuple[str, str, Call]]]:
        """The calls by the dotted name of what they call."""
        found: dict[str, list[tuple[str, str, Call]]] = defaultdict(list)
        for summary in self.files:
            for name, function in summary.functions.items():
                for call in function.calls:
                    found[call.callee].append((summary.path, name, call))
        return found

    @cached_property
    def _callees(self) -> dict[str, list[str]]:
        """The dotted names of what is called, by their last part."""
        found: dict[str, list[str]] = defaultdict(list)
        for callee in self._called:
            found[callee.rpartition(".")[2]].append(callee)
        return found

    def called(self, key: Key) -> list[tuple[Key, Call]]:
        """Return the calls of a function as they were read, with the functions they stand in."""
        return [
            ((path, name), call)
            for callee in self._callees.get(key[1].rpartition(".")[2], ())
            if (target := self.function(callee)) and (target[0].path, target[1]) == key
            for path, name, call in self._called[callee]
        ]

    def callers(self, key: Key) -> set[Key]:
        """Return the functions that call one."""
        return {(path, name) for path, name, *_ in self.calls_of(key)}

    def moments(self, summary: Summary, name: str) -> frozenset[Moment]:
        """Return when a function runs: by its own looks, or when those that call it do.

        A function that only commands call belongs to them. One that is mentioned anywhere else
        may be called from there; one of a command's file is, if others call it.
        """
        key = (summary.path, name)
        if key not in self._moments:
            debug_only = self.is_debug_only(summary)
            self._moments[key] = frozenset({Moment.COMMAND}) if debug_only else self._find(key)
        return self._moments[key]

    def _find(self, start: Key) -> frozenset[Moment]:
        found: set[Moment] = set()
        seen: set[Key] = set()
        pending = [start]
        while pending:
            key = pending.pop()
            if key in seen:
                continue
            seen.add(key)
            own = self.by_path[key[0]].functions.get(key[1])
            if own is None:
                found.add(Moment.REQUEST)
                continue
            if key in self.once(worker_tasks):
                found.add(Moment.TASK)
                continue
            by_hand = own.moment in UNSAID and is_by_hand(self, *key)
            if by_hand or key in self.once(form_fields.uncalled):
                found.add(Moment.COMMAND)
                continue
            if key in self._queued:
                found.add(Moment.TASK)
            callers = self.callers(key)
            if own.moment is not Moment.REQUEST or own.decorated or not callers:
                found.add(own.moment)
            elif self._is_open(*key, callers):
                found.add(Moment.REQUEST)
            pending += callers if own.moment in _CALLED else ()
        return frozenset(found)

    @cached_property
    def _queued(self) -> frozenset[Key]:
        """The functions that a queue calls."""
        notes = self.facts("queued")
        given = (self.function(fact.data[0]) for source, fact in notes if not source.is_script)
        return frozenset((found[0].path, found[1]) for found in given if found)

    def is_open(self, path: str, name: str) -> bool:
        """Whether a function may be called by code that does not name it in a call."""
        key = (path, name)
        return key in self._queued or self._is_open(path, name, self.callers(key))

    def _is_open(self, path: str, name: str, callers: set[Key]) -> bool:
        method = name.rpartition(".")[2]
        known = {path, *(caller for caller, _ in callers)}
        mentioned = sum(method in self._mentioned.get(each, ()) for each in known)
        return self._mentions[method] > mentioned

    def is_mentioned(self, name: str) -> bool:
        """Whether a file, no script, mentions a name after a dot, or imports it."""
        return name in self._mentions

    @cached_property
    def _mentions(self) -> Counter[str]:
        """How many files mention a name."""
        found: Counter[str] = Counter()
        for names in self._mentioned.values():
            found.update(names)
        return found

    @cached_property
    def _mentioned(self) -> dict[str, Set[str]]:
        """The names that a file mentions after a dot, or imports, by its path; none of a script."""
        last = {dotted: dotted.rpartition(".")[2] for dotted in self.importing}
        return {
            summary.path: summary.mentions.union(map(last.__getitem__, summary.imported))
            for summary in self.files
            if not summary.is_script
        }

    def is_operators(self, summary: Summary, fact: Fact) -> bool:
        """Whether only an operator's command, or nothing at all, comes to the place of a fact."""
        return self.moments(summary, fact.function) == {Moment.COMMAND}


def timeout(call: Call, target: Function) -> int:
    """Return whether a call gives a timeout, by name or by position."""
    if _by_position(call, target, "timeout"):
        # What stands there may be what the caller was given for it.
        return call.timeout if call.timeout == HANDED and "**" not in call.named else GIVEN
    return call.timeout


def gives(call: Call, target: Function, parameter: str) -> bool:
    """Whether a call of a function may give it a parameter."""
    named = not {parameter, "*", "**"}.isdisjoint(call.named)
    return named or _by_position(call, target, parameter)


def _by_position(call: Call, target: Function, parameter: str) -> bool:
    if parameter not in target.parameters:
        return False
    bound = target.parameters[0] in {"self", "cls"}
    return call.positional > target.parameters.index(parameter) - bound
