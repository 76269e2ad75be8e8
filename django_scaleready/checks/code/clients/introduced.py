"""Clients that ask the other side who it is, or who they are, with a timeout of their own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

# Methods that ask the other host who it is, by their package.
DISCOVER = {"provider_config": "oic"}
# Made with a token, they ask Slack whose it is (auth.test).
BOLT = frozenset({"slack_bolt.App", "slack_bolt.app.App", "slack_bolt.app.app.App"})
# What makes the token nobody's, or puts the question off.
_UNASKED = frozenset(
    {
        "authorize",
        "installation_store",
        "oauth_flow",
        "oauth_settings",
        "token_verification_enabled",
    }
)
PACKAGES = ("slack_bolt", *(f"{package}." for package in DISCOVER.values()))


def introduced(module: Module) -> Iterator[tuple[Site, str]]:
    """Yield the calls that ask it, and what to call them."""
    for name, package in DISCOVER.items():
        for site in module.calls(name) if package in module.roots else ():
            yield site, f"{package}'s {name}"
    for site in module.calls("App") if "slack_bolt" in module.roots else ():
        if module.resolve(site.call.func) in BOLT and _verifies(site.call):
            yield site, "slack_bolt.App"


def _verifies(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    token = given.get("token")
    told = token is not None and getattr(token, "value", token) is not None
    return told and None not in given and _UNASKED.isdisjoint(given)
