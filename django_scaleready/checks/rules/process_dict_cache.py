"""A dictionary or a variable in the module remembers what came from outside, or counts requests.

What the database, a request or another host said is kept in one process. The others have their own:
what one of them forgets, the rest go on serving until they are restarted, and which answer a
visitor gets depends on the process that happens to serve him.

## Bad

```python title="shop/prices.py"
from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Product

_PRICES = {}


def price(slug):
    if slug not in _PRICES:
        _PRICES[slug] = Product.objects.get(slug=slug).price
    return _PRICES[slug]


@receiver(post_save, sender=Product)
def forget(sender, instance, **kwargs):
    _PRICES.pop(instance.slug, None)
```

## Good

```python title="shop/prices.py"
from django.core.cache import cache

from shop.models import Product


def price(slug):
    return cache.get_or_set(slug, lambda: Product.objects.get(slug=slug).price, 300)
```

## Stays silent when

- it is a registry: filled at import, or by a decorator, with functions and classes;
- the values follow from the code alone, as those of clients and flags that are made once do;
- the entries expire (a time is kept with them, or the function judges by one, or it compares a
  version and begins anew, or the methods of a class ask the database for what is newer), unless
  they are kept by a visitor's session or address, or are the times of requests, or when one person
  (`user_id`) last did something;
- each object has its own: a field of a schema or a dataclass, a copy that is made of it, or
  entries that an object made for a request puts there before it reads them, or of all rows that it
  goes through when it is made, or of the model's fields that `get_object()` goes through, or that
  one of its methods puts there under fixed keys and returns;
- the function that alone reads an entry first writes it anew, whichever way it goes, or each that
  reads one has just written it, and the others only write; so with a variable that one function
  sets, whichever way it goes, before it reads that, and a variable of the environment for the
  process that it starts next;
- the container is local to a thread, a context or an object, or the default of a function that
  another one has for itself, or of a parameter that each call gives;
- it is of the current site, which Django keeps in each process itself, unless a signal clears
  that (`Site.objects.clear_cache()`);
- a function that is no receiver empties the variable: it may be told to all processes;
- what is gone through is a copy of a class's queryset (`self.queryset.all()`), or one that a
  function gives to the object;
- a method of a ModelAdmin leaves it for one that the same request comes to (`save_model()` for
  `response_change()`, `changelist_view()` for an action);
- receivers alone fill and empty it: one signal leaves it for the next;
- it is a queue that a thread of the same file empties: what is lost with that is said of it;
- the variable is made anew where using it fails, by an error of its own: it is a connection, to
  each process its own (`try: ask(CLIENT, order)`, `except ConnectionLost: CLIENT = connect()`);
- the variable holds what another host said (a token, a description of the host), a primary key, or
  a row that `get_or_create` makes of what the code says;
- a loader of templates that reads rows stands beside the cached one;
- the code is a command, a script, or in a file that only these import, unless a task or a request
  calls the command in its own process (`call_command("sync")`), or runs under DEBUG only.

A variable is `global X`, an attribute of a class or a function, of the settings, of a model, or of
an object that the same module makes. What lives as long as the process is followed, too: containers
of a middleware, a model's manager, a singleton, or an object that the module makes, and what these
ask for once (`if self.rows is None`); those of a decorator, of a default such as `_cache={}` or one
that the function looks into first (`if rows: return rows`, `if key in rows: row = rows[key]`), of
another module, an option of a ModelAdmin that grows with a request, or what one of its views leaves
for another one (`get_urls`) in `self`, `self.initial` of a view, which is one dictionary for all of
them (`get_initial()` gives a copy), `queryset = Order.objects.all()` of a class, whose rows stay
once a method goes through it or gives it to a serializer, `urlpatterns` that one adds to, a setting
that is changed in place, `os.environ`, and a gauge of Prometheus, which one replica sets and
another exports. What a method keeps in `self` of any other object is not. What one view keeps under
a key that another one is asked for by its address (a job and its state) is remembered, wherever it
comes from.

So is a set that turns away what comes a second time, which another process lets in: a token, a
nonce or the id of an assertion (`if nonce in SEEN: raise Replayed`).

So is what the one object of a class collects, and writes or sends on only when there is enough of
it or when it is time (`if len(self.rows) > 99: self.flush()`), unless that is flushed elsewhere,
too.

So are templates that Django's cached loader gets from a loader that reads rows: dbtemplates', that
of unicef-notification, or one of the project's own.

It is a warning, and an error if a signal receiver clears it: then it was meant to be fresh.

It is information if what is remembered is a user whom constants name (the system, nobody), rows of
`ContentType`, which follow from the code, or rows of a model of the project that no form, admin,
serializer or view has, and no code of a replica changes. So it is where no replica comes, as far as
names tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.cached_templates import cached_templates
from django_scaleready.checks.code.memory.buffers import buffers
from django_scaleready.checks.code.memory.containers import changes, containers
from django_scaleready.checks.code.memory.fills import EVALUATED, KINDS, Fills
from django_scaleready.checks.code.memory.outside import Outside
from django_scaleready.checks.code.memory.rebound import rebound
from django_scaleready.checks.code.memory.revalidated import is_asked_each_time, is_made_again
from django_scaleready.checks.code.memory.routes import ROUTES
from django_scaleready.checks.code.memory.shared_names import begun_empty
from django_scaleready.checks.code.running.by_hand import only_by_hand
from django_scaleready.checks.code.summary import Fact, Fill, Moment, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.filled import BEGUN, COPIED, SLUG, begun, is_filled, keeps
from django_scaleready.checks.held_back import Name, held_back
from django_scaleready.checks.reaching.always_given import is_never_taken
from django_scaleready.checks.reaching.started import in_workers
from django_scaleready.checks.reaching.unchanged import UNCHANGED, are_unchanged
from django_scaleready.checks.together import together

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

# Where nothing is remembered from one request to the next.
FILLED_ONCE = frozenset({Moment.COMMAND, Moment.IMPORT})
# What all processes add alike.
AT_START = FILLED_ONCE | {Moment.READY}
HINT = "Use Django's cache, or ask each time."
VALUES = "remembers values from outside", HINT
SAID = {
    "count": ("counts", HINT),
    EVALUATED: ("keeps its first rows", "Go through a copy, which asks anew: self.queryset.all()."),
    ROUTES: ("gets routes as it runs", "Have one route with a parameter, and keep what it shows."),
}


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the containers that functions fill: FILLED, class, name, fills, clears by signals.

    And what each object has a copy of: COPIED, class, name. A variable is filled by assignment.
    """
    module, fills = reading.module, Fills(reading)
    yield from _copied(module)
    yield from (Fact(line, "", (BEGUN, name)) for name, line in begun_empty(module))
    held = {(container.name, container.owner): container for container in containers(module)}
    changed = changes(module, {name for name, _ in held}) if held else {}
    if changed:
        outside = Outside(reading)
        for place, container in held.items():
            yield from fills.filled((container, changed.get(place, [])), outside, KINDS)
    yield from fills.of_others()
    yield from fills.of_admin()
    yield from fills.of_views()
    yield from fills.of_classes()
    yield from fills.of_routes()
    yield from fills.of_settings()
    yield from fills.of_sites()
    yield from buffers(reading)
    variables = rebound(module)
    if variables:
        # What another host says once is a token or a description of itself: to each its own.
        outside = Outside(reading, hosts=False)
        for place, variable in variables.items():
            if place in changed or is_made_again(*variable):
                continue
            if not is_asked_each_time(reading, *variable):
                yield from fills.filled(variable, outside, KINDS[:1])


