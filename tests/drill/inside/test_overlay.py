"""The settings of a drilled process, read in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django_scaleready.drill.inside.order import Order


def test_the_project_s_code_is_looked_for_where_the_project_is(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (tmp_path / "manage.py").touch()
    (project / "__init__.py").touch()
    (project / "settings.py").write_text("SECRET_KEY = 'x'\n")
    order = Order("shop.settings", str(tmp_path), "", {}, [], {})
    done = subprocess.run(
        [sys.executable, "-c",
         "from django_scaleready.checks.project import Project; print(Project().root)"],
        cwd=tmp_path,
        env={**os.environ, **order.environment(), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == tmp_path.resolve()
