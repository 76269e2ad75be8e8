"""Which classes are models, also those that a ``models.py`` has from a package."""

from __future__ import annotations

from django_scaleready.checks.code.codebase import Codebase


def is_model(code: Codebase, dotted: str) -> bool:
    """Whether what has a dotted name is a model, whose rows somebody saves."""
    bases = code.ancestors(dotted)
    of_django = any(base.startswith("django.") and base.endswith(".Model") for base in bases)
    return of_django or _is_of_package(code, dotted)


def _is_of_package(code: Codebase, dotted: str) -> bool:
    """Whether a ``models.py`` imports a class from the models of a package that is not here."""
    at = code.locate(dotted)
    if at is None or at[0].module.rpartition(".")[2] != "models" or not at[1][:1].isupper():
        return False
    if at[1] in at[0].classes or at[1] in at[0].values:
        return False
    imported = (name.rpartition(".") for name in at[0].imported)
    return any(
        last in {at[1], "*"}
        and module.rpartition(".")[2] == "models"
        and not (module.startswith("django.") or module in code.by_module)
        for module, _, last in imported
    )
