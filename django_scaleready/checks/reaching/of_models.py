"""Which methods Django calls by itself of a model, a manager and a query set, and no others."""

from __future__ import annotations

from functools import cache

_MODELS = ("django.contrib.gis.db.models.", "django.db.models.")
_KINDS = ("Manager", "Model", "QuerySet")
_OF_MODELS = (
    *("check", "clean", "clean_fields", "delete", "from_db", "full_clean", "get_absolute_url"),
    *("get_deferred_fields", "natural_key", "prepare_database_save", "refresh_from_db", "save"),
    *("save_base", "serializable_value", "unique_error_message", "validate_constraints"),
    "validate_unique",
)
# What is overridden of these is called where the project says nothing of it: by the admin, a form.
_OF_MANAGERS = (
    *("add", "aggregate", "alias", "all", "annotate", "as_manager", "bulk_create", "bulk_update"),
    *("clear", "complex_filter", "contains", "contribute_to_class", "count", "create"),
    *("create_superuser", "create_user", "dates", "datetimes", "db_manager", "deconstruct"),
    *("defer", "difference", "distinct", "earliest", "exclude", "exists", "explain", "extra"),
    *("filter", "first", "get", "get_by_natural_key", "get_or_create", "get_prefetch_queryset"),
    *("get_prefetch_querysets", "get_queryset", "in_bulk", "intersection", "iterator", "last"),
    *("latest", "none", "only", "order_by", "prefetch_related", "raw", "remove"),
    *("resolve_expression", "reverse", "select_for_update", "select_related", "set", "union"),
    *("update", "update_or_create", "using", "values", "values_list", "with_perm"),
)
# Most have another one for asynchronous code.
CALLED = frozenset(
    f"{prefix}{name}" for prefix in ("", "a") for name in (*_OF_MODELS, *_OF_MANAGERS)
)


@cache
def is_of_models(base: str) -> bool:
    """Whether a class of Django's is one that a model, a manager or a query set is derived from."""
    return base.startswith(_MODELS) and base.endswith(_KINDS)
