"""A task is enqueued before the transaction that it is about is committed.

The worker may take it before the commit, and does not find the row; if the transaction rolls back
the task runs all the same. The more workers there are, the sooner one of them is faster than the
commit. So it is with `app.control.broadcast()`, and with messages to RabbitMQ, SQS or SNS.

## Bad

```python title="shop/orders.py"
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(cart):
    with transaction.atomic():
        order = Order.objects.create(cart=cart)
        confirm.delay(order.pk)
```

## Good

```python title="shop/orders.py"
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(cart):
    with transaction.atomic():
        order = Order.objects.create(cart=cart)
        confirm.delay_on_commit(order.pk)
```

## Stays silent when

- the task is enqueued on commit: `delay_on_commit`, `transaction.on_commit`;
- django-rq sends it, which waits for the commit itself since 4.0, unless `RQ` says otherwise
  (`"COMMIT_MODE": "auto"`), a queue has another class, or files of the repository ask for older
  versions only;
- it stands outside of `transaction.atomic`, and of what is called inside over three steps,
  neither `ATOMIC_REQUESTS` is on nor django-reversion's `RevisionMiddleware` there, which makes a
  transaction of each request but a GET, and no admin may save the row that it is about;
- it is about a row that is deleted, and given that row or its key, or is called after removing
  something; or stands in `delete_model()` of an admin, outside of `transaction.atomic`;
- it has an `eta`, or a `countdown` of five seconds or more, outside of `transaction.atomic`;
- a caller has begun the transaction, or a request is it, and nobody is seen to change rows in it,
  or the function that sends changes none and gives the task no key, or one for a mail or a removal,
  nor is that of what the function is given, after a save;
- the caller says which task it is: `def run(task): task.delay()`;
- workers are told what Celery knows by itself: `broadcast("shutdown")`;
- `delay()` is given to the function by a decorator of the project's own, which sends no task, or
  notifies on Django's own connection: PostgreSQL delivers that at the commit;
- the row that it is about is saved below, but is only then changed, or had only been loaded, or
  what the task was given is kept in it: `task = load.delay(order.pk)`, `order.task = task.id`;
- a signal tells of a row that only leads to what the task is about, unless rows of that model are
  made by `get_or_create()` or `update_or_create()`, which are a transaction each;
- `ATOMIC_REQUESTS` is on, and the view has `non_atomic_requests`, or its file has one elsewhere
  than above a function.

It is a warning where rows are changed in the transaction, by the function above it, by what that
calls there if the task is given a key, or by who calls it, and the task is sent at once; where it,
the one that calls it, or the method of a base class that it calls first, has just saved the row
whose key the task is given; where it saves that row only below; where a receiver of `post_save`, or
what that gives its row, `save()` of a model or a method of an admin (`save_model()`, `save_form()`,
`save_related()`, `response_add()`) gives it the key of its row, or an admin the row: it saves in a
transaction; and where a receiver of `post_delete` or `pre_delete` sends it with the key of another
row or with nothing, unless it only removes something: Django deletes in one. A decorator may begin
one; a serializer's `save()` calls `create()` in it. It is information elsewhere; where such a
receiver gives it what it needs (`load.delay(instance.email)`), so that it asks for no row; of what
the row only leads to (`order.cart.pk`), and of another row, where a caller saved it in a request;
of a model that none of the project's admins has, nor `get_or_create()` makes, if `ATOMIC_REQUESTS`
is off; of the function's own next turn; where its only key is of who is logged in; where a task
class of the project awaits the commit; and where a decorator of a package that is not here makes
the task, which may keep it in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.queries.callers import Callers
from django_scaleready.checks.code.tasks.decorated import Decorated
from django_scaleready.checks.code.tasks.own_delay import GIVES, OWN
from django_scaleready.checks.code.tasks.rq_commits import RQ, is_held_back
from django_scaleready.checks.code.tasks.sent_tasks import (
    ADMIN,
    ANY,
    BASE,
    BEFORE,
    CALLED,
    CONNECTS,
    DELETED,
    HANDED,
    HEARS,
    LEADS,
    LED,
    MADE,
    MAKES,
    ROW,
    SAVED,
    SENT,
    SERVED,
    TOLD,
    VALUES,
    WAITS,
    WROTE,
    sent_tasks,
)

if TYPE_CHECKING:
    from django_scaleready.checks.code.summary import Fact, Summary
    from django_scaleready.checks.project import Project

SLUG = "enqueue-before-commit"
SURE = frozenset({ROW, WROTE, LED, SERVED, CALLED, BEFORE, DELETED})
OF_SIGNAL = (
    "A signal is sent inside the transaction that saves a row: its task may run before the commit,"
    " or without it."
)
OF_DELETED = (
    "A signal is sent inside the transaction that deletes a row: its task may run before the"
    " commit, or without it."
)
MESSAGES = {
    TOLD: OF_SIGNAL,
    LED: OF_SIGNAL,
    SAVED: "A row is saved inside the transaction of the admin: its task may run before the commit,"
    " or without it.",
    SERVED: "{}: the task may run before the request's transaction is committed, or without it.",
    DELETED: OF_DELETED,
    VALUES: OF_DELETED,
    BEFORE: "The task is sent before the row that it is about is saved: a worker may be faster.",
    CALLED: "A caller has begun a transaction: the task may run before that is committed, or"
    " without it.",
}

ATOMIC = "ATOMIC_REQUESTS is on"
REVISIONS = "RevisionMiddleware makes a transaction of each request that may change something"
# Views of requests that only read.
READS = frozenset({"get", "head", "list", "options", "retrieve"})
HINTS = {BEFORE: "Send it after the save: with delay_on_commit(), or transaction.on_commit()."}


class _Sent(NamedTuple):
    """A task that is sent inside a transaction: of which kind, of which model, and who began it."""

    kind: str
    model: str = ""
    is_row: bool = True
    begun: Location | None = None


def find(project: Project) -> Iterator[Finding]:
    """Yield each function that does, or file of receivers, with the first task of a kind."""
    facts = [fact.data for _, fact in project.code.facts(SLUG)]
    waits = any(kind == WAITS for kind, _ in facts)
    by_admin = {model for kind, model in facts if kind == ADMIN}
    noted = list(project.noted(SLUG))
    made = {fact.data[1] for _, fact, _ in noted if fact.data[0] == MAKES}
    judge = _Judge(project)
    found: dict[tuple[str, str, str], list[Location]] = {}
    sure = set()
    for source, fact, place in noted:
        for sent in judge.sent(source, fact):
            if sent.kind == LED and sent.model not in made:
                continue
            # The receivers of a file are mended together.
            key = (source.path, "" if sent.kind in {TOLD, LED} else fact.function, sent.kind)
            found.setdefault(key, []).extend([place, *([sent.begun] if sent.begun else [])])
            known = judge.atomic or not by_admin or sent.model in by_admin | made | {""}
            if sent.is_row and (sent.kind in SURE or (sent.kind in {TOLD, SAVED} and known)):
                sure.add(key)
    told: set[Location] = set()
    for key in sorted(found, key=lambda key: key not in sure):
        first, *others = found[key]
        if first in told:
            continue
        told.add(first)
        yield Finding(
            message=MESSAGES.get(
                key[2], "The task may run before the transaction is committed, or without it."
            ).format(judge.why),
            hint=HINTS.get(key[2], "Use delay_on_commit(), or transaction.on_commit()."),
            location=first,
            severity=Severity.WARNING if key in sure and not waits else Severity.INFO,
            related=tuple(dict.fromkeys(place for place in others if place != first)),
        )


class _Judge:
    """What is known of the tasks that are sent, from who calls and who connects their functions."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._revisions = not project.requests_are_atomic and project.requests_make_revisions
        self.atomic = project.requests_are_atomic or self._revisions
        self.why = REVISIONS if self._revisions else ATOMIC
        self._callers = project.code.once(Callers)
        self._decorated = Decorated(project.code, SLUG)
        self._connected: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        for _, fact in project.code.facts(SLUG):
            if fact.data[0] == CONNECTS:
                dotted, *told = fact.data[1]
                if receiver := project.code.function(dotted):
                    key = (receiver[0].path, receiver[1])
                    self._connected.setdefault(key, []).append((told[0], told[1]))
        self._by_kind: dict[str, Callable[[Summary, Fact], Iterable[_Sent | None]]] = {
            MADE: self._made,
            SENT: self._alone,
            HANDED: self._handed,
            HEARS: self._heard,
            LEADS: self._left,
        }

    def sent(self, source: Summary, fact: Fact) -> Iterator[_Sent]:
        """Yield what is known of a task that is sent; nothing if it is in no transaction."""
        kind, data = fact.data
        if kind in {WAITS, ADMIN, MAKES, CONNECTS, OWN, GIVES, RQ}:
            return
        if self._decorated.is_own(source, fact) or is_held_back(self._project, source, fact, SLUG):
            return
        if BASE in fact.data:
            if self._callers.saves_above(source, fact.function):
                kind = MADE if kind == BASE else ROW
            elif kind == BASE:
                return
        ask = self._by_kind.get(kind)
        unknown = self._decorated.is_of_unknown_queue(source, fact)
        for each in filter(None, ask(source, fact)) if ask else [_Sent(kind, data)]:
            yield each._replace(is_row=False) if unknown else each

    def _serves(self, path: str, name: str) -> bool:
        """Whether a request comes to a function in its transaction; revisions are of no GET."""
        reads = self._revisions and name.rpartition(".")[2] in READS
        return self.atomic and not reads and self._callers.serves(path, name)

    def _made(self, source: Summary, fact: Fact) -> Iterator[_Sent]:
        key = (source.path, fact.function)
        if self._serves(*key):
            yield _Sent(SERVED)
        elif begun := self._callers.within(key):
            yield _Sent(CALLED, begun=begun)

    def _alone(self, source: Summary, fact: Fact) -> Iterator[_Sent]:
        """Yield what is known of a task that is sent by who changes no rows."""
        key, is_row = (source.path, fact.function), not fact.data[1]
        if begun := self._callers.within(key, wrote=False):
            yield _Sent(CALLED, "", is_row, begun)
        elif self._serves(*key) and self._callers.led(key, fact.line):
            yield _Sent(SERVED, "", is_row)
        elif self.atomic and (place := self._callers.served(key, self._serves)):
            yield _Sent(SERVED, "", is_row, place)

    def _left(self, source: Summary, fact: Fact) -> Iterator[_Sent]:
        """Yield what is known of a task whose transaction may have changed rows before."""
        led = self._callers.led((source.path, fact.function), fact.line, inside=True)
        yield _Sent(WROTE if led else ANY)

    def _heard(self, source: Summary, fact: Fact) -> Iterator[_Sent]:
        """Yield what is known of a receiver that another file connects to signals."""
        kind, _ = fact.data[1]
        for sender, deleted in self._connected.get((source.path, fact.function), ()):
            if deleted == (kind in {DELETED, VALUES}):
                yield _Sent(kind, sender)

    def _handed(self, source: Summary, fact: Fact) -> list[_Sent | None]:
        parameter, is_row = fact.data[1]
        givers = self._callers.givers((source.path, fact.function), parameter)
        each = filter(None, (self._given(*giver, is_row) for giver in givers))
        return [max(each, key=attrgetter("is_row"), default=None)]

    def _given(self, giver: Summary, fact: Fact, is_row: bool) -> _Sent | None:
        """Return what is known of a task about a row that its function is given after a save."""
        row = fact.data[-1]
        is_row = is_row and bool(row)
        place = Location(giver.path, fact.line)
        if (model := self._callers.told(giver, fact)) is not None:
            return _Sent(TOLD, model, True, place) if is_row else None
        owner, _, name = fact.function.rpartition(".")
        if name == "save" and row == "self":
            return _Sent(SAVED, owner, is_row, place)
        if begun := self._callers.is_inside(giver, fact):
            return _Sent(CALLED, "", is_row, begun)
        if self._serves(giver.path, fact.function):
            return _Sent(SERVED, "", is_row, place)
        return None


RULE = Rule("scaleready.W090", SLUG, find, Area.SOURCE, sent_tasks, leak=Leak.WORK)
