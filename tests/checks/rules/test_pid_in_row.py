"""pid-in-row: the number of a process that a row keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.pid_in_row import RULE

HEAD = "import os\nimport signal\nimport psutil\nfrom django.db import models\n"
MODEL = "class Export(models.Model):\n  pid = models.IntegerField(null=True)\n"
BEGIN = "  def begin(self):\n    self.pid = os.getpid()\n    self.save()\n"
DEAD = "from shop.models import Export\ndef view(request, export):\n  {}\n"


def files(looks: str, model: str = MODEL + BEGIN, path: str = "shop/views.py") -> dict[str, str]:
    return {"shop/models.py": HEAD + model, path: HEAD + DEAD.format(looks)}


EXISTS = "return psutil.pid_exists(export.pid)"
FINDS = [
    files(EXISTS),
    files("os.kill(export.pid, signal.SIGTERM)"),
    files("os.killpg(os.getpgid(export.pid), 9)"),
    files("return psutil.Process(export.pid).status()"),
    files("pid = export.pid\n  return psutil.pid_exists(pid)"),
    files("if not (pid := export.pid): return\n  return psutil.pid_exists(pid)"),
    files(
        EXISTS,
        "import subprocess\n" + MODEL + BEGIN.replace("os.getpid()", "subprocess.Popen([]).pid"),
    ),
    files(EXISTS, f"{MODEL}{BEGIN}  def is_dead(self): return not psutil.pid_exists(self.pid)\n"),
    files(EXISTS, MODEL + "  def begin(self):\n    own = os.getpid()\n    self.pid = own\n"),
    files("import subprocess\n  export = Export.objects.get(pk=1)\n  os.kill(export.pid, 9)"),
    files(EXISTS, f"{MODEL}def begin(): Export.objects.create(pid=os.getpid())\n"),
    files(EXISTS, f"{MODEL}def begin(rows): rows.update(status='on', pid=os.getpid())\n"),
    files(
        EXISTS.replace("pid)", "process_id)"),
        (MODEL + BEGIN).replace(" pid", " process_id").replace(".pid", ".process_id"),
    ),
]


@pytest.mark.parametrize("code", FINDS)
def test_finds(make_project: Callable[..., Project], code: dict[str, str]) -> None:
    (finding,) = RULE.find(make_project(code))
    assert finding.severity is Severity.WARNING
    assert finding.location.path == "shop/views.py"
    assert {place.path for place in finding.related} >= {"shop/models.py"}


@pytest.mark.parametrize(
    "code",
    [
        # The machine is kept, too.
        *(
            files(EXISTS, f"{MODEL}  {name} = models.CharField()\n{BEGIN}")
            for name in ("host", "hostname", "node_name", "worker", "machine")
        ),
        # Of no row, of another's, or nothing stores it.
        files(EXISTS, f"class Export:\n  pid = None\n{BEGIN}"),
        files(EXISTS, MODEL),
        files(EXISTS, MODEL + BEGIN.replace("os.getpid()", "given.pid_of()")),
        files(EXISTS, f"{MODEL}  def begin(self): self.parent = os.getpid()\n"),
        files("return psutil.pid_exists(export.number)"),
        # Nobody looks.
        files("return export.pid"),
        files("return export.pid == os.getpid()"),
        files("return shop.kill(export.pid)"),
        files("return psutil.Process()"),
        files("os.kill(os.getpid(), 9)"),
        # The number of a process that was started here.
        files("import subprocess\n  export = subprocess.Popen([])\n  os.kill(export.pid, 9)"),
        files("from multiprocessing import Process\n  for p in export.all: os.kill(p.pid, 9)"),
        files("class Daemon:\n    def end(self): os.kill(self.pid, 9)"),
        files(EXISTS, path="shop/management/commands/end.py"),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: dict[str, str]) -> None:
    assert list(RULE.find(make_project(code))) == []


def test_all_that_look_are_one_finding(make_project: Callable[..., Project]) -> None:
    looks = "psutil.pid_exists(export.pid)\n  os.kill(export.pid, 9)"
    (finding,) = RULE.find(make_project(files(looks)))
    assert [str(place) for place in finding.related] == [
        "shop/views.py:8",
        "shop/models.py:6",
        "shop/models.py:8",
    ]
