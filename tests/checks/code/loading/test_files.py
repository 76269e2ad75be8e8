"""Which files are the project's own, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.loading.load import load

Read = Callable[[dict[str, str]], Codebase]


def names(code: Codebase) -> list[str]:
    return [summary.path for summary in code]


@pytest.mark.parametrize(
    "name",
    [
        "shop/tests/test_x.py",
        "shop/test_x.py",
        "shop/x_test.py",
        "shop/tests.py",
        "conftest.py",
        "shop/migrations/0001_initial.py",
        "node_modules/x/y.py",
        ".tox/x.py",
        "shop/vendor/lib.py",
        "shop/thirdparty/lib.py",
        "shop/testutils/middleware.py",
        "shop/shop_tests/helpers.py",
        "test_helpers/client.py",
        "shop/testhelpers/client.py",
        "shop/test_support/client.py",
        "tests_common/client.py",
        "integration-test/helpers.py",
        "shop/orders-test.py",
        "shop/db_migrations/0001_initial.py",
        "lib/site-packages/x.py",
        "doc/conf.py",
        "shop/readme.txt",
    ],
)
def test_what_is_not_the_projects_code_is_left_out(read: Read, name: str) -> None:
    found = read({name: "x = 1", "shop/views.py": "", "mycode/pyvenv.cfg": "", "mycode/z.py": ""})
    assert names(found) == ["shop/views.py"]


@pytest.mark.parametrize(
    ("folder", "beside", "found"),
    [
        ("lib/django", "template/base.py", False),
        ("lib/python/django", "template/base.py", False),
        # Django itself, and an app of that name.
        ("django", "template/base.py", True),
        ("lib/django", "models.py", True),
        ("lib/my_django", "template/base.py", True),
    ],
)
def test_a_copy_of_django_is_left_out(read: Read, folder: str, beside: str, found: bool) -> None:
    files = [f"{folder}/{name}" for name in ("contrib/a.py", "core/b.py", beside)]
    code = read(dict.fromkeys(["shop/views.py", *files], "x = 1"))
    assert names(code) == sorted(["shop/views.py", *(files if found else [])])


@pytest.mark.parametrize("folder", ["testimonials", "testruns", "testcases", "ab_testing"])
def test_a_folder_may_begin_like_one_of_tests(read: Read, folder: str) -> None:
    assert names(read({f"{folder}/models.py": "x = 1"})) == [f"{folder}/models.py"]


@pytest.mark.parametrize(("more", "found"), [("apps.py", True), ("run.py", False)])
def test_an_app_may_be_called_examples(read: Read, more: str, found: bool) -> None:
    code = read({"shop/views.py": "", "shop/examples/models.py": "", f"shop/examples/{more}": ""})
    assert ("shop/examples/models.py" in names(code)) is found


def test_links_are_not_followed(read: Read, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.py").symlink_to(tmp_path / "missing.py")
    assert names(read({"shop/views.py": ""})) == ["shop/views.py"]


@pytest.mark.parametrize(
    "content",
    [
        b"def (",
        b"x = '\0'",
        b"# -*- coding: nonsense -*-\n",
        "name = 'Jos\u00e9'".encode("latin-1"),
        b"(" * 300 + b")" * 300,
        b"\xff\xfe",
        b"if x:\n\ty\n        z",
    ],
)
def test_a_file_that_cannot_be_parsed_is_unknown(
    read: Read, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "broken.py").write_bytes(content)
    found = read({"urls.py": "x = 1"})
    assert names(found) == ["urls.py"]
    (unknown,) = found.unknown
    assert unknown.subject.startswith("broken.py")
    assert unknown.reason.startswith("the file could not be parsed: ")


def test_latin_1_that_says_so_is_read(read: Read, tmp_path: Path) -> None:
    text = "# -*- coding: latin-1 -*-\nname = 'Jos\u00e9'\n"
    (tmp_path / "names.py").write_bytes(text.encode("latin-1"))
    assert names(read({})) == ["names.py"]


def test_a_generated_file_is_unknown(read: Read, tmp_path: Path) -> None:
    (tmp_path / "data.py").write_bytes(b"X = 1\n" * 900_000)
    found = read({"urls.py": "x = 1"})
    assert names(found) == ["urls.py"]
    assert "larger than 2,000,000 bytes" in found.unknown[0].reason


def test_a_file_that_may_not_be_read_is_unknown(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may read everything, so permissions would prove nothing here.
    def refuse(root: Path, path: str) -> bytes:
        raise PermissionError(13, "Permission denied", str(root / path))

    monkeypatch.setattr(files, "read", refuse)
    found = read({"urls.py": "x = 1"})
    assert names(found) == []
    assert found.unknown[0].reason == "the file could not be read: Permission denied"


def test_a_pipe_is_not_waited_for(read: Read, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert names(read({"urls.py": "x = 1"})) == ["urls.py"]


@pytest.mark.parametrize(
    "text",
    [
        "x = " + " + ".join(["1"] * 5000),
        "x" + ".a" * 3000,
        "".join(f"{'el' if n else ''}if x == {n}:\n  f()\n" for n in range(3000)),
        "x = " + "[" * 90 + "]" * 90,
        "f(" * 80 + ")" * 80,
        "y = x\nx = y\n" * 100 + "open(x, 'w')",
    ],
)
def test_a_deep_file_is_read_or_unknown(read: Read, text: str) -> None:
    found = read({"deep.py": text, "urls.py": "x = 1"})
    assert "urls.py" in names(found)
    assert len(found.files) + len(found.unknown) == 2


VIEW = "from django.conf import settings\ndef lab(n): open(settings.LABS + n, 'w')\n"
URLS = "from shop import tests_lab\nurlpatterns = [path('lab', tests_lab.lab)]\n"


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ({"shop/tests_lab.py": VIEW, "shop/urls.py": URLS}, True),
        ({"shop/tests_lab.py": VIEW, "shop/urls.py": "from shop.tests_lab import lab\n"}, True),
        # By one that is itself imported.
        (
            {
                "shop/tests_lab.py": VIEW,
                "shop/tests_all.py": "from shop.tests_lab import lab\n",
                "shop/urls.py": "from shop import tests_all\n",
            },
            True,
        ),
        # Nothing imports it, or other tests do.
        ({"shop/tests_lab.py": VIEW, "shop/urls.py": ""}, False),
        ({"shop/tests_lab.py": VIEW, "shop/tests_all.py": URLS}, False),
        ({"shop/tests_lab.py": VIEW, "shop/tests/test_lab.py": URLS}, False),
        # It says that it tests.
        ({"shop/tests_lab.py": f"from django.test import TestCase\n{VIEW}", "u.py": URLS}, False),
        ({"shop/tests_lab.py": f"import unittest\n{VIEW}", "u.py": URLS}, False),
        ({"shop/tests_lab.py": f"from pytest import fixture\n{VIEW}", "u.py": URLS}, False),
        # That is how all tests are called.
        ({"shop/test_lab.py": VIEW, "u.py": "from shop import test_lab\n"}, False),
    ],
)
def test_a_view_that_is_called_like_tests(
    tmp_path: Path, files: dict[str, str], read: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    paths = {summary.path for summary in load(tmp_path, (), cached=False)}
    assert any(path.endswith("_lab.py") for path in paths) is read
