"""Who did it: the place of the project that is nearest, and the package in between."""

from __future__ import annotations

import enum
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path, PurePath
from types import FrameType
from typing import Any, NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.loading.files import SKIPPED_FOLDERS, is_test

_KIT = str(Path(__file__).resolve().parents[1])
_STDLIB = tuple(
    {str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "platstdlib")}
)
_PACKAGES = frozenset({"site-packages", "dist-packages"})
_TESTS = frozenset({"e2e", "test", "testing", "tests"})
# Further out runs the server, or whoever asked; in between stands middleware, which did nothing.
# asgiref lends a thread that waits for a coroutine to whoever needs one: below stands who waits.
_BOUNDARIES = ("asgiref.current_thread_executor", "celery.app.trace", "django.core.handlers.")
_COMMANDS = "django.core.management."
# What the settings name, the check judges by the settings. Log handlers are the standard library's.
_CONFIGURED = (
    "django.contrib.sessions.backends.",
    "django.core.cache.backends.",
    "django.core.mail.backends.",
    "django.db.backends.",
)
_STORAGES = "django.core.files.storage."
# They ask the machine something, by programs of its own.
_HARMLESS = frozenset({"ctypes.util", "logging", "logging.handlers", "platform", "uuid"})


class Owner(enum.Enum):
    """Whose code a file is. ``LIBRARY`` is what nobody is told about: Python's, Django's."""

    PROJECT = enum.auto()
    TEST = enum.auto()
    PACKAGE = enum.auto()
    LIBRARY = enum.auto()
    KIT = enum.auto()


class Source(NamedTuple):
    """A file: whose it is, and how it is shown."""

    owner: Owner
    shown: str


_NOBODYS = Source(Owner.LIBRARY, "")


class Site(NamedTuple):
    """Where something was done: in the project, and in the package that did it, if one did.

    ``anything`` is a place in whatever code ran, for what no line of the project led to.
    """

    place: Location | None
    package: Location | None
    anything: Location | None


class Frames:
    """Reads stacks. Files are told apart once; the folder is the project's root."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._known: dict[tuple[str, str], Source] = {}

    def site(self, frame: FrameType | None, *, tested: bool = False) -> Site | None:
        """Return who is at work in a frame; None if that is nobody's affair.

        ``tested``: a test calls functions by itself, so those of a command say nothing.
        """
        package = anything = None
        for current, module, source in self._walk(frame):
            if _is_settings_affair(current, module) or source.owner in {Owner.KIT, Owner.TEST}:
                return None
            if source.owner is Owner.LIBRARY and not source.shown:
                continue
            place = Location(source.shown, current.f_lineno)
            anything = anything or place
            if source.owner is Owner.PROJECT:
                if tested and self._is_command(current):
                    return None
                return Site(place, package, place)
            if source.owner is Owner.PACKAGE:
                package = package or place
        return None if tested else Site(None, package, anything)

    def place_of(self, function: Any) -> Location | None:
        """Return where a function of the project is written; None for others'."""
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        # A class-based view is a function with the class on it.
        function = getattr(function, "view_class", function)
        module = sys.modules.get(getattr(function, "__module__", None) or "")
        source = self.source(getattr(module, "__file__", None) or "", "")
        code = getattr(function, "__code__", None)
        if source.owner is not Owner.PROJECT:
            return None
        return Location(source.shown, code.co_firstlineno if code else 0)

    def source(self, file: str, module: str) -> Source:
        """Return whose a file is."""
        if not file or file.startswith("<"):
            # Not remembered: code that is made at run time may have a new name each time.
            return _NOBODYS
        key = (file, module)
        if key not in self._known:
            self._known[key] = self._tell(file, module)
        return self._known[key]

    def _walk(self, frame: FrameType | None) -> Iterator[tuple[FrameType, str, Source]]:
        while frame is not None:
            # Not f_code: each look at it is an event of its own for every audit hook.
            names = frame.f_globals
            module = names.get("__name__") or ""
            if module.startswith(_BOUNDARIES):
                return
            yield frame, module, self.source(names.get("__file__") or "", module)
            frame = frame.f_back

    def _is_command(self, frame: FrameType | None) -> bool:
        return any(
            module.startswith(_COMMANDS) or "/management/commands/" in f"/{source.shown}"
            for _, module, source in self._walk(frame)
        )

    def _tell(self, file: str, module: str) -> Source:
        path = Path(file).resolve()
        if path.is_relative_to(_KIT):
            return Source(Owner.KIT, "")
        if not _PACKAGES.isdisjoint(path.parts):
            return _installed(path)
        if path.is_relative_to(self.root):
            return _own(path.relative_to(self.root))
        return _other(path, module)


def _installed(path: Path) -> Source:
    last = max(number for number, part in enumerate(path.parts) if part in _PACKAGES)
    shown = PurePath(*path.parts[last + 1 :]).as_posix()
    return Source(Owner.LIBRARY if shown.startswith("django/") else Owner.PACKAGE, shown)


def _other(path: Path, module: str) -> Source:
    if is_test(path.name):
        return Source(Owner.TEST, "")
    if any(path.is_relative_to(folder) for folder in _STDLIB):
        return _NOBODYS
    # Installed as a link to its checkout, or lying on the path.
    return Source(Owner.PACKAGE, f"{module.replace('.', '/')}.py")


def _own(path: PurePath) -> Source:
    folders = path.parts[:-1]
    if is_test(path.name) or _TESTS.intersection(folders):
        return Source(Owner.TEST, "")
    if any(name in SKIPPED_FOLDERS or name.startswith(".") for name in folders):
        return _NOBODYS
    return Source(Owner.PROJECT, path.as_posix())


def _is_settings_affair(frame: FrameType, module: str) -> bool:
    if module in _HARMLESS or module.startswith(_CONFIGURED):
        return True
    return module.startswith(_STORAGES) and _is_configured(frame.f_locals.get("self"))


def _is_configured(storage: object) -> bool:
    """Whether a storage is one that STORAGES names, and not one that code made for itself."""
    from django.core.files.storage import storages

    # Those that were made so far; asking for another could make it in the middle of its own work.
    return any(storage is made for made in getattr(storages, "_storages", {}).values())
