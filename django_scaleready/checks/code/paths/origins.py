"""Where a path leads: to the replica's own disk, to a temporary file, or nobody knows."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.summary import Flow, Function, Summary, Term

DEPTH = 8
# The facts of dictionaries that hold paths.
ITEMS = "path-items"
DEVICES = ("/dev/", "/proc/")


class Origin(enum.StrEnum):
    """What is known of a path."""

    LOCAL = "local"
    TEMPORARY = "temporary"
    NOWHERE = "nowhere"
    SHARED = "shared"
    UNKNOWN = "unknown"


class Lead(NamedTuple):
    """What a term was followed to, and the setting it came through, "" for none."""

    origin: Origin
    setting: str = ""
    text: str = ""


UNKNOWN = Lead(Origin.UNKNOWN)
# What a function of another package is called that makes a temporary folder or file.
TEMPORARY = re.compile(
    r"\.(\w+_)?(tmp|temp|temporary)_?(dir|directory|file|folder|path)$", re.IGNORECASE
)
KINDS = {
    "temp": Lead(Origin.TEMPORARY),
    "memory": Lead(Origin.NOWHERE),
    "here": Lead(Origin.LOCAL),
    "storage": Lead(Origin.LOCAL),
    "env": Lead(Origin.LOCAL),
    "field": Lead(Origin.LOCAL),
}


class Origins:
    """Follows terms through a codebase."""

    def __init__(self, codebase: Codebase, setting: Callable[[str], Lead]) -> None:
        """Take the files, and what tells where a setting leads."""
        self._codebase = codebase
        self._setting = setting
        self._known: dict[Term, Lead] = {}

    def lead(self, term: Term, depth: int = 0) -> Lead:
        """Return where a term leads."""
        if term not in self._known:
            if depth > DEPTH:
                return UNKNOWN
            self._known[term] = UNKNOWN
            self._known[term] = self._follow(term, depth + 1)
        return self._known[term]

    def _follow(self, term: Term, depth: int) -> Lead:
        kind = term[0]
        if kind in KINDS:
            return KINDS[kind]
        if kind == "lit":
            return _literal(term[1])
        if kind == "setting":
            lead = self._setting(term[1])
            # Of a name that may be of another file, a value must be known.
            return lead if lead.text or not term[2:] else UNKNOWN
        return self._elsewhere(kind, term, depth)

    def _elsewhere(self, kind: str, term: Term, depth: int) -> Lead:
        if kind == "param":
            return self._parameter(term[1], term[2], depth)
        if kind == "attr":
            return self._attribute(term[1], term[2], depth)
        if kind == "member":
            found = self._member(term[1], depth)
            # Of a path, where no class of the project has such a method.
            known = found != UNKNOWN or term[1] in self._codebase.methods
            return found if known or not term[2:] else self.lead(term[2:], depth)
        if kind == "item":
            found = self._item(term[1], depth)
            return self.lead(term[2:], depth) if found == UNKNOWN else found
        if kind in {"name", "call"}:
            return self._named(kind, term[1], depth)
        return UNKNOWN

    def _item(self, key: str, depth: int) -> Lead:
        """Return where dictionaries have a path of that name, if most say so and none otherwise."""
        leads = [self.lead(term, depth) for term in self._codebase.once(_items).get(key, ())]
        known = [lead for lead in leads if lead.origin is not Origin.UNKNOWN]
        # What is made of itself, or of another one of a dictionary, says nothing.
        if any(lead.origin is not Origin.LOCAL for lead in known) or len(known) * 2 < len(leads):
            return UNKNOWN
        settings = {lead.setting: lead for lead in known if lead.setting}
        if len(settings) > 1:
            return UNKNOWN
        return next(iter(settings.values()), known[0] if len({*known}) == 1 else UNKNOWN)

    def _named(self, kind: str, dotted: str, depth: int) -> Lead:
        located = self._codebase.locate(dotted)
        if located is None:
            # Somebody else's: cumulusci.utils.temporary_dir().
            made = kind == "call" and TEMPORARY.search(dotted)
            return KINDS["temp"] if made else UNKNOWN
        summary, name = located
        found = self._codebase.function(dotted) if kind == "call" else None
        if kind == "call":
            term = found[2].returned if found else None
        else:
            term = summary.values.get(name)
        if term is None and kind == "call" and found is None and _is_attributes(summary, name):
            # self.order.folder(), of an object that an attribute holds.
            return self._member(name.rpartition(".")[2], depth)
        if term is None and kind == "name" and "." in name:
            # CONFIG.EXPORT_DIR, of an object that a module makes.
            return self._constant(name.rpartition(".")[2], depth)
        return self.lead(term, depth) if term else UNKNOWN

    def _attribute(self, owner: str, name: str, depth: int) -> Lead:
        for ancestor in list(self._codebase.ancestors(owner))[1:]:
            located = self._codebase.locate(ancestor)
            term = located[0].values.get(f"{located[1]}.{name}") if located else None
            if term:
                return self.lead(term, depth)
        # A property of what it derives from, or an attribute that derived classes set.
        found = self._codebase.function(f"{owner}.{name}")
        if found and found[2].returned:
            return self.lead(found[2].returned, depth)
        return self._constant(name, depth)

    def _member(self, name: str, depth: int) -> Lead:
        """Return where a method of that name leads, whichever class has it.

        Where several do, one that leads below a setting decides, unless another makes a temporary
        file or none at all. So do those that all lead below an entry of one, or ask another object
        for the same.
        """
        found = self._codebase.methods.get(name, [])
        if not found:
            return self._constant(name, depth)
        leads = [self.lead(each.returned, depth) for each in found if each.returned]
        if len(found) == 1:
            return leads[0] if leads else UNKNOWN
        if any(lead.origin not in {Origin.LOCAL, Origin.UNKNOWN} for lead in leads):
            return UNKNOWN
        below = next((lead for lead in leads if lead.setting), None)
        return below or (KINDS["env"] if _all_configured(name, found) else UNKNOWN)

    def _constant(self, name: str, depth: int) -> Lead:
        """Return where the classes' constant of that name leads, if all lead to one place."""
        terms = self._codebase.constants.get(name, ())
        leads = {self.lead(term, depth) for term in terms}
        return leads.pop() if len(leads) == 1 else UNKNOWN

    def _parameter(self, function: str, name: str, depth: int) -> Lead:
        """Return where most callers' arguments lead: a local one before a temporary one."""
        leads = [self.lead(flow.term, depth) for _, flow in self.arguments(function, name)]
        # A setting says more than a path that is written out.
        leads.sort(key=lambda lead: not lead.setting)
        for origin in (Origin.LOCAL, Origin.SHARED, Origin.TEMPORARY, Origin.NOWHERE):
            for lead in leads:
                if lead.origin is origin:
                    return lead
        return UNKNOWN

    def arguments(self, function: str, name: str) -> Iterator[tuple[Summary, Flow]]:
        """Yield what is passed for a function's parameter, where anything is known of it."""
        found = self._codebase.function(function)
        if found is None or name not in found[2].parameters:
            return
        position = found[2].parameters.index(name)
        if found[2].parameters[0] in {"self", "cls"}:
            position -= 1
        key = (found[0].path, found[1])
        for summary, flow in self._codebase.once(_flows).get(key, ()):
            if flow.argument in {position, name}:
                yield summary, flow


