"""The rules, listed by hand: what is not here does not run."""

from __future__ import annotations

from django_scaleready.checks.base import Rule
from django_scaleready.checks.rules import (
    cache_local,
    db_sqlite,
    debug,
    log_file,
    runserver_deployed,
)

RULES: tuple[Rule, ...] = (
    db_sqlite.RULE,
    cache_local.RULE,
    log_file.RULE,
    debug.RULE,
    runserver_deployed.RULE,
)

# Ids of rules that are gone. An id in somebody's SILENCED_SYSTEM_CHECKS must never come to mean
# something else. W000 is "could not be decided", W900 the app's own check of MIDDLEWARE.
RETIRED: frozenset[str] = frozenset()
RESERVED: frozenset[str] = frozenset({"scaleready.W000", "scaleready.W900"})
