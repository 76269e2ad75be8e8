"""The arrows between the packages, the form of a settings fragment, and the size of things."""

from __future__ import annotations

import ast
import importlib.util
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "django_scaleready"
NAME = PACKAGE.name

# The moment at which a top-level module runs. Each may import its own and those before it.
MOMENTS = (
    {
        "__init__",
        "budget",
        "declarations",
        "env",
        "figures",
        "manifests",
        "probe_paths",
        "service_urls",
        "shapes",
    },
    {"arbiter", "gunicorn", "replica_state", "settings", "unloadable", "uwsgi"},
    {
        "celery",
        "checks",
        "conf",
        "lifecycle",
        "logs",
        "probes",
        "sessions",
        "web_worker",
        "witness",
    },
    {"__main__", "apps", "asgi", "management", "middleware"},
)
# It stands outside the processes of the project and may not reach into them.
# It runs the drill, and starts without the drill's packages.
RUNS_THE_DRILL = PACKAGE / "management/subcommands/drill.py"
DRILL_MAY_IMPORT = {"__init__", "budget", "drill", "env", "manifests"}

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
P90_FUNCTION_LINES = 25


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything imported, inside functions too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top_level(dotted: str) -> str | None:
    """The module right below the package that an imported name belongs to; None for others'."""
    package, _, rest = dotted.partition(".")
    if package != NAME:
        return None
    first = rest.partition(".")[0]
    inside = (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").exists()
    return first if first and inside else "__init__"


def moment(top: str) -> int:
    return next(index for index, names in enumerate(MOMENTS) if top in names)


FILES = sources(PACKAGE)
FRAGMENTS = [p for p in sources(PACKAGE / "settings") if p.name != "__init__.py"]
PURE = [PACKAGE / "checks/base.py", *sources(PACKAGE / "checks/rules")]


def test_every_module_has_its_moment() -> None:
    tops = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert tops - {"drill"} <= set().union(*MOMENTS)


@each(FILES)
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    tops = {top for dotted in imported(path) if (top := top_level(dotted)) is not None}
    if own == "drill":
        assert tops <= DRILL_MAY_IMPORT
    else:
        assert "drill" not in tops or path == RUNS_THE_DRILL
        tops -= {"drill"}
        assert not {top for top in tops if moment(top) > moment(own)}


@each(FILES)
def test_imports_are_absolute(path: Path) -> None:
    relative = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@each(PURE)
def test_rules_do_not_import_the_registry_of_rules(path: Path) -> None:
    registry = sources(PACKAGE / "checks")
    modules = {f"{NAME}.checks.{p.stem}" for p in registry if p.parent.name == "checks"}
    modules |= {f"{NAME}.checks.{p.name}" for p in (PACKAGE / "checks").iterdir() if p.is_dir()}
    for dotted in imported(path):
        if dotted.startswith(f"{NAME}.checks"):
            assert any(dotted == name or dotted.startswith(f"{name}.") for name in modules), dotted
            assert not dotted.endswith("__init__")


def test_the_package_itself_imports_nothing() -> None:
    assert list(imported(PACKAGE / "__init__.py")) == []


@each(FILES)
def test_a_module_begins_with_its_docstring(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


@each(FRAGMENTS)
def test_a_fragment_holds_assignments_only(path: Path) -> None:
    docstring, *body = parsed(path).body
    assert isinstance(docstring, ast.Expr)
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    assert [f"line {node.lineno}" for node in body if not isinstance(node, allowed)] == []


@each(FRAGMENTS)
def test_a_fragment_says_what_it_reads_and_sets(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path)) or ""
    assert "Reads" in docstring
    assert "Sets" in docstring


@each(FRAGMENTS)
def test_a_fragment_exports_exactly_its_upper_case_names(path: Path) -> None:
    assigned: set[str] = set()
    exported: list[str] = []
    for node in parsed(path).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if "__all__" in names:
            exported = ast.literal_eval(node.value)  # type: ignore[arg-type] # __all__ has a value
        assigned |= {name for name in names if name.isupper() and not name.startswith("_")}
    assert sorted(exported) == sorted(assigned)
    assert len(exported) == len(set(exported))


def test_the_settings_import_exports_upper_case_names_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEBUG", "true")
    # A module of its own: the one in sys.modules may have been evaluated in another environment.
    namespace: dict[str, object] = {}
    exec("from django_scaleready.settings import *", namespace)  # what a project writes
    names = set(namespace) - {"__builtins__"}
    assert {"DATABASES", "CACHES", "LOGGING", "SESSION_ENGINE", "STORAGES"} <= names
    assert [name for name in names if not name.isupper()] == []


@each(FILES)
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


def function_lengths(path: Path) -> dict[str, int]:
    return {
        f"{node.name}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@each(FILES)
def test_a_function_is_short(path: Path) -> None:
    lengths = function_lengths(path)
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}


def test_most_functions_are_very_short() -> None:
    lengths = [n for path in FILES for n in function_lengths(path).values()]
    assert statistics.quantiles(lengths, n=10)[-1] <= P90_FUNCTION_LINES


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {path.parent for path in FILES}
    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []
    assert importlib.util.find_spec(NAME) is not None
