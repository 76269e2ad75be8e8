"""The settings, loaded several times in processes of their own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.twins.compare import differences
from django_scaleready.checks.twins.difference import Difference, Follows


@pytest.fixture(autouse=True)
def beside_manage_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


def differing(folder: Path, text: str, name: str = "twin_settings") -> list[Difference] | Unknown:
    path = folder / f"{name}.py"
    path.write_text(f"import os, socket, time, uuid\nfrom pathlib import Path\n{text}\n")
    return differences(name, str(path))


NAMED = [
    ("X = uuid.uuid4().hex", Follows.START),
    ("X = time.time()", Follows.START),
    ("X = f'v{int(time.time()) // 3600}'", Follows.START),
    ("from datetime import datetime; X = datetime.now().hour", Follows.START),
    ("from datetime import date; X = str(date.today())", Follows.START),
    ("from django.utils import timezone; X = timezone.now().minute", Follows.START),
    ("X = os.getpid()", Follows.START),
    ("X = socket.gethostname()", Follows.HOST),
    ("import platform; X = platform.node()", Follows.HOST),
    ("X = os.uname().nodename", Follows.HOST),
    ("X = os.environ['HOSTNAME']", Follows.HOST),
    ("X = uuid.getnode()", Follows.HOST),
    ("X = Path('data').resolve()", Follows.FOLDER),
    ("X = hash('shop')", Follows.HASH),
    ("class C:\n  def __init__(self): self.token = uuid.uuid4()\nX = C()", Follows.START),
]
SILENT = [
    "X = 'shop'",
    "X = Path(__file__).parent",
    "X = {'b', 'a', 'c', 'd', 'e'}",
    "X = lambda: 1",
    "X = object()",
    "import re; X = re.compile('x')",
    "from django.utils.translation import gettext_lazy; X = gettext_lazy('shop')",
    "import datetime; X = datetime.timedelta(days=1)",
    "from functools import partial; X = partial(int, base=2)",
    "import random; X = random.Random(1).random()",
    "X = []\nX.append(X)",
    "x = uuid.uuid4()",
    "print('a settings module that prints')",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Difference]:
    """What differs in all of them together, by name: each loading takes a second."""
    lines = [*(line for line, _ in NAMED), *SILENT]
    text = "\n".join(re.sub(r"\bX\b", f"X{number}", line) for number, line in enumerate(lines))
    folder = tmp_path_factory.mktemp("twins")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(sys, "path", [str(folder), *sys.path])
        differ = differing(folder, text, "many_settings")
    assert isinstance(differ, list)
    return {difference.path[0]: difference for difference in differ}


@pytest.mark.parametrize("number", range(len(NAMED)), ids=[line for line, _ in NAMED])
def test_it_names_what_a_value_follows(found: dict[str, Difference], number: int) -> None:
    name = f"X{number}"
    assert found[name] == Difference((name,), NAMED[number][1])


@pytest.mark.parametrize("number", range(len(SILENT)), ids=SILENT)
def test_it_stays_silent(found: dict[str, Difference], number: int) -> None:
    assert f"X{len(NAMED) + number}" not in found
    assert len(found) == len(NAMED)


def test_it_names_the_key_in_a_dictionary(tmp_path: Path) -> None:
    (found,) = differing(tmp_path, "X = {'a': {'b': uuid.uuid4(), 'c': 1}}")  # type: ignore[misc]
    assert str(found) == "X['a']['b']"


def test_an_order_is_told_from_a_value(tmp_path: Path) -> None:
    found = differing(tmp_path, "X = list({'one', 'two', 'three', 'four', 'five', 'six'})")
    assert found == [Difference(("X",), Follows.HASH, order=True)]


def test_a_setting_that_is_not_always_there_differs(tmp_path: Path) -> None:
    line = "if socket.gethostname().endswith('b'): X = 1"
    assert differing(tmp_path, line) == [Difference(("X",), Follows.HOST)]


def test_settings_that_need_their_folder_are_loaded_there(tmp_path: Path) -> None:
    (tmp_path / "shop.ini").write_text("x")
    line = "X = open('shop.ini').read() + uuid.uuid4().hex"
    assert differing(tmp_path, line) == [Difference(("X",), Follows.START)]


def test_settings_that_cannot_be_loaded_again_are_unknown(tmp_path: Path) -> None:
    found = differing(tmp_path, "raise RuntimeError('only once: redis://:pw@cache')")
    assert isinstance(found, Unknown)
    assert "RuntimeError: only once: redis://***@cache" in found.reason


def test_no_value_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    differing(tmp_path, "SECRET_KEY = 'hunter2' + uuid.uuid4().hex")
    assert capfd.readouterr() == ("", "")
