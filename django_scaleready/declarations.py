"""What the environment declares of the ladder; all that start-up code can see.

``from_environment()`` is the ladder for gunicorn.py and the settings fragments, which run before
``SCALEREADY`` exists. Where Django runs, ``conf.ladder`` knows more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django_scaleready.budget import Ladder
from django_scaleready.env import env
from django_scaleready.figures import FIGURES, Figure


@dataclass(frozen=True, slots=True)
class Declaration:
    """A figure's value in seconds, and the variable, option or setting that gives it."""

    figure: str
    value: float
    source: str


def variables() -> Iterator[Declaration]:
    """Yield what gunicorn's, the database's and Celery's own variables say; they win.

    Raises EnvError, naming the variable.
    """
    for figure in FIGURES:
        if figure.variable:
            yield from _read(figure, figure.variable)


def options() -> Iterator[Declaration]:
    """Yield what the ``SCALEREADY_`` variables say. Raises EnvError, naming the variable."""
    for figure in FIGURES:
        yield from _read(figure, f"SCALEREADY_{figure.option}")


def from_environment() -> Ladder:
    """Return the ladder as far as the environment declares it."""
    return ladder_of([*variables(), *options()])


def strongest(declarations: Iterable[Declaration]) -> dict[str, Declaration]:
    """Return the first declaration of each figure: the one that holds."""
    found: dict[str, Declaration] = {}
    for declaration in declarations:
        found.setdefault(declaration.figure, declaration)
    return found


def ladder_of(declarations: Iterable[Declaration]) -> Ladder:
    """Return the ladder that follows from some declarations, the strongest first."""
    return Ladder.derive({name: one.value for name, one in strongest(declarations).items()})


def _read(figure: Figure, variable: str) -> Iterator[Declaration]:
    if env.text(variable, ""):
        value = (
            env.whole(variable, 0, minimum=int(figure.minimum))
            if figure.whole
            else env.seconds(variable, 0.0, minimum=figure.minimum)
        )
        yield Declaration(figure.name, value, variable)
