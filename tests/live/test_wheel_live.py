"""The wheel, as it would be published: all of the package is in it, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "django_scaleready"

# Every module but those that run on import.
IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.append(sys.argv[1])  # the dependencies of the test run, which are not installed here
import django_scaleready
names = [m.name for m in pkgutil.walk_packages(django_scaleready.__path__, "django_scaleready.")]
# The settings of a drill's processes, which are told by the environment whose settings those are.
names.remove("django_scaleready.drill.inside.overlay")
# uWSGI's own interpreter has a module of that name, and no other; the tests of uWSGI import them.
within = {f"django_scaleready.uwsgi.{name}" for name in ("deaths", "in_master", "keeper")}
for name in within:
    names.remove(name)
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        assert error.name == "uwsgi", error
    else:
        raise AssertionError(name)
for name in names:
    module = importlib.import_module(name)
    assert sys.prefix in module.__file__, module.__file__
print(len(names))
"""


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "DEBUG": "true"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_every_file_of_the_package(wheel: Path) -> None:
    checkout = {
        str(path.relative_to(ROOT))
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == checkout
    assert f"{PACKAGE}/py.typed" in held
    assert f"{PACKAGE}/drill/services/postgres.py" in held


def test_every_module_of_it_can_be_imported_where_it_is_installed(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv/bin/python"
    installed = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    zipfile.ZipFile(wheel).extractall(installed)
    count = run(python, "-I", "-c", IMPORT_ALL, Path(pytest.__file__).parents[1])
    assert int(count) > 60
