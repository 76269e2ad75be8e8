"""Python of a newer version is read by an older one."""

from __future__ import annotations

import ast
import sys

import pytest

from django_scaleready.checks.code.loading import newer


@pytest.mark.parametrize(
    "text",
    [
        "try:\n  f()\nexcept ValueError, TypeError:\n  g()\nmark()",
        "def f[T](x: T) -> T: ...\nmark()",
        "class C[T: (int, str)](Base): ...\nmark()",
        "async def f[T](x): ...\nmark()",
        "type Pair[T: (int, str) = int] = tuple[T, T]\nmark()",
        "type Name = str | int\ntype Pair[T] = tuple[T, T]\nmark()",
        'x = f"{a["b"]}"\nmark()',
        "x = g(f'{', '.join(a)}', 'z')\nmark()",
        "x = f\"{'\\n'.join(a)}\"\nmark()",
        "x = f'''a\n{b['''c''']}\n'''\nmark()",
        'x = f"{\n  a\n}"\nmark()',
        'x = t"{a}"\nmark()',
        'x = f"{a["b"]}" + f"{f"{c["d"]}"}"\nmark()',
    ],
)
def test_it_is_read_and_every_line_keeps_its_number(text: str) -> None:
    last = newer.parse(text.encode(), "x.py").body[-1]
    assert ast.unparse(last) == "mark()"
    assert last.lineno == text.count("\n") + 1


def test_what_an_f_string_begins_with_is_kept() -> None:
    tree = newer.parse(b'open(f"/srv/{a["b"]}", \'w\')', "x.py")
    assert ast.unparse(tree).startswith(("open('/srv/', 'w')", "open(f"))


@pytest.mark.parametrize(
    "text", ["def (", 'x = f"{a["', "x = 'a", "except A, B:", "class C[T", "f'{'", "(" * 200]
)
def test_what_is_no_python_stays_so(text: str) -> None:
    version = ".".join(map(str, sys.version_info[:2]))
    with pytest.raises(
        SyntaxError, match=rf" \(Python {version} read it: .* run the check with that"
    ):
        newer.parse(text.encode(), "x.py")


@pytest.mark.parametrize(
    "content", [b"print 'x'", b"x = 'a\0'", "x = 'Jos\u00e9'".encode("latin-1")]
)
def test_what_no_newer_python_reads_either(content: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)) as caught:
        newer.parse(content, "x.py")
    assert "Python 3" not in str(caught.value)


def test_what_can_be_read_is_not_touched() -> None:
    text = "x = f\"{a['b']}\"\nprint('except A, B:', \"type X = 1\")"
    assert ast.dump(newer.parse(text.encode(), "x.py")) == ast.dump(ast.parse(text))
