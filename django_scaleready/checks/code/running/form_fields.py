"""Methods of forms that nobody calls: ``clean_url()``, where a form has no field ``url``."""

from __future__ import annotations

from collections.abc import Iterator

from django_scaleready.checks.code.definitions import Definitions
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading

NOTED = "clean-without-field"
CLEAN = "clean_"
# One of a model has the model's fields.
FORMS = frozenset({"django.forms.Form", "django.forms.forms.Form"})


def without_field(reading: Reading) -> Iterator[Fact]:
    """Note the methods that Django would call for a field, where a form has none of that name."""
    module = reading.module
    if b"def clean_" not in module.content or b"Form" not in module.content:
        return
    for scope in module.functions.values():
        owner, field = scope.parent, scope.name.removeprefix(CLEAN)
        if owner is None or owner.kind != "class" or field == scope.name:
            continue
        if FORMS.issuperset(module.bases(owner)) and module.bases(owner):
            # It may be made by its name, too: self.fields["url"] = ...
            said = any(field in other.texts for other in module.scopes if other is not scope)
            if field not in owner.bindings and not said:
                yield Fact(scope.line, scope.qualname)


def uncalled(code: Definitions) -> frozenset[tuple[str, str]]:
    """Return those of the methods, by path and name, that no other class brings a field for."""
    noted = [(source.path, fact.function) for source, fact in code.facts(NOTED)]
    if not noted:
        return frozenset()
    classes = (one for source in code for one in source.classes.values())
    bases = {base.rpartition(".")[2] for one in classes for base in one.bases}
    said = frozenset().union(*(source.mentions for source in code))
    return frozenset(
        (path, name)
        for path, name in noted
        if name.split(".")[-2] not in bases and name.rpartition(".")[2] not in said
    )