def _copied(module: Module) -> Iterator[Fact]:
    """Note ``self.fields = deepcopy(self.fields)``, of which a derived class need not know."""
    for site in module.calls("copy", "deepcopy"):
        owner = site.scope.owner
        for name, values in site.scope.bindings.items() if owner else ():
            if owner and name.startswith("self.") and site.call in values:
                data = (COPIED, owner.qualname, name.removeprefix("self."))
                yield Fact(site.line, "", data)


def find(project: Project) -> Iterator[Finding]:
    """Yield each container that a function fills with values from outside.

    What a function keeps in several attributes of one class is one thing that is remembered, and
    so are an attribute that several files fill, and an object with what it is given as it is made.
    """
    found = [*_each(project), *held_back(project, SLUG)]
    owned = {key for attribute, key, _ in found if attribute[1]}
    found = [(name, key if name[1] or key in owned else name, one) for name, key, one in found]
    by_attribute = {attribute: key for attribute, key, _ in reversed(found) if key != attribute}
    # The file that has the class comes before those that import it.
    found.sort(key=lambda each: (each[0] == each[1], each[0][1]))
    yield from cached_templates(project)
    yield from together((by_attribute.get(name, key), finding) for name, key, finding in found)


def _each(project: Project) -> Iterator[tuple[Name, Name, Finding]]:
    """Yield them one by one, each with its name, and what it shares with those it is one with."""
    code = project.code
    for source, fact in code.facts(SLUG):
        stays = source.path in code.once(in_workers)
        if source.path in code.once(only_by_hand) and not stays:
            continue
        if not is_filled(code, source, fact):
            continue
        _, owner, name, fills, signals, kinds, imported = fact.data
        if imported and not keeps(code, imported, name):
            continue
        kept = [
            fill
            for fill in fills
            if (fill.kept or _asks(code, fill.sources, kinds))
            and not code.moments(source, fill.function) <= _once(fill, stays=stays)
            and not project.is_operators(source, Fact(fill.line, fill.function))
        ]
        if not kept or _is_unused_default(project, source, owner, name):
            continue
        lines = sorted({fill.line for fill in kept})
        others = dict.fromkeys((fact.line, *lines[1:], *signals))
        first = kept[0].kept
        what, hint = SAID.get(first if all(fill.kept == first for fill in kept) else "", VALUES)
        stale = " A signal clears it, in one process only." if signals else ""
        known = all(fill.rows and are_unchanged(project, fill.rows) for fill in kept)
        quiet = Severity.INFO if known else Severity.WARNING
        attribute = (source.path, owner, name)
        if at := code.locate(imported) if imported else None:
            attribute = (at[0].path, at[1], name.partition(".")[2])
        attribute = code.once(begun).get(imported, attribute)
        key = (source.path, owner, kept[0].function) if owner else _maker(code, kept) or attribute
        yield (
            attribute,
            key,
            Finding(
                message=f"{name} {what} in each process by itself.{stale or UNCHANGED * known}",
                hint=hint,
                location=Location(source.path, lines[0]),
                severity=Severity.ERROR if signals else quiet,
                confidence=Confidence.HIGH if signals else Confidence.MEDIUM,
                related=tuple(Location(source.path, n) for n in others if n != lines[0]),
            ),
        )


