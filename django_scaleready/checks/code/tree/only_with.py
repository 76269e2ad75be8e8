"""Not asking a file about what it cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading

Collect = Callable[["Reading"], Iterator[Fact]]


def only_with(*names: str) -> Callable[[Collect], Collect]:
    """Return a decorator of collectors that find something only where one of some names is said.

    It is called, or stands after a dot. Most files say none: not to ask them is what makes a rule
    cheap.
    """
    wanted = frozenset(names)

    def decorate(collect: Collect) -> Collect:
        @wraps(collect)
        def collect_there(reading: Reading) -> Iterator[Fact]:
            if wanted.isdisjoint(reading.module.vocabulary):
                return iter(())
            return collect(reading)

        return collect_there

    return decorate
