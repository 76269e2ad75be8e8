"""A request or a task writes a file that only this replica has.

What is written next to the code, below a folder from the settings or to a path of its own is seen
by one replica and lost with it: a token that an API client keeps, an export that a second request
should download, a picture that is shown later.

## Bad

```python title="shop/client.py"
from pathlib import Path

TOKEN = Path(__file__).with_name("token.json")


def keep(token):
    TOKEN.write_text(token)
```

## Good

```python title="shop/client.py"
from django.core.cache import cache


def keep(token):
    cache.set("client-token", token, 3600)
```

## Stays silent when

- the file is temporary (`tempfile`), or removed by the same function;
- it is written through a storage, to memory, to `/dev/...` or below one of
  `SCALEREADY["SHARED_PATHS"]`;
- the code is a management command, a script, or runs under DEBUG only.

A path that cannot be traced (a parameter) is a warning.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Rule, Severity
from django_scaleready.checks.paths import Origin, Paths
from django_scaleready.checks.source import Moment, Source

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# The path comes first, then the mode.
SURE = frozenset({"open", "io.open", "codecs.open"})
OPENERS = SURE | {
    "bz2.open",
    "gzip.open",
    "lzma.open",
    "tarfile.open",
    "tarfile.TarFile",
    "zipfile.ZipFile",
}
# Any that may create or change: "w", "ab", "r+", "w:gz".
_MODE = r"[a-z+:0-9]{0,4}[wax+][a-z+:0-9]{0,4}"
REMOVERS = frozenset({"os.remove", "os.unlink", "shutil.rmtree"})


@dataclass(frozen=True, slots=True)
class Written:
    """A path that is written; ``sure`` if it must be one even when nobody knows where it leads."""

    path: ast.expr
    sure: bool


def find(project: Project) -> Iterator[Finding]:
    """Yield each write to a path that is the replica's own, or that cannot be traced."""
    paths = Paths(project.sources)
    for source in project.sources:
        for call in source.calls:
            written = _written(source, call)
            if written is None or _is_fine(source, call, written.path):
                continue
            origin = paths.origin(source, written.path)
            literal = paths.literal(source, written.path)
            if literal and literal.startswith("/") and project.is_shared(literal):
                continue
            local = origin is Origin.LOCAL
            if local or (origin is Origin.UNKNOWN and written.sure):
                yield Finding(
                    message=(
                        f"{ast.unparse(written.path)} is written on the replica's own disk: the"
                        " others never see it."
                        if local
                        else f"{ast.unparse(written.path)} is written to disk; if that is not a"
                        " shared one, the other replicas never see it."
                    ),
                    hint="Keep it in the database, the cache or a storage (default_storage).",
                    location=source.at(call),
                    severity=Severity.ERROR if local else Severity.WARNING,
                    confidence=Confidence.HIGH if local else Confidence.MEDIUM,
                )


def _written(source: Source, call: ast.Call) -> Written | None:
    name = source.resolve(call.func)
    if name in OPENERS and call.args:
        return Written(call.args[0], name in SURE) if _writes(call, 1) else None
    function = call.func
    if not isinstance(function, ast.Attribute) or name in OPENERS:
        return None
    if function.attr in {"write_text", "write_bytes"}:
        return Written(function.value, True)
    # A storage's or a field's open() looks alike, so the path must be known.
    if function.attr == "open" and _writes(call, 0):
        return Written(function.value, False)
    return None


def _writes(call: ast.Call, position: int) -> bool:
    given = next((k.value for k in call.keywords if k.arg == "mode"), None)
    if given is None and len(call.args) > position:
        given = call.args[position]
    mode = given.value if isinstance(given, ast.Constant) else None
    return isinstance(mode, str) and re.fullmatch(_MODE, mode) is not None


def _is_fine(source: Source, call: ast.Call, path: ast.expr) -> bool:
    if source.moment(call) is Moment.COMMAND or source.is_debug_only(call):
        return True
    return _is_removed(source, call, path)


def _is_removed(source: Source, call: ast.Call, path: ast.expr) -> bool:
    function = source.function_of(call)
    names = {ast.unparse(path)}
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.Call):
            removed = node.args[:1] if source.resolve(node.func) in REMOVERS else []
            if isinstance(node.func, ast.Attribute) and node.func.attr == "unlink":
                removed = [*removed, node.func.value]
            if any(ast.unparse(item) in names for item in removed):
                return True
    return False


RULE = Rule("scaleready.E053", "file-write", find, Area.SOURCE)
