"""Files whose lines a log shipper brings to where those of all replicas are.

Told by the configurations of CloudWatch's agents, Promtail, Filebeat, Fluent Bit, Fluentd, Vector.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.files import is_for_development, plain

_SUFFIXES = frozenset({".conf", ".config", ".json", ".toml", ".yaml", ".yml"})
# What only such a configuration says, with the key whose value names files.
_SAYS = {
    r'"collect_list"': r'"file_path"',
    r"^[ \t]*log_group_name[ \t]*=": r"^[ \t]*file",
    r"__path__[ \t]*:": r"__path__",
    r"^[ \t]*filebeat\b|^[ \t]*-[ \t]*type:[ \t]*filestream\b": r"paths|^[ \t]*-",
    r"^[ \t]*name[ \t]+tail\b": r"^[ \t]*path",
    r"@?type[ \t]+tail\b": r"^[ \t]*path",
    r"^[ \t]*\[sources\.": r"^[ \t]*include",
}
_FLAGS = re.IGNORECASE | re.MULTILINE
_SHIPPERS = [
    (re.compile(mark, _FLAGS), re.compile(f"({key})(.*)", _FLAGS)) for mark, key in _SAYS.items()
]
# One of these stands in each of them; most files hold none, and are looked at no further.
_WORDS = (
    *(b'"collect_list"', b"log_group_name", b"__path__", b"filebeat", b"filestream"),
    *(b" tail", b"\ttail", b"[sources."),
)
_PATH = re.compile(r"(?<![\w./*])/[\w./*?-]+")


def shipped(root: Path, listed: Sequence[str]) -> frozenset[str]:
    """Return the paths, some of them patterns, that a project's log shippers follow."""
    return frozenset(
        found
        for path in listed
        if _is_configuration(path) and not is_for_development(path)
        for found in _named(_read(root, path))
    )


def is_one_of(path: str, patterns: frozenset[str]) -> bool:
    """Whether a path is, or fits, one that is shipped: a star stays within its folder."""
    given = PurePosixPath(path)
    return given.is_absolute() and any(
        fnmatchcase(path, pattern) if "**" in pattern else given.match(pattern)
        for pattern in patterns
    )


def _is_configuration(path: str) -> bool:
    name, dot, suffix = plain(path.rpartition("/")[2]).rpartition(".")
    return bool(name) and dot + suffix in _SUFFIXES


def _named(text: str) -> list[str]:
    keys = [key for mark, key in _SHIPPERS if mark.search(text)]
    values = (found.group(found.re.groups) for key in keys for found in key.finditer(text))
    return [path for value in values for path in _PATH.findall(value)]


def _read(root: Path, path: str) -> str:
    """Return a configuration's text; "" of what is none, cannot be read, or is long as data."""
    content = files.content(root, path)
    lowered = content.lower()
    return content.decode("utf-8", "replace") if any(w in lowered for w in _WORDS) else ""
