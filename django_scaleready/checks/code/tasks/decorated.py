"""What the decorators of the function that is sent tell of its queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tasks.own_delay import own_decorators
from django_scaleready.checks.code.tasks.sends import OF_TASKS

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.definitions import Found

# Queues that know nothing of the transaction: Celery's app goes by many names, its tasks by few.
_QUEUES = re.compile(
    r"(?:^|[._])(?:\w*celery\w*|dramatiq|huey|\w*huey|rq|arq|taskiq|kombu)(?=[._]|$)"
    r"|\.(?:shared_task|task|periodic_task|actor|job|db_task|db_periodic_task)$",
    re.IGNORECASE,
)


class Decorated:
    """What is known of the functions to which decorators give ``delay()``."""

    def __init__(self, code: Codebase, slug: str) -> None:
        """Take the code, and the rule whose facts tell of the project's own decorators."""
        self._code = code
        self._own = own_decorators(code, slug)

    def is_own(self, source: Summary, fact: Fact) -> bool:
        """Whether what is sent is a function to which decorators of the project give ``delay()``.

        That is no task, unless a task is made of it as well.
        """
        found = self._sent(source, fact) if self._own else None
        return found is not None and all(
            self._is_owns(found[0], name) for name in found[2].decorators
        )

    def _is_owns(self, source: Summary, name: str) -> bool:
        found = self._code.function(name if "." in name else f"{source.module}.{name}")
        return found is not None and (found[0].path, found[1]) in self._own

    def is_of_unknown_queue(self, source: Summary, fact: Fact) -> bool:
        """Whether only packages whose queue is not known make a task of what is sent.

        The queue may be a table of the same database, whose rows wait for the commit.
        """
        found = self._sent(source, fact)
        return found is not None and all(map(self._is_unknown, found[2].decorators))

    def _is_unknown(self, name: str) -> bool:
        """Whether a decorator is of a package that is not here, and named after no queue."""
        package, dot, _ = name.partition(".")
        return bool(dot) and package not in self._code.packages and not _QUEUES.search(name)

    def _sent(self, source: Summary, fact: Fact) -> Found | None:
        """Return the decorated function that is sent, None if it is not known which."""
        function = source.functions.get(fact.function)
        for call in function.calls if function else ():
            name, _, sends = call.callee.rpartition(".")
            if call.line != fact.line or sends not in OF_TASKS:
                continue
            if (sent := self._code.function(name)) and sent[2].decorators:
                return sent
        return None