def _is_unused_default(project: Project, source: Summary, owner: str, name: str) -> bool:
    """Whether it is the default of a parameter that every caller gives."""
    function = source.functions.get(owner)
    is_parameter = function is not None and name in function.parameters
    return is_parameter and is_never_taken(project, source, owner, name)


def _maker(code: Codebase, fills: list[Fill]) -> Name | None:
    """Return the name of what makes the object that a variable holds, None if it is no object."""
    found = [code.function(name) for fill in fills for name in fill.sources]
    made = {(one[0].path, one[1]) for one in found if one and one[1].endswith(".__init__")}
    if len(made) != 1:
        return None
    ((path, maker),) = made
    return path, maker.removesuffix(".__init__"), maker


def _once(fill: Fill, *, stays: bool) -> frozenset[Moment]:
    """Return when a fill happens but once; ``stays``: the process goes on after a command."""
    once = AT_START if fill.kept == ROUTES else FILLED_ONCE
    return once - {Moment.COMMAND} if stays else once


def _asks(code: Codebase, sources: tuple[str, ...], kinds: tuple[str, ...]) -> bool:
    """Whether a function of the project, one step down, asks one of these."""
    found = (code.function(name) for name in sources)
    return any(kind in kinds for one in found if one for kind, _ in one[2].io)


RULE = Rule("scaleready.E061", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
