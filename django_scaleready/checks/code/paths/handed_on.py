"""Whether a value that is handed to another process is a path on this replica's disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_scaleready.checks.code.paths.origins import Origin
from django_scaleready.checks.code.paths.writers import LIKELY, METHOD, SURE
from django_scaleready.checks.code.summary import Term

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# What a file can tell of itself: a temporary file, an upload's, a field's.
LOCAL = frozenset({"temp", "field"})
# These, and what other files or the settings have to tell.
TOLD = LOCAL | {"attr", "call", "item", "member", "name", "param", "setting"}


class HandedOn:
    """Judges the values that a project hands on."""

    def __init__(self, project: Project) -> None:
        """Take the project."""
        self._project = project
        # A setting is a folder, and not a name or an address, where the project writes below it.
        self._written = {
            project.origins.lead(fact.data[2]).setting
            for _, fact in project.code.facts("file-write")
            if fact.data[0] in {SURE, LIKELY, METHOD}
        } - {""}

    def is_local_path(self, term: Term) -> bool:
        """Whether a value is the path of something that this replica keeps for itself."""
        if term[0] in LOCAL:
            return True
        lead = self._project.origins.lead(term)
        if lead.origin is Origin.TEMPORARY:
            # Somebody else made it, and its path lives on.
            return term[0] in {"call", "param"}
        return lead.origin is Origin.LOCAL and lead.setting in self._written
