"""Which fields of models hold an upload."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope

# Fields of forms and serializers hold an upload for the length of a request; factories make none.
NO_MODEL = (
    *("factory.", "forms.", "django.forms.", "serializers.", "rest_framework.", "wtforms."),
    "graphene.",
)


def file_fields(reading: Reading) -> Iterator[Fact]:
    """Note the fields of models that hold an upload.

    (model, storage is given, the field, its folder if that is written out)
    """
    module = reading.module
    names = [name for name in module.mentions if name.endswith(("FileField", "ImageField"))]
    names += [name for name in module.imports if name.endswith(("FileField", "ImageField"))]
    for site in module.calls(*sorted({*names})):
        dotted = module.resolve(site.call.func)
        if site.scope.kind != "class" or _is_of_request(module, site.scope):
            continue
        if _is_unmanaged(module, site.scope):
            continue
        if not dotted.startswith(NO_MODEL):
            given = any(keyword.arg == "storage" for keyword in site.call.keywords)
            bound = site.scope.bindings.items()
            own = (name for name, values in bound if site.call in values)
            folder = [k.value for k in site.call.keywords if k.arg == "upload_to"]
            text = folder[0].value if folder and isinstance(folder[0], ast.Constant) else ""
            yield module.fact(site, site.scope.name, given, next(own, ""), text)


def _is_of_request(module: Module, owner: Scope) -> bool:
    """Whether a class is a form or a serializer, whatever package its fields are of."""
    bases = module.bases(owner)
    # Wagtail has pages that are called forms.
    return any(b.endswith(("Form", "Serializer")) and ".models." not in b for b in bases)


def _is_unmanaged(module: Module, owner: Scope) -> bool:
    """Whether a model is one of another system's table, which stores the files, too."""
    meta = module.classes.get(f"{owner.qualname}.Meta")
    managed = meta.bindings.get("managed", []) if meta else []
    return any(isinstance(value, ast.Constant) and not value.value for value in managed)
