"""After how long Celery ends the tasks that come to a function, be it with what it waits for."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cached_property
from typing import TYPE_CHECKING

from django_scaleready.checks.code.families import derived
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.code.tasks.sent_limits import DEFAULT, NOTED, SENT, TYPED, Limit
from django_scaleready.checks.reaching.sayers import Sayers
from django_scaleready.checks.row_limits import row_limits

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Key
    from django_scaleready.checks.code.summary import Function
    from django_scaleready.checks.project import Project

Limits = tuple[Limit, Limit]


class TaskLimits:
    """The time limits of one project's tasks."""

    def __init__(self, project: Project) -> None:
        """Take the project."""
        self._project = project
        self._code = project.code

    @cached_property
    def _of_all(self) -> Limits:
        """The hard and the soft limit that the settings give to all tasks."""
        celery = self._project.celery
        if celery is None:
            return None, None
        hard, soft = celery.conf.task_time_limit, celery.conf.task_soft_time_limit
        return _number(hard), _number(soft)

    @cached_property
    def _own(self) -> dict[Key, Limits]:
        facts = self._code.facts("celery-tasks")
        return {(source.path, fact.function): fact.data[4:6] for source, fact in facts}

    def of(self, path: str, function: str, *, soft: bool = True) -> float:
        """Return the longest limit of the tasks that come to a function, in seconds.

        0 if one has none, or anything else comes there, too. ``soft`` is whether soft ones count.
        """
        if not function:
            return 0
        code = self._code
        only_tasks = code.moments(code.by_path[path], function) == {Moment.TASK}
        if not only_tasks and not any(map(self._is_sent_with_row, self._sent)):
            return 0
        limits: list[float] = []
        # With the class whose method a task runs, where a class above it calls that.
        seen: set[tuple[Key, str]] = set()
        pending: set[tuple[Key, str]] = {((path, function), "")}
        while pending:
            key, run = pending.pop()
            seen.add((key, run))
            if key in self._own:
                limits.append(self._longest(key, run, soft))
            elif callers := self._of_task(key) if only_tasks else self._callers(key, run):
                hooked = run or (not only_tasks and self._hook(key)) or ""
                pending |= {(caller, hooked) for caller in callers} - seen
            else:
                return 0
        return max(limits, default=0) if all(limits) else 0

    # Who comes to a function.

    def _of_task(self, key: Key) -> set[Key]:
        """Return all that call a function of tasks; of one in another function, that one."""
        path, name = key
        own, around = self._code.by_path[path].functions, name.rpartition(".")[0]
        is_inner = around in own and name in own and not own[name].decorated
        return self._code.callers(key) or ({(path, around)} if is_inner else set())

    def _callers(self, key: Key, run: str) -> Set[Key]:
        """Return all that call a function; none if that is not known, or no code calls it."""
        own = self._code.by_path[key[0]].functions.get(key[1])
        if own is None or own.moment is not Moment.REQUEST or own.decorated:
            return frozenset()
        callers = self._code.callers(key)
        if hooked := self._hooks(key):
            return callers | hooked
        if any(self._overridden(key)):
            return frozenset()
        if not self._code.is_open(*key):
            return callers
        named = {
            one for one in self._sayers.after_dot(_name(key)) if not self._calls_other(one, key)
        }
        if named <= callers:
            return callers
        return callers | {one for one in named if self._may_run(one, run)} if run else frozenset()

    def _hook(self, key: Key) -> str:
        """Return the class of a method that one above it calls for its own; "" of another."""
        return self._dotted(key) if self._hooks(key) else ""

    def _hooks(self, key: Key) -> set[Key]:
        """Return the methods of classes above a method's own that call it for theirs."""
        family = self._code.ancestors(self._dotted(key))
        above: set[Key] = set()
        for each in self._overridden(key):
            above |= self._code.callers(each)
        return {caller for caller in above if self._dotted(caller) in family}

    def _overridden(self, key: Key) -> Iterator[Key]:
        """Yield the methods of the same name that the classes above a method's own have."""
        if _name(key) == key[1]:
            return
        for name in self._code.ancestors(self._dotted(key))[1:]:
            located = self._code.locate(name)
            if located and (place := f"{located[1]}.{_name(key)}") in located[0].functions:
                yield located[0].path, place

    def _calls_other(self, one: Key, key: Key) -> bool:
        """Whether a function that says a method's name calls that of another class."""
        own = self._code.by_path[one[0]].functions.get(one[1])
        called = {call.callee for call in own.calls} if own else set()
        named = [name for name in called if name.endswith(f".{_name(key)}")]
        return bool(named) and all(self._is_others(name, key) for name in named)

    def _is_others(self, name: str, key: Key) -> bool:
        """Whether a dotted name is surely of another class than a method's."""
        if found := self._code.function(name):
            return (found[0].path, found[1]) != key
        owner = name.rpartition(".")[0]
        return self._code.klass(owner) is not None and not self._is_related(
            owner, self._dotted(key)
        )

    def _may_run(self, key: Key, run: str) -> bool:
        """Whether a function may call a method of one class.

        One of its own kin is known to, else, and so is a task that says of which type an object is.
        """
        if self._is_related(self._dotted(key), run):
            return False
        top = self._code.ancestors(run)[-1:]
        kin = [name for name in self._typed.get(key, ()) if self._is_below(name, top)]
        return not kin or any(self._is_related(name, run) for name in kin)

    def _is_below(self, name: str, tops: tuple[str, ...]) -> bool:
        return not set(tops).isdisjoint(self._code.ancestors(name))

    def _is_related(self, one: str, other: str) -> bool:
        ancestors = self._code.ancestors
        return one in ancestors(other) or other in ancestors(one)

    def _dotted(self, key: Key) -> str:
        return f"{self._code.by_path[key[0]].module}.{key[1].rpartition('.')[0]}".rstrip(".")

    @cached_property
    def _sayers(self) -> Sayers:
        return Sayers(self._code, self._project.root)

    @cached_property
    def _typed(self) -> dict[Key, tuple[str, ...]]:
        facts = self._code.facts(NOTED)
        return {(s.path, f.function): f.data[1:] for s, f in facts if f.data[0] == TYPED}

    # How long a task may run.

    def _longest(self, key: Key, run: str, soft: bool) -> float:
        """Return the longest limit that a task has, however it is sent; 0 if it may have none."""
        own = self._own[key]
        sent = self._sent.get(key, ())
        if not sent or not self._is_all(key):
            return self._limit(own, soft)
        held: list[float] = []
        for each in sent:
            given = [self._known(limit, run) for limit in each]
            hard, mild = (o if g is None else g for g, o in zip(given, own, strict=True))
            held.append(self._limit((hard, mild), soft))
        return max(held) if all(held) else 0

    def _limit(self, own: Limits, soft: bool) -> float:
        """Return the shorter limit of a task; 0 if it has none, or it cannot be told."""
        pairs = [*zip(own, self._of_all, strict=True)][: 1 + soft]
        held = [of_all if given is None else given for given, of_all in pairs]
        return min((limit for limit in held if isinstance(limit, int | float) and limit), default=0)

    def _known(self, limit: Limit, run: str) -> Limit:
        """Return a limit that a row holds: of the rows that name a class, else by default."""
        if not isinstance(limit, str):
            return limit
        names = [name for name in (run, *self._below(run)) if name]
        rows = self._code.once(row_limits, self._project.root, limit)
        held = [rows[said] for said in rows for name in names if f".{name}".endswith(f".{said}")]
        facts = self._code.facts(NOTED)
        usual = [f.data[2] for _, f in facts if f.data[:2] == (DEFAULT, limit)]
        return max(held or usual, default=0)

    def _below(self, run: str) -> Iterator[str]:
        pending = [run]
        while pending:
            one = pending.pop()
            for name in self._code.once(derived).get(one.rpartition(".")[2], ()):
                if one in self._code.ancestors(name) and name != one:
                    yield name
                    pending.append(name)

    @cached_property
    def _sent(self) -> dict[Key, list[Limits]]:
        """The limits that tasks are sent with, each time."""
        found: dict[Key, list[Limits]] = {}
        for _, fact in self._code.facts(NOTED):
            if fact.data[0] == SENT and (target := self._code.function(fact.data[1])):
                found.setdefault((target[0].path, target[1]), []).append(fact.data[2:4])
        return found

    def _is_sent_with_row(self, key: Key) -> bool:
        return any(isinstance(limit, str) for each in self._sent[key] for limit in each)

    def _is_all(self, key: Key) -> bool:
        """Whether nobody names a task who is not known to send it."""
        facts = self._code.facts(NOTED)
        sending = {(s.path, f.function) for s, f in facts if f.data[0] == SENT}
        source = self._code.by_path[key[0]]
        own: Function = source.functions[key[1]]
        return sending.issuperset(self._sayers.of_task(source, key[1], own.registered))


def _name(key: Key) -> str:
    return key[1].rpartition(".")[2]


def _number(value: object) -> float | None:
    # A scan has 1 for a limit that only running the settings would tell.
    return value if isinstance(value, int | float) and value > 1 else None
