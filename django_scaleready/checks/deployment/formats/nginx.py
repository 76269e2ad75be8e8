"""nginx's configurations: what is passed on, and what is served from a disk."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile

# Ruby's templates: what is put in, and what only decides.
_EMBEDDED = re.compile(r"<%(=)?(?:(?!%>).)*%>")


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive with the blocks around it, the outermost first."""

    name: str
    arguments: tuple[str, ...]
    location: Location
    around: tuple[Directive, ...] = ()

    @property
    def url(self) -> str:
        """The path of the location around it, "" outside of one."""
        blocks = [block for block in self.around if block.name == "location" and block.arguments]
        return blocks[-1].arguments[-1] if blocks else ""


def read(file: DeployFile) -> list[Directive]:
    """Return the directives of a file; ValueError if it cannot be parsed."""
    import crossplane

    text = _EMBEDDED.sub(lambda found: "$value" if found[1] else "", file.text)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf") as copy:
        # Not the file itself: of a template, what it says itself is read.
        copy.write(text)
        copy.flush()
        found = crossplane.parse(copy.name, single=True, check_ctx=False, check_args=False)  # type: ignore[no-untyped-call]  # it has no annotations
    if found["errors"]:
        reason = str(found["errors"][0]["error"])
        raise ValueError(reason.replace(f"in {copy.name}:", "in line "))
    parsed = [statement for config in found["config"] for statement in config["parsed"]]
    return list(_flat(file.path, parsed, ()))


def _flat(
    path: str, statements: list[dict[str, Any]], around: tuple[Directive, ...]
) -> Iterator[Directive]:
    for statement in statements:
        place = Location(path, statement["line"])
        found = Directive(statement["directive"], tuple(statement["args"]), place, around)
        yield found
        yield from _flat(path, statement.get("block", []), (*around, found))
