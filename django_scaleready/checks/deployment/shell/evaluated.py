"""What ``eval`` runs: a line that the script has put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.shell.script import Step, parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from django_scaleready.checks.deployment.shell.walk import Walker

# A line whose text only running tells.
_UNKNOWN = ("$", "`")


def evaluate(walker: Walker, node: Node, words: tuple[str, ...], how: Step) -> bool:
    """Walk through the line, as far as its text is known; returns whether the script ends there.

    What it starts stands where ``eval`` does.
    """
    known = [each for each in " ".join(words).splitlines() if not each.startswith(_UNKNOWN)]
    first, line = len(walker.steps), node.start_point[0] + 1 + walker.line
    walker.depth += 1
    walker.walk(parse(walker.path, "\n".join(known)))
    walker.depth -= 1
    added = walker.steps[first:]
    walker.steps[first:] = [
        replace(
            step,
            line=line,
            begins=-1,
            sure=step.sure and how.sure,
            repeated=step.repeated or how.repeated,
            waits=step.waits and how.waits,
            output=step.output or how.output,
        )
        for step in added
    ]
    return any(step.execs and step.sure for step in walker.steps[first:])
