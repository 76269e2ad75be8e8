"""How a function sends a task: at once or later, before or after it changes rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.queries.saved_rows import changes, saved_above, takes_part
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import blocks, last_name, nodes_of, written

# Celery's, and those of RQ, Django Q, Django's own tasks and AWS Batch.
OF_TASKS = frozenset({"apply_async", "delay"})
SENDS = OF_TASKS | {"async_task", "enqueue", "enqueue_call", "send_task", "submit_job"}
# Seconds: who waits no longer hopes that the commit is faster, and does not know.
SHORT = 5
# What is called after a row's key, and not after what no row has.
_KEY = re.compile(r"(?:^|(?<!client)(?<!request)(?<!session)(?<!task)(?<!trace)_)(?:id|pk|uuid)s?$")
_REMOVES = re.compile(r"(?:^|_)(?:delet|discard|purg|remov|unindex)")
_MAILS = re.compile(r"invit|mail|notif|(?:^|_)sms(?:_|$)")
# A worker does what it is told at once; these are Celery's own words, of which none asks for a row.
_TELLS = "control.broadcast"
_OF_CELERY = re.compile(
    r"(?:add|cancel)_consumer|auto_?scale|disable_events|election|enable_events|heartbeat|ping"
    r"|pool_\w+|rate_limit|revoke\w*|shutdown|terminate|time_limit"
)
_VISITORS = frozenset({"request.user", "self.request.user"})
# They return one row as the database has it.
_LOADS = frozenset({"aget", "earliest", "first", "get", "get_object_or_404", "last", "latest"})
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def told_workers(module: Module) -> list[Site]:
    """Return where all workers are told at once what a command of the project's own is to do."""
    return [
        site
        for site in module.calls_that_run("broadcast")
        if written(site.call.func).endswith(_TELLS) and not _OF_CELERY.fullmatch(_command(site))
    ]


def _command(site: Site) -> str:
    """Return the text that a call is given first: the command that workers are told."""
    return str(getattr(site.call.args[0], "value", "")) if site.call.args else ""


def waits(site: Site) -> bool:
    """Whether a task is sent for a time at which the transaction is long over."""
    return any(
        keyword.arg == "eta"
        or (keyword.arg == "countdown" and not _is_short(keyword.value, site.scope))
        for keyword in site.call.keywords
    )


def _is_short(value: ast.expr | None, scope: Scope) -> bool:
    if isinstance(value, ast.Name):
        value = scope.parameters.get(value.id)
    seconds = getattr(value, "value", None)
    return isinstance(seconds, int | float) and seconds < SHORT


def is_of_caller(site: Site) -> bool:
    """Whether who calls the function says which task it sends: ``def run(task): task.delay()``.

    Or the object that it is a method of does: a task's own ``apply_async()``, a row that keeps the
    name of a task.
    """
    call = site.call
    sent = getattr(call.func, "value", None)
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg in {"func", "function"})]
    if last_name(call.func) not in OF_TASKS:
        held = (each.value for each in given if isinstance(each, ast.Attribute))
        given += held if site.scope.owner else ()
    elif isinstance(sent, ast.Call) and last_name(sent.func) == "super":
        return True
    else:
        given = [sent] if isinstance(sent, ast.expr) else []
    return any(isinstance(each, ast.Name) and each.id in site.scope.parameters for each in given)


def tells_key(site: Site) -> bool:
    """Whether a task is given what is called after the key of a row."""
    return any(
        _KEY.search(name) is not None
        for node in nodes_of(site.call)
        for name in (last_name(node), getattr(node, "arg", None) or "")
    )


def tells_visitor(site: Site) -> bool:
    """Whether the keys that a task is given are of who is logged in: that row is long committed."""
    given = (*site.call.args, *(keyword.value for keyword in site.call.keywords))
    keys = [n for value in given for n in nodes_of(value) if _KEY.search(last_name(n))]
    return bool(keys) and all(_is_visitors(getattr(key, "value", key), site.scope) for key in keys)


