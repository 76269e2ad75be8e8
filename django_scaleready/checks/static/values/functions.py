"""The names that a function of a settings module sees when it is called."""

from __future__ import annotations

from typing import Any

from django_scaleready.checks.static.reader.definitions import Names
from django_scaleready.checks.static.values.expressions import Expressions
from django_scaleready.checks.static.values.undecided import UNDECIDED, Closure


def given_names(
    expressions: Expressions, closure: Closure, arguments: list[Any], options: Names
) -> Names:
    """Return the parameters with the values of a call; UNDECIDED where there is none."""
    given = closure.node.args
    plain = [*given.posonlyargs, *given.args]
    values: Names = {a.arg: UNDECIDED for a in [*plain, *given.kwonlyargs]}
    defaults = zip(reversed(plain), reversed(given.defaults), strict=False)
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    for argument, default in [*defaults, *named]:
        if default is not None:
            values[argument.arg] = expressions.value(default, closure.names)
    values |= {a.arg: v for a, v in zip(plain, arguments, strict=False)}
    return values | {name: value for name, value in options.items() if name in values}
