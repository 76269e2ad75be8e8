"""Whether an address is the machine's own: what a cloud tells an instance of itself, or a sidecar.

No other host is asked, and it is there as long as the machine is.
"""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code.paths.filled_in import first_filled_in
from django_scaleready.checks.code.paths.pathlike import first_part
from django_scaleready.checks.code.tree.scopes import Scope

# Followed so far: url = url + "/x" would lead round for ever.
_DEPTH = 5
_HOST = re.compile(
    r"https?://(169\.254\.\d+\.\d+|\[fd00:ec2::254\]|metadata(\.google\.internal)?|localhost"
    r"|127\.\d+\.\d+\.\d+|\[::1\])([:/?]|$)",
    re.IGNORECASE,
)
# Amazon's containers are told there where to ask.
_TOLD = "ECS_CONTAINER_METADATA_URI"
_VERB_FIRST = ("request", "stream")
_REQUESTS = ("Request",)


def is_own_machine(call: ast.Call, scope: Scope) -> bool:
    """Whether a call over HTTP asks the machine that it runs on."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = call.args[name in _VERB_FIRST :][:1]
    given += [keyword.value for keyword in call.keywords if keyword.arg == "url"]
    return any(_is_own(address, scope, 0) for address in given)


def _is_own(node: ast.AST | None, scope: Scope, depth: int) -> bool:
    if node is None or depth > _DEPTH:
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _HOST.match(node.value) is not None
    if isinstance(node, ast.Name):
        values = next((o.bindings[node.id] for o in scope.outer if node.id in o.bindings), [])
        return bool(values) and all(_is_own(value, scope, depth + 1) for value in values)
    if _TOLD in ast.unparse(node):
        return True
    filled = first_filled_in(node)
    if filled is None and isinstance(node, ast.Call):
        asked = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if asked in _REQUESTS:
            filled = next(iter(node.args), None)
    return _is_own(filled or first_part(node), scope, depth + 1)
