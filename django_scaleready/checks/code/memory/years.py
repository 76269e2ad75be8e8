"""What is made of the year, or the day, of the start, and hurts nobody when that is over."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

# What is put at the foot of a page beside a year: its owner, or the year that it began in.
FOOTER = re.compile(r"©|\(c\)|&copy;|copyright|(19|20)\d\d\s?[-\u2013\u2014](?!\d)", re.IGNORECASE)
YEAR = re.compile(r"\.year$|\.strftime\('%[Yy]'\)$")
# They ask what time it is.
CLOCKS = frozenset({"localdate", "now", "today", "utcnow"})
# It takes any year that is sent, whichever it lists.
DATE_LISTS = frozenset({"AdminSelectDateWidget", "SelectDateWidget"})
# Classes that read their attributes by the names that they know, and fields.
_FORMS = ("Form", "FormSet", "Serializer")


def reads(node: ast.AST, name: str) -> bool:
    """Whether a node is a variable that is read."""
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def is_of_a_footer(module: Module, site: Site, bound: str) -> bool:
    """Whether it is but a year, and whose it is, or all texts that it is in, are of a footer's."""
    if not _is_year(site, bound):
        return False
    if FOOTER.search(bound):
        return True
    nodes = nodes_of(module.top.node)
    shown = {id(inner) for node in nodes if _is_footer(node) for inner in nodes_of(node)}
    read = [node for node in nodes if reads(node, bound)]
    # What settings call so is read elsewhere.
    return bool(read) and not bound.isupper() and all(id(node) in shown for node in read)


def is_listed(module: Module, site: Site, bound: str) -> bool:
    """Whether a year but ends the list of a widget for dates, as the days of births have one."""
    if not _is_year(site, bound):
        return False
    nodes = nodes_of(module.top.node)
    lists = (n for n in nodes if isinstance(n, ast.Call) and last_name(n.func) in DATE_LISTS)
    listed = {id(inner) for call in lists for inner in nodes_of(call)}
    read = [node for node in nodes if reads(node, bound)]
    return bool(read) and all(id(node) in listed for node in read)


def is_left_alone(module: Module, site: Site, bound: str) -> bool:
    """Whether an attribute of a form leads to others alone, and none is asked for by its name.

    ``this_year = now().year`` and ``years = range(2000, this_year)``, of which no field is made.
    """
    owner = site.scope
    if owner.kind != "class" or not any(base.endswith(_FORMS) for base in module.bases(owner)):
        return False
    led, before = {bound}, 0
    statements = [s for s in getattr(owner.node, "body", ()) if isinstance(s, ast.Assign)]
    plain = [s for s in statements if all(isinstance(t, ast.Name) for t in s.targets)]
    makers = [s for s in plain if _is_plain(s.value)]
    while len(led) > before:
        before = len(led)
        for step in makers:
            if any(reads(node, name) for node in nodes_of(step.value) for name in led):
                led |= {target.id for target in step.targets if isinstance(target, ast.Name)}
    own = {id(node) for step in makers for node in nodes_of(step.value)}
    nodes = [node for node in nodes_of(owner.node) if id(node) not in own]
    return not led & module.mentions and not any(reads(n, name) for n in nodes for name in led)


def _is_plain(value: ast.expr) -> bool:
    """Whether a value is made by functions of Python, and is no field."""
    calls = (node for node in nodes_of(value) if isinstance(node, ast.Call))
    made = {"list", "range", "reversed", "sorted", "str", "tuple"}
    return all(last_name(call.func) in made | CLOCKS for call in calls)


def _is_year(site: Site, bound: str) -> bool:
    values = site.scope.bindings.get(bound, [])
    return bool(values) and all(YEAR.search(ast.unparse(value)) for value in values)


def _is_footer(node: ast.AST) -> bool:
    """Whether it is a text that is filled in: ``f"© {year}"``, ``"© %s" % year``."""
    match node:
        case ast.JoinedStr(values=parts):
            return any(map(_is_footers, parts))
        case ast.BinOp(left=part) | ast.Call(func=ast.Attribute(value=part, attr="format")):
            return _is_footers(part)
    return False


def _is_footers(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and FOOTER.search(str(part.value)) is not None
