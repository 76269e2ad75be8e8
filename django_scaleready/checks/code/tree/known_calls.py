"""What calls make that Python, Django or their packages document: files, paths and memory."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.summary import Term

TEMP: Term = ("temp",)
MEMORY: Term = ("memory",)
CURRENT = frozenset({"os.getcwd", "pathlib.Path.cwd"})
HERE = CURRENT | {"pathlib.Path.home", "os.path.expanduser"}
ENVIRONMENT = frozenset(
    {"decouple.config", "env", "env.path", "env.str", "os.environ.get", "os.getenv"}
)
IN_MEMORY = frozenset(
    [
        *("io.BytesIO", "io.StringIO", "django.core.files.base.ContentFile"),
        *("django.http.FileResponse", "django.http.StreamingHttpResponse"),
    ]
)


def known_call(name: str, last: str, call: ast.Call) -> Term | None:
    """Return what a call makes by its name, None if that does not tell."""
    if name.startswith("tempfile.") or last in {"mkdtemp", "mkstemp", "NamedTemporaryFile"}:
        # A folder that is given is where the file stays unless it is removed; tempfile says how.
        return TEMP
    if name in IN_MEMORY or last in {"BytesIO", "StringIO", "HttpResponse"}:
        return MEMORY
    return _known_name(name, last, call)


def _known_name(name: str, last: str, call: ast.Call) -> Term | None:
    if name in HERE:
        return ("here",)
    if name in ENVIRONMENT:
        first = call.args[0] if call.args else None
        return ("env", str(first.value) if isinstance(first, ast.Constant) else "")
    if last == "temporary_file_path":
        return ("field", "upload")
    if last == "path" and "storage" in name.lower():
        return ("storage",)
    return _setting_call(name, call)


def _setting_call(name: str, call: ast.Call) -> Term | None:
    """getattr(settings, "EXPORT_DIR", default): the setting of that name."""
    if name != "getattr" or len(call.args) < 2:  # noqa: PLR2004 - an object and a name
        return None
    target, attribute = call.args[:2]
    if isinstance(target, ast.Name) and target.id == "settings":
        return ("setting", str(getattr(attribute, "value", "")))
    return None