def _items(code: Codebase) -> dict[str, list[Term]]:
    """Return what dictionaries are given under the names of paths."""
    found: dict[str, list[Term]] = {}
    for _, fact in code.facts(ITEMS):
        found.setdefault(fact.data[0], []).append(fact.data[1])
    return found


def _is_attributes(summary: Summary, name: str) -> bool:
    """Whether a dotted name is of a method of what a class has: Parcel.order.folder."""
    owner = name.rpartition(".")[0]
    return owner not in summary.classes and owner.rpartition(".")[0] in summary.classes


def _all_configured(name: str, methods: list[Function]) -> bool:
    """Whether methods of one name lead to what is configured: one itself, others by a parent's."""
    terms = [each.returned for each in methods]
    left = [term for term in terms if not term or term[0] != "env"]
    return len(left) < len(terms) and all(
        term and term[0] in {"call", "member"} and term[1].rpartition(".")[2] == name
        for term in left
    )


def _flows(code: Codebase) -> dict[Key, list[tuple[Summary, Flow]]]:
    """Return the arguments of which something is known, by the function they are passed to."""
    flows: dict[Key, list[tuple[Summary, Flow]]] = {}
    for summary in code:
        for flow in summary.flows:
            if found := code.function(flow.callee):
                flows.setdefault((found[0].path, found[1]), []).append((summary, flow))
    return flows


def _literal(text: str) -> Lead:
    if text.startswith(DEVICES):
        return Lead(Origin.NOWHERE)
    if "://" in text[:12]:
        return UNKNOWN
    return Lead(Origin.LOCAL, text=text)
