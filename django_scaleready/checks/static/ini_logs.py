"""What ``logging.config.fileConfig`` makes of an INI file, as the dictionary that LOGGING is."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from configparser import RawConfigParser

_TEXT = re.compile(r"""['"]([^'"]+)['"]""")


def config_of(path: Path | None) -> dict[str, Any] | None:
    """Return the configuration that a file holds; None if it holds none."""
    # Few projects have one, and it takes long to import.
    import configparser

    found = configparser.RawConfigParser(strict=False)
    with suppress(configparser.Error, OSError, UnicodeDecodeError):
        found.read(path or ())
        loggers = {name: _logger(found, name) for name in _keys(found, "loggers")}
        return {
            "version": 1,
            "handlers": {name: _handler(found, name) for name in _keys(found, "handlers")},
            "root": loggers.pop("root", {}),
            "loggers": {
                found.get(f"logger_{name}", "qualname", fallback=name): held
                for name, held in loggers.items()
            },
        }
    return None


def _keys(found: RawConfigParser, section: str) -> list[str]:
    return _split(found.get(section, "keys"))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _logger(found: RawConfigParser, name: str) -> dict[str, Any]:
    section = f"logger_{name}"
    propagate = found.get(section, "propagate", fallback="1") != "0"
    handlers = _split(found.get(section, "handlers", fallback=""))
    return {"handlers": handlers, "propagate": propagate}


def _handler(found: RawConfigParser, name: str) -> dict[str, Any]:
    section = f"handler_{name}"
    # Classes are looked up in the module ``logging``: handlers.RotatingFileHandler.
    kind = found.get(section, "class", fallback="")
    dotted = f"logging.{kind}" if "." not in kind or kind.startswith("handlers.") else kind
    written = _TEXT.search(found.get(section, "args", fallback=""))
    level = found.get(section, "level", fallback="NOTSET")
    return {"class": dotted, "level": level, **({"filename": written[1]} if written else {})}
