"""The folders that a script mounts from a network on each machine that it sets up.

``mount -t efs $FILES:/ /mnt/shop``, or a line of ``/etc/fstab``. A container that binds such a
folder keeps nothing on its own machine there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from django_scaleready.checks.deployment.files import DeployFile
from django_scaleready.checks.deployment.process import Process, Volume

_TYPES = r"(?:nfs4?|efs|cifs|smb3|ceph|(?:fuse\.)?glusterfs|lustre)"
_IS_THERE = re.compile(rf"\b{_TYPES}\b")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_MOUNT = re.compile(r"\bmount((?:\.\w+)?[ \t][^\n;&|#<>]*)")
_TYPE = re.compile(r"^\.(\w+)|\s(?:-t|--types)[\s=]*(\S+)")
_OPTION = re.compile(r"\s(?:-[^\s-]*[ot]|--types|--options)[\s=]*(\S+)|\s-\S+")
_FSTAB = re.compile(
    rf"(?:^|[\s\"'])[^\s\"'#]*(?::|//)[^\s\"']*\s+([/$][^\s\"']*)\s+{_TYPES}\s+\S", re.MULTILINE
)
_GIVEN = re.compile(r"^\s*(?:export\s+|readonly\s+)?(\w+)=[\"']?([^\s\"'`(;]*)", re.MULTILINE)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")


def folders(files: Iterable[DeployFile]) -> set[str]:
    """Return the folders of machines that files mount from a network, as they are deployed."""
    return {
        posixpath.normpath(at)
        for file in files
        if not file.for_development and _IS_THERE.search(file.text)
        for at in _mounted(file.text)
        if at.startswith("/") and at != "/"
    }


def joined(processes: Iterable[Process], files: Iterable[DeployFile]) -> list[Process]:
    """Return processes whose volumes are shared that are such folders, or lie below one."""
    shared = folders(files)
    if not shared:
        return [*processes]
    return [
        replace(each, volumes=tuple(_told(volume, shared) for volume in each.volumes))
        for each in processes
    ]


def _told(volume: Volume, shared: set[str]) -> Volume:
    source = PurePosixPath(volume.source)
    return replace(volume, shared=True) if any(map(source.is_relative_to, shared)) else volume


def _mounted(text: str) -> Iterator[str]:
    text = _COMMENT.sub("", text.replace("\\\n", " "))
    given: dict[str, str] = {}
    for name, value in _GIVEN.findall(text):
        # One that has several values has none that is known.
        given[name] = value if given.get(name, value) == value else ""
    for command in _MOUNT.finditer(text):
        said = _TYPE.search(command[1])
        if said and _IS_THERE.fullmatch(said[1] or said[2]):
            words = _OPTION.sub(" ", command[1]).split()
            # What is mounted, and where.
            yield from [_filled(words[-1], given)] if words[1:] else []
    for line in _FSTAB.finditer(text):
        yield _filled(line[1], given)


def _filled(word: str, given: dict[str, str]) -> str:
    """Return a word with the values of its variables; "" if one is not known."""
    for _ in range(3):
        names = [*_VARIABLE.finditer(word)]
        if any(not (given.get(n[1] or n[2]) or n[3]) for n in names):
            return ""
        word = _VARIABLE.sub(lambda n: given.get(n[1] or n[2]) or n[3], word)
    return "" if "$" in word else word.strip("\"'")
