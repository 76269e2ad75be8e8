"""A process with sessions of its own: reads one command a line, answers each with one of JSON."""

from __future__ import annotations

import json
import sys
import time

import django
from django.db import connection, reset_queries

django.setup()

from django_scaleready import sessions  # noqa: E402 - a project's models load after setup()
from django_scaleready.sessions import SessionStore  # noqa: E402

# A tenth, so that a test need not wait. CACHE_SECONDS is left: old entries outlive each test, so
# what does not come back is not merely expired.
sessions.RETRY_SECONDS = 0.5

connection.force_debug_cursor = True


def sign_in(user: str) -> str | None:
    session = SessionStore()
    session["user"] = user
    session.save()
    return session.session_key


def read(key: str) -> object:
    return SessionStore(key).get("user")


def write(key: str, user: str) -> None:
    session = SessionStore(key)
    session["user"] = user
    session.save()


def logout(key: str) -> None:
    SessionStore(key).flush()


COMMANDS = {"sign_in": sign_in, "read": read, "write": write, "logout": logout}

for line in sys.stdin:
    name, *words = line.split()
    reset_queries()
    begin = time.monotonic()
    answer = COMMANDS[name](*words)
    took = time.monotonic() - begin
    answered = {"answer": answer, "seconds": took, "queries": len(connection.queries)}
    sys.stdout.write(json.dumps(answered) + "\n")
    sys.stdout.flush()
