"""What the code does to files on a replica's own disk, one folder beside another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.paths.made_again import HASHED, MADE, NOTED, UNSAID
from django_scaleready.checks.code.paths.removed_later import NOTED as REMOVED_LATER
from django_scaleready.checks.code.paths.scratch import FOLDERS, MAKERS
from django_scaleready.checks.code.paths.writers import DIRECTORY, GONE, READ, TAKEN
from django_scaleready.checks.code.summary import Fact, Moment, Summary

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.paths.origins import Lead

STARTS = frozenset({Moment.IMPORT, Moment.READY})
# They put nothing into a file.
KEEPS = frozenset({DIRECTORY, GONE, READ, TAKEN})


class Use(NamedTuple):
    """A path that is written, read or made, and where it leads."""

    source: Summary
    fact: Fact
    kind: str
    shown: str
    lead: Lead

    @property
    def location(self) -> Location:
        """Where it happens."""
        return Location(self.source.path, self.fact.line)


def join_alike(groups: dict[str, list[Use]]) -> None:
    """Move what only reads or removes files to the group that writes in the same folder."""
    written = {
        _folder(use): uses
        for uses in groups.values()
        for use in uses
        if use.kind not in KEEPS and _folder(use)
    }
    for uses in groups.values():
        if all(use.kind in KEEPS for use in uses):
            for use in uses:
                written.get(_folder(use), []).append(use)


def _folder(use: Use) -> str:
    """Return the folder that a path begins with which is written out, "" for none of its own."""
    text = "" if use.lead.setting else use.lead.text
    folder = text.rpartition("/")[0]
    return folder if folder.startswith("/") and f"{folder}/" not in FOLDERS else ""


def is_missed_by_none(
    code: Codebase, uses: list[Use], writes: list[Use], others: Iterable[Use]
) -> bool:
    """Whether no replica needs a file that another has: it is made again, or nobody reads it."""
    noted = code.once(_made_again)
    made = {noted.get((use.source.path, use.fact.line), "") for use in writes}
    if made == {UNSAID}:
        texts = {PurePosixPath(use.lead.text) for use in writes}
        read = (PurePosixPath(other.lead.text) for other in others if other.kind in {READ, TAKEN})
        return texts.isdisjoint(read)
    if made == {HASHED}:
        return True
    own = {(use.source.path, use.fact.function) for use in writes}
    folders = {_expression(use) for use in uses if use.kind == DIRECTORY}
    return made <= {MADE, HASHED} and all(
        use.kind == DIRECTORY or _expression(use)[:2] in own or _expression(use) in folders
        for use in uses
    )


def _expression(use: Use) -> tuple[str, str, str]:
    return use.source.path, use.fact.function, use.shown


def _made_again(code: Codebase) -> dict[tuple[str, int], str]:
    return {(source.path, fact.line): fact.data[0] for source, fact in code.facts(NOTED)}


def is_removed_later(code: Codebase, source: Summary, fact: Fact) -> bool:
    """Whether all that call the function which writes a file remove it, whatever happens."""
    takers = code.once(_removed_later).get((source.path, fact.line))
    if not takers or code.is_open(source.path, fact.function):
        return False
    callers = code.callers((source.path, fact.function))
    return all(path == source.path and name in takers for path, name in callers)


def _removed_later(code: Codebase) -> dict[tuple[str, int], tuple[str, ...]]:
    return {(source.path, fact.line): fact.data for source, fact in code.facts(REMOVED_LATER)}


def is_alike(code: Codebase, source: Summary, fact: Fact) -> bool:
    """Whether a function writes a file at the start of each process alone, and the same in each."""
    if not fact.function:
        return False
    own = source.path in code.once(_making_their_own)
    return not own and code.moments(source, fact.function) <= STARTS


def _making_their_own(code: Codebase) -> frozenset[str]:
    """Return the files that may make what each replica has otherwise."""
    makers = {name for name in code.importing if name.rpartition(".")[2] in MAKERS}
    mentioning = {source.path for source in code if not MAKERS.isdisjoint(source.mentions)}
    return frozenset(mentioning.union(*(code.importing[name] for name in makers)))


def are_taken(code: Codebase, uses: list[Use], writes: list[Use]) -> bool:
    """Whether all that reads the files has them written first, and removes them then.

    They live as long as the task or request that makes them, like temporary ones.
    """
    takers = {(u.source.path, u.fact.function) for u in uses if u.kind == TAKEN}
    if not takers or any(use.kind == READ for use in uses):
        return False
    return all(_led_by(code, (u.source.path, u.fact.function), takers) for u in writes)


def _led_by(code: Codebase, key: Key, takers: set[Key]) -> bool:
    """Whether one of some functions comes to a function, itself or through others."""
    seen: set[Key] = set()
    pending = {key}
    while pending and not pending & takers:
        seen |= pending
        pending = {caller for each in pending for caller in code.callers(each)} - seen
    return bool(pending)
