"""Services by what they add to an image: sources that are edited, or no more than a name."""

from __future__ import annotations

import posixpath

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.process import Described, is_over_tree, is_worked_on


def is_edited_here(one: Described) -> bool:
    """Whether the sources are mounted over those of the image: its own command is for others."""
    folder = posixpath.dirname(one.process.location.path)
    sources = {posixpath.dirname(posixpath.normpath(one.dockerfile).lstrip("/")), ""}
    return any(
        volume.source.startswith(".")
        and posixpath.normpath(f"/{folder}/{volume.source}").strip("/") in sources
        for volume in one.process.volumes
    )


def starts_edited(one: Described) -> bool:
    """Whether the code is mounted, and what the image starts by itself runs it."""
    return is_over_tree(one.process) and not one.command and not one.entrypoint


def takes(one: Described) -> bool:
    """Whether a deployed service takes an image that another file makes."""
    return bool(one.process.image) and not (one.dockerfile or one.process.for_development)


def is_by_name(one: Described) -> bool:
    """Whether a deployed service takes an image as it is, that another file makes."""
    process = one.process
    by_name = process.kind is Kind.COMPOSE and process.image and not one.dockerfile
    if not by_name or one.command or one.entrypoint or not process.environment:
        return False
    own_tree = is_edited_here(one) or starts_edited(one) or is_worked_on(process, one.words)
    return not process.for_development and not own_tree
