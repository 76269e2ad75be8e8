"""Names for temporary files that somebody made up without ``tempfile``."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

# Looked for in somebody's code, not written to.
FOLDERS = ("/tmp/", "/var/tmp/")  # noqa: S108 - see above
# A folder, and a name in it.
PAIR = 2
# They make a name that no other process will use again.
UNIQUE = frozenset({"get_random_string", "token_hex", "token_urlsafe", "uuid1", "uuid4"})
# They draw letters for one.
_DRAWN = frozenset({"choice", "choices", "sample"})
# What a file holds that is made with one of these, each replica has otherwise.
MAKERS = UNIQUE | {
    *("choice", "choices", "generate_key", "generate_private_key", "get_random_secret_key"),
    *("gethostname", "getnode", "getrandbits", "randint", "token_bytes", "urandom"),
}


def is_scratch(node: ast.AST) -> bool:
    """Whether a path is a file of its own in /tmp, however it is put together.

    For instance ``f"/tmp/{uuid4()}.json"`` and ``os.path.join("/tmp", uuid4().hex)``.
    """
    if not isinstance(node, ast.JoinedStr | ast.BinOp | ast.Call):
        return False
    first: ast.AST | None = node
    while isinstance(first, ast.JoinedStr | ast.BinOp):
        if isinstance(first, ast.BinOp):
            first = first.left
        else:
            first = first.values[0] if first.values else None
    if isinstance(first, ast.Call):
        given = first.args[0] if first.args else None
        first = getattr(first.func, "value", None) if _formats(first) else given
    text = first.value if isinstance(first, ast.Constant) else ""
    in_tmp = isinstance(text, str) and f"{text}/".startswith(FOLDERS)
    return in_tmp and any(_is_unique(part) for part in nodes_of(node))


def fixed_name(node: ast.AST) -> str:
    """Return the name of a file in the folder for temporary ones, if it is always the same.

    For instance ``os.path.join(tempfile.gettempdir(), "stats.json")``; "" for any other.
    """
    if isinstance(node, ast.Call):
        parts = node.args
    elif isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    else:
        return ""
    folder, name = parts if len(parts) == PAIR else (None, None)
    if isinstance(folder, ast.Call) and folder.args:
        # As a Path, to which a name is added.
        folder = folder.args[0]
    called = folder.func if isinstance(folder, ast.Call) else None
    text = name.value if isinstance(name, ast.Constant) else ""
    return str(text) if last_name(called) == "gettempdir" else ""


def _formats(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "format"


def _is_unique(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return last_name(node.func) in UNIQUE or _is_random_word(node)


def _is_random_word(call: ast.Call) -> bool:
    """Whether letters are drawn and put together: ``"".join(random.sample(letters, 10))``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "join":
        return False
    given = call.args[0] if call.args else None
    if isinstance(given, ast.GeneratorExp | ast.ListComp):
        return isinstance(given.elt, ast.Call) and last_name(given.elt.func) in _DRAWN
    return isinstance(given, ast.Call) and last_name(given.func) in _DRAWN
