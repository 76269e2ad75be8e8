"""URLs of services: what is wrong with one, and how to show it without its secrets. Pure text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

REDIS_SCHEMES = ("redis", "rediss")

_NOT_ENCODED = "a : / ? or # in the password is not %-encoded"
_SHOWN = 4

# These name a file, or find their servers by other means than a host.
_HOSTLESS = frozenset({"sqlite", "spatialite", "prometheus_sqlite", "memory", "filesystem", "sqs"})


@cache
def database_schemes() -> tuple[str, ...]:
    """Return those that django-environ knows, first the usual ones: an error names them."""
    # Who only hides secrets does without its import.
    from environ import Env

    return tuple(dict.fromkeys(["postgres", "mysql", "oracle", "sqlite", *Env.DB_SCHEMES]))


def _postgres_schemes() -> Sequence[str]:
    from environ import Env

    family: Sequence[str] = Env.POSTGRES_FAMILY
    return family


def spelt(schemes: Sequence[str]) -> str:
    """Return the schemes as an error shows them, not all of the two dozen of a database."""
    urls = " or ".join(f"{scheme}://..." for scheme in schemes[:_SHOWN])
    return f"{urls} or another scheme of django-environ" if len(schemes) > _SHOWN else urls


def redact(value: str) -> str:
    """Hide whatever may be a secret in a URL: the user part, odd ports, telling query values.

    On malformed URLs too, where a parser takes a password for a port. Too much, not too little.
    """
    value = re.sub(
        r"([?&;][^=&;]*(?:pass|pwd|secret|token|key|auth|cred)[^=&;]*=)[^&\s]*",
        r"\1***",
        value,
        flags=re.IGNORECASE,
    )
    user, at, rest = value.rpartition("@")
    if at:
        scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", user)
        value = f"{scheme[0] if scheme else ''}***@{rest}"
    return re.sub(r"(://(?:[^/?#]*@)?[^/?#:]*:)(?!\d{1,5}(?:[/?#,;]|$))[^/?#]*", r"\1***", value)


def redacted(text: str) -> str:
    """Hide the same in every URL of a text, an error's message for instance."""
    return re.sub(r"\S*://\S*", lambda found: redact(found[0]), text)


def fault(url: str, schemes: Sequence[str]) -> str:
    """Say what is wrong with a URL without quoting it, or return ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it cannot be parsed"
    if parts.scheme not in schemes:
        return f"the scheme is {parts.scheme!r}" if "://" in url else "it has no scheme"
    if parts.scheme in _HOSTLESS:
        return ""
    # No service has a fragment; what follows the # was the rest of a password, the host and all.
    if parts.fragment:
        return _NOT_ENCODED
    return _host_fault(parts) or _database_fault(parts)


def _host_fault(parts: SplitResult) -> str:
    # A database may be named by a socket: //path/name, or ?host=/path.
    socket = parts.path.startswith("//") or "host=" in parts.query
    hosts = parts.netloc.rpartition("@")[2].split(",")
    if len(hosts) > 1 and parts.scheme not in _postgres_schemes():
        return "it names several hosts"
    for host in hosts:
        try:
            one = urlsplit(f"//{host}")
            zero = one.port == 0
        except ValueError:
            return f"the port is no number up to 65535, or {_NOT_ENCODED}"
        if zero:
            return "the port is 0"
        if not one.hostname and not (socket and parts.scheme in database_schemes()):
            return "the host is missing"
    return ""


def _database_fault(parts: SplitResult) -> str:
    if parts.scheme not in REDIS_SCHEMES:
        return ""
    numbers = [parts.path.strip("/"), *(v for k, v in parse_qsl(parts.query, True) if k == "db")]
    if all(re.fullmatch(r"[0-9]*", number) for number in numbers):
        return ""
    return "the database after the host is no number"


def shift_database(url: str, shift: int) -> str:
    """Return a Redis URL with its database number raised; ``redis://h/0`` gives ``redis://h/1``."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    # redis-py lets ?db= win over the path.
    chosen = [value for key, value in query if key == "db"] or [parts.path.strip("/")]
    path = f"/{int(chosen[-1] or 0) + shift}"
    rest = [(key, value) for key, value in query if key != "db"]
    return parts._replace(path=path, query=urlencode(rest)).geturl()
