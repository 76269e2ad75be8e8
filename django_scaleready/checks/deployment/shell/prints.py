"""Whether a script, or a function of one, prints what it draws at random: ``KEY=$(make_key)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.shell.words import Values

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.shell.walk import Walker


def prints(walker: Walker, name: str) -> bool:
    """Whether what a script has run by its name prints such a value."""
    known = walker.drawn.printing
    if name not in known:
        # One that runs itself says nothing new.
        known[name] = False
        known[name] = _prints(walker, name)
    return known[name]


def _prints(walker: Walker, name: str) -> bool:
    function = walker.functions.get(name)
    script = walker.load(name) if function is None and "." in name else None
    inner = type(walker)(Values.of(walker.values.variables, (), name), walker.load)
    inner.functions.update(walker.functions)
    inner.drawn.printing = walker.drawn.printing
    if function is not None:
        inner.visit(function[0], sure=True)
    elif script is not None:
        inner.walk(script)
    return inner.drawn.printed
