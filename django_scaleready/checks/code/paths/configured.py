"""Paths that are looked up in a configuration of the project's own: ``options["export_dir"]``."""

from __future__ import annotations

import ast
import re

_KEY = re.compile(r"(^|[_.\- ])(dir|directory|file|folder|location|path|root)$", re.IGNORECASE)
_HOLDER = re.compile(r"conf|option|parameter|preference|setting", re.IGNORECASE)


def configured(node: ast.AST) -> str:
    """Return the key under which a configuration is asked for a path, "" if it is not.

    For instance ``config["log_file"]``, ``config.get("paths", "exports_dir")`` and
    ``get_parameter("storage_dir")``. What a request brings along is none.
    """
    if isinstance(node, ast.Subscript):
        key, holder = node.slice, node.value
    elif isinstance(node, ast.Call):
        given = [argument for argument in node.args[:2] if isinstance(argument, ast.Constant)]
        if not given:
            return ""
        key, holder = given[-1], node.func
    else:
        return ""
    name = key.value if isinstance(key, ast.Constant) else None
    if not isinstance(name, str) or not _KEY.search(name):
        return ""
    shown = ast.unparse(holder)
    return name if _HOLDER.search(shown) and "request" not in shown else ""
