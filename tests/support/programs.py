"""Programs that nobody would write, made of the pieces that rules look for."""

from __future__ import annotations

import ast

from hypothesis import reject
from hypothesis import strategies as st

NAMES = st.sampled_from(
    [
        *(
            "x",
            "self",
            "cls",
            "request",
            "settings",
            "path",
            "os",
            "open",
            "cache",
            "Path",
            "tempfile",
        ),
        *(
            "requests",
            "session",
            "Thread",
            "f",
            "C",
            "DEBUG",
            "__file__",
            "\u00e4",
            "default_storage",
        ),
    ]
)
ATTRIBUTES = st.sampled_from(
    [
        *(
            "path",
            "objects",
            "get",
            "join",
            "delay",
            "write_text",
            "start",
            "parent",
            "name",
            "save",
        ),
        *("BASE_DIR", "environ", "open", "append", "clear", "timeout", "session", "Session", "x"),
    ]
)
LEAVES = st.one_of(
    NAMES.map(lambda name: ast.Name(name, ast.Load())),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 9**20),
        st.text(max_size=12),
        st.binary(max_size=4),
    ).map(ast.Constant),
)


def _call(parts: tuple[ast.expr, list[ast.expr], ast.expr]) -> ast.expr:
    function, arguments, value = parts
    return ast.Call(function, arguments, [ast.keyword("timeout", value), ast.keyword(None, value)])


def _expressions(inner: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    some = st.lists(inner, max_size=3)
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, ATTRIBUTES).map(lambda p: ast.Attribute(p[0], p[1], ast.Load())),
        st.tuples(inner, some, inner).map(_call),
        st.tuples(inner, some).map(lambda p: ast.Call(p[0], p[1], [])),
        pair.map(lambda p: ast.Subscript(p[0], p[1], ast.Load())),
        pair.map(lambda p: ast.BinOp(p[0], ast.Div(), p[1])),
        pair.map(lambda p: ast.Dict([p[0], None], [p[1], p[0]])),
        pair.map(lambda p: ast.IfExp(p[0], p[1], p[0])),
        some.map(lambda p: ast.List(p, ast.Load())),
        inner.map(lambda p: ast.JoinedStr([ast.FormattedValue(p, -1)])),
        inner.map(lambda p: ast.Lambda(ast.arguments([], [], None, [], [], None, []), p)),
    )


EXPRESSIONS = st.recursive(LEAVES, _expressions, max_leaves=12)


def _function(parts: tuple[str, list[ast.stmt], list[ast.expr]]) -> ast.stmt:
    name, body, decorators = parts
    arguments = ast.arguments([], [ast.arg("self"), ast.arg("path")], None, [], [], None, [])
    return ast.FunctionDef(name, arguments, body, decorators)


def _statements(inner: st.SearchStrategy[ast.stmt]) -> st.SearchStrategy[ast.stmt]:
    body = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(EXPRESSIONS, body, body).map(lambda p: ast.If(p[0], p[1], p[2])),
        st.tuples(EXPRESSIONS, body).map(
            lambda p: ast.For(ast.Name("x", ast.Store()), p[0], p[1], [])
        ),
        st.tuples(EXPRESSIONS, body).map(lambda p: ast.While(p[0], p[1], [])),
        st.tuples(EXPRESSIONS, body).map(
            lambda p: ast.With([ast.withitem(p[0], ast.Name("x", ast.Store()))], p[1])
        ),
        st.tuples(body, body).map(
            lambda p: ast.Try(p[0], [ast.ExceptHandler(None, None, p[1])], [], p[1])
        ),
        st.tuples(
            st.sampled_from(["f", "ready", "path"]), body, st.lists(EXPRESSIONS, max_size=1)
        ).map(_function),
        st.tuples(body, st.lists(EXPRESSIONS, max_size=2)).map(
            lambda p: ast.ClassDef("C", p[1], [], p[0], [])
        ),
    )


SIMPLE = st.one_of(
    EXPRESSIONS.map(ast.Expr),
    EXPRESSIONS.map(ast.Return),
    st.tuples(NAMES, EXPRESSIONS).map(lambda p: ast.Assign([ast.Name(p[0], ast.Store())], p[1])),
    st.tuples(NAMES, EXPRESSIONS, EXPRESSIONS).map(
        lambda p: ast.Assign([ast.Subscript(ast.Name(p[0], ast.Load()), p[1], ast.Store())], p[2])
    ),
    st.sampled_from(["os", "requests", "threading", "tempfile", "django.conf"]).map(
        lambda name: ast.Import([ast.alias(name)])
    ),
    st.sampled_from(["settings", "Thread", "default_storage", "open"]).map(
        lambda name: ast.ImportFrom("shop.x", [ast.alias(name)], 0)
    ),
)
PROGRAMS = st.lists(st.recursive(SIMPLE, _statements, max_leaves=8), max_size=6)


def written(body: list[ast.stmt]) -> bytes:
    try:
        text = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    except ValueError:
        # Not every tree can be written down: some f-strings have no quotes left to use.
        reject()
    return text.encode("utf-8", "surrogatepass")
