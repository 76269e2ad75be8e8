"""Rows that nothing of what a replica runs seems to change: remembering them forgets nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.families import derived
from django_scaleready.checks.code.queries.rows import USER
from django_scaleready.checks.code.summary import Rows
from django_scaleready.checks.reaching.row_writes import WRITES, writes

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# What to say of them.
UNCHANGED = " Nothing that a replica runs seems to change them."
# Its rows follow from the models that the code has, and come with a migration.
KINDS_OF_ROWS = "django.contrib.contenttypes.models.ContentType"
USERS = ("AbstractBaseUser", "AbstractUser")


def are_unchanged(project: Project, kept: Iterable[Rows]) -> bool:
    """Whether all of some rows are as good as constants; not those of which nothing is known.

    A user whom constants name is there to be pointed at: the system, or nobody.
    """
    rows = {*kept}
    return bool(rows) and all(
        (one.fixed and _is_user(project.code, one.model)) or not _may_change(project, one.model)
        for one in rows
    )


def _is_user(code: Codebase, model: str) -> bool:
    return model == USER or any(base.endswith(USERS) for base in code.ancestors(model))


def _may_change(project: Project, model: str) -> bool:
    """Whether something that a replica runs names a model and may change its rows."""
    code = project.code
    if model == KINDS_OF_ROWS:
        return False
    located = code.locate(model)
    if located is None or not _is_model(code, model) or _is_derived(code, located[1]):
        return True
    source, name = located
    places = {*project.reach.sayers(source, name)}
    return any(_changes(project, key, name) for key in places)


def _is_model(code: Codebase, dotted: str) -> bool:
    return any(base.endswith("Model") for base in code.ancestors(dotted))


def _is_derived(code: Codebase, name: str) -> bool:
    """Whether a class derives from one of this name: its rows may be the same ones."""
    return name in code.once(derived)


def _changes(project: Project, key: Key, name: str) -> bool:
    path, place = key
    source = project.code.by_path[path]
    words = {*source.said.get(place, "").split()}
    if words.isdisjoint((name, f".{name}", f":{name}")) or not project.reach.comes(path, place):
        # Who only imports it hands it on at most.
        return False
    if place in source.functions and place:
        # Few functions say both: these are read once more.
        return not WRITES.isdisjoint(words) and writes(
            project.code, project.root, path, place, name
        )
    # A form, an admin, a serializer or a view changes rows; another model points at them.
    return place not in source.classes or not _is_model(project.code, f"{source.module}.{place}")
