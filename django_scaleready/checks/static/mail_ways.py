"""The ways through a settings module in which mail is sent otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import permutations

from django_scaleready.checks.static.reader.branches import assigned
from django_scaleready.checks.static.reader.definitions import Definition, Names
from django_scaleready.checks.static.values.calls import EMAILS, RELAY

MAIL = frozenset({"EMAIL_BACKEND", "EMAIL_HOST", "MAILERS"})
Definitions = dict[str, list[Definition]]
# What a deployment names others instead of.
_DEFAULTS = frozenset(EMAILS.values()) - {EMAILS[RELAY]}
# With these it is the API of a provider.
_PROVIDERS = (
    *("ANYMAIL", "AWS_SES", "AZURE_COMMUNICATION", "MAILGUN", "MAILJET", "POSTMARK", "SENDGRID"),
    "SPARKPOST",
)


def is_chosen(test: ast.expr, body: list[ast.stmt]) -> bool:
    """Whether a branch says how mail is sent, and it is not for DEBUG alone that it is left out.

    ``if DEBUG or not os.environ.get("EMAIL_HOST"):`` asks for more.
    """
    if MAIL.isdisjoint(assigned(body)):
        return False
    either = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
    asked = test.values if isinstance(test, ast.BoolOp) and either else [test]
    return any("DEBUG" not in ast.unparse(part) for part in asked)


def is_off(test: ast.expr, value: object) -> bool:
    """Whether a branch is left out for a switch that is False: ``if SENDS_BY_SMTP:``.

    Who has a relay names it, and a switch is named by who wants what it is for.
    """
    return value is False and isinstance(test, ast.Name)


def told(names: Names, definitions: Definitions) -> tuple[Names, Definitions]:
    """Return what holds in a way, which sends by SMTP if it names a relay and no backend."""
    relay = definitions.get("EMAIL_HOST")
    if not relay or "EMAIL_BACKEND" in names or "MAILERS" in names:
        return names, definitions
    return {**names, "EMAIL_BACKEND": EMAILS[RELAY]}, {**definitions, "EMAIL_BACKEND": relay}


def by_relay(
    ways: Sequence[Names], definitions: Definitions
) -> Iterator[tuple[Names, Definitions]]:
    """Yield the way that names a relay and no backend, where the other one has a backend.

    ``if scheme == "console": EMAIL_BACKEND = CONSOLE``, ``else: EMAIL_HOST = url.hostname``
    """
    for way, other in permutations(ways, 2):
        if "EMAIL_HOST" in way.keys() - other.keys() and "EMAIL_BACKEND" in other:
            found, where = told(way, definitions)
            if found is not way:
                yield found, {"EMAIL_BACKEND": where["EMAIL_BACKEND"]}


def with_relay(
    node: ast.If, names: Names, definitions: Definitions
) -> Iterator[tuple[Names, Definitions]]:
    """Yield what holds where a relay is named: ``if not EMAIL_HOST: EMAIL_BACKEND = CONSOLE``."""
    relay = definitions.get("EMAIL_HOST")
    asks = any(isinstance(n, ast.Name) and n.id == "EMAIL_HOST" for n in ast.walk(node.test))
    if relay and asks and "EMAIL_BACKEND" in assigned(node.body):
        backend = names.get("EMAIL_BACKEND", EMAILS[RELAY])
        yield {**names, "EMAIL_BACKEND": backend}, {"EMAIL_BACKEND": relay}


def by_options(names: Names, definitions: Definitions) -> Iterator[tuple[Names, Definitions]]:
    """Yield what holds where a deployment names the backend, as it names the relay.

    ``EMAIL_BACKEND = env("EMAIL_BACKEND", default=CONSOLE)``, ``EMAIL_HOST = env("EMAIL_HOST")``:
    who has a relay has its backend, too. Whether it has a time-out that is one nobody knows.
    """
    backend, relay, ends = (
        definitions.get(f"EMAIL_{name}") for name in ("BACKEND", "HOST", "TIMEOUT")
    )
    if str(names.get("EMAIL_BACKEND")) not in _DEFAULTS or _is_option(ends):
        return
    if _is_option(backend) and _is_option(relay) and not any(map(_is_provider, names)):
        yield names | {"EMAIL_BACKEND": EMAILS[RELAY]}, {"EMAIL_BACKEND": backend or []}


def _is_provider(name: str) -> bool:
    return name.startswith(_PROVIDERS)


def _is_option(found: list[Definition] | None) -> bool:
    """Whether the last assignment asks for something by its name."""
    value = found[-1].value if found else None
    if isinstance(value, ast.BoolOp):
        value = value.values[0]
    texts = value.args[:1] if isinstance(value, ast.Call) else ()
    return any(isinstance(getattr(text, "value", None), str) for text in texts)
