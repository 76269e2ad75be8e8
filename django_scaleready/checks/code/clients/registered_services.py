"""Services that are registered with authlib, each of which gets a session of its own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from django_scaleready.checks.code.clients.sessions import is_made_by

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.scopes import Site

# The session is made of client_kwargs.
OAUTH = frozenset({"authlib.integrations.django_client.OAuth"})
REGISTERED = "authlib's OAuth"
# Where authlib is told of services by their name alone, and by whom it is written out.
DESCRIBED = "AUTHLIB_OAUTH_CLIENTS"


def registered(module: Module, site: Site) -> str:
    """Return how a service is registered with authlib, if with no time-out; "" if it is not.

    REGISTERED if the options are known and bring none, DESCRIBED if the settings have them.
    """
    function, call = site.call.func, site.call
    if not isinstance(function, ast.Attribute) or not is_made_by(
        module, function.value, site.scope, OAUTH
    ):
        return ""
    given = {k.arg: k.value for k in call.keywords}
    if given.keys() <= {"name"} or DESCRIBED in ast.unparse(given.get(None, call.func)):
        return DESCRIBED
    options = given.get("client_kwargs", ast.Dict([], []))
    written_out = isinstance(options, ast.Dict) and None not in (*options.keys, *given)
    return REGISTERED if written_out and "timeout" not in ast.unparse(options) else ""