def _is_visitors(row: ast.AST, scope: Scope) -> bool:
    bound = scope.bindings.get(row.id, ()) if isinstance(row, ast.Name) else ()
    rows = bound or (row,)
    return all(isinstance(each, ast.Attribute) and written(each) in _VISITORS for each in rows)


def removes(site: Site) -> bool:
    """Whether a task is called after taking something away: its row is gone, or soon is."""
    sent = last_name(getattr(site.call.func, "value", None))
    return _REMOVES.search(_command(site) if sent == "control" else sent) is not None


def mails(site: Site) -> bool:
    """Whether a task is called after a message: mostly it is given all that this says."""
    sent = getattr(site.call.func, "value", None)
    return sent is not None and _MAILS.search(written(sent)) is not None


def wrote(site: Site) -> bool:
    """Whether a task is sent at once by who has changed rows, and is not the next of itself."""
    return is_at_once(site) and any(
        line < site.line and takes_part(at, site.flags) for line, at in changes(site.scope)
    )


def is_at_once(site: Site) -> bool:
    """Whether a task is sent for now, and is not the function's own next turn."""
    sent = getattr(site.call.func, "value", None)
    next_of_itself = isinstance(sent, ast.Name) and sent.id == site.scope.name
    return not (waits(site) or next_of_itself)


def is_before_save(site: Site, keys: set[str]) -> bool:
    """Whether a task is given the key of a row whose changes its function saves only then.

    What the task's own number is kept in, or that it was sent, is no change that it asks for; and a
    row that the function has only loaded has none.
    """
    scope = site.scope
    if not keys or "save" not in scope.attributes:
        return False
    unsaved = keys - saved_above(scope, site.line)
    return any(
        row in unsaved
        and not _is_changed(scope, row, site.line, saved.lineno)
        and not _is_as_loaded(site, row)
        for saved in _after(site)
        for row in _saved(saved)
    )


def _saved(call: ast.Call) -> list[str]:
    """Return the rows, as written, that a call of save() saves: its own, or the base class's."""
    if any(keyword.arg == "update_fields" for keyword in call.keywords):
        return []
    row = written(call.func).removesuffix(".save")
    return ["self", *map(written, call.args)] if row.startswith("super(") else [row]


def _after(site: Site) -> Iterator[ast.Call]:
    """Yield the calls of save() that follow a statement which sends a task, on its way on."""
    line = site.line
    around = [
        (block, index)
        for block in blocks(site.scope.node)
        for index, statement in enumerate(block)
        if isinstance(statement, ast.stmt)
        and statement.lineno <= line <= (statement.end_lineno or 0)
    ]
    block, index = around[-1]
    if getattr(block[index], "value", None) is not site.call or not isinstance(
        block[index], ast.Expr
    ):
        return
    for block, index in reversed(around):
        below = (node for statement in block[index + 1 :] for node in nodes_of(statement))
        for node in below:
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "save":
                yield node
        if isinstance(block[-1], _LEAVES):
            return


def _is_changed(scope: Scope, row: str, sent: int, saved: int) -> bool:
    """Whether a row is changed between the line that sends and the one that saves."""
    return any(
        isinstance(target, ast.Attribute) and written(target.value) == row
        for node in nodes_of(scope.node)
        if isinstance(node, ast.Assign | ast.AugAssign) and sent < node.lineno < saved
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    )


def _is_as_loaded(site: Site, row: str) -> bool:
    """Whether a function has loaded a row, and only read from it before it sends a task."""
    bound = site.scope.bindings.get(row, ())
    if not bound or any(last_name(getattr(v, "func", None)) not in _LOADS for v in bound):
        return False
    nodes = nodes_of(site.scope.node)
    above = [node for node in nodes if getattr(node, "lineno", site.line) < site.line]
    read = {
        id(node.value)
        for node in above
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    called = {id(getattr(node.func, "value", None)) for node in above if isinstance(node, ast.Call)}
    return all(
        id(node) in read - called or isinstance(node.ctx, ast.Store)
        for node in above
        if isinstance(node, ast.Name) and node.id == row
    )
