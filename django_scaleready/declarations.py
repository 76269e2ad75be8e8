"""What the environment declares of the ladder; all that start-up code can see.

``from_environment()`` is the ladder for gunicorn.py and the settings fragments, which run before
``SCALEREADY`` exists. Where Django runs, ``conf.ladder`` knows more.
"""

from __future__ import annotations

from collections.abc import Iterator

from django_scaleready.budget import Ladder
from django_scaleready.env import env
from django_scaleready.figures import FIGURES, Declaration, Figure


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
    return Ladder.of([*variables(), *options()])


def _read(figure: Figure, variable: str) -> Iterator[Declaration]:
    if env.text(variable, ""):
        value = (
            env.whole(variable, 0, minimum=int(figure.minimum))
            if figure.whole
            else env.seconds(variable, 0.0, minimum=figure.minimum)
        )
        yield Declaration(figure.name, value, f"the variable {variable}")
