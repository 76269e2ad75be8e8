"""By what a visitor is told apart: his session, his address, his user."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code.memory.containers import Change

SESSION = "session"
# A session or an address, and a user: request.session.session_key, request.user.pk, client_ip.
VISITORS = re.compile(
    r"session_key|session_id|\bsid\b|REMOTE_ADDR|(?<![a-z])ip(_addr(ess)?)?(?![a-z_])"
    r"|(?P<user>request\.user\b)"
)
# And what he is called where no request is at hand: user_id, chat.id.
_PERSON = re.compile(r"\b(user|chat|member|customer|account)(_id|_pk|\.id|\.pk)\b")


def is_person(use: Change) -> bool:
    """Whether a key names one person, by a request or by what he is called."""
    return bool(visitor(use)) or any(_PERSON.search(ast.unparse(key)) for key in use.keys)


def visitor(use: Change) -> str:
    """Return by what a visitor is told apart in a key: SESSION, "user", or "" if it names none."""
    for key in use.keys:
        bound = use.scope.bindings.get(key.id, ()) if isinstance(key, ast.Name) else ()
        for node in (key, *bound):
            if found := VISITORS.search(ast.unparse(node)):
                return "user" if found["user"] else SESSION
    return ""
