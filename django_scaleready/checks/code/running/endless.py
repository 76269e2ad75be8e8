"""Which functions go on for as long as their process: they consume a queue, serve, or poll.

Somebody waits for a loop that goes through the pages of an answer, or until a job is done: there is
a way out of it that is no error. What a worker's loop is left by is a signal, or a test's option.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import last_name

NOTED = "endless"
# They return when the process is told to end.
_SERVES = ("drain_events", "run_forever", "serve_forever", "start_consuming")
# A word of others, too, so a client of a broker has to be imported.
_CONSUME = "consume"
_BROKERS = frozenset(
    ["aio_pika", "aiokafka", "amqp", "confluent_kafka", "kombu", "nats", "pika", "pulsar", "yapw"]
)
# What is waited with, or for.
_WAITS = re.compile(
    r"(\w+_)?sleep|wait|poll|b[lr]pop|brpoplpush|get_message|x?read_?group|recv|recvfrom"
    r"|receive(_messages?)?|consume"
)
# Pauses alone; what else is waited for comes from somewhere, and comes to one who waits.
_PAUSES = re.compile(r"(\w+_)?sleep|wait")
_TAKES = re.compile(
    r"((b?[lr]|s)?pop|[lr]popl?push|zpop|bzpop|deque|receive|consume|poll|fetch|recv|x?read_?group"
    r"|get_nowait|get_message|reserve)\w*"
)
# What a worker is told to end by, and what says that it is no worker this time.
_STOP = re.compile(
    r"stop|shut_?down|exit|terminat|quit|kill|interrupt|cancel|sigterm|once|test|single|max_iter",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(^|_)(running|run|alive|active|keep\w*)$", re.IGNORECASE)
_SAYS = frozenset({"print", "write", "debug", "info", "warning", "error", "exception"})
_EXITS = frozenset({"exit", "_exit", "quit"})
# An event that ends the loop, and does no more.
_FLAGS = frozenset({"set"})
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def endless(reading: Reading) -> Iterator[Fact]:
    """Note the functions that go on for as long as their process, and whether by a clock alone."""
    module = reading.module
    for site in module.calls_that_run(*_SERVES):
        yield module.fact(site)
    for site in module.calls_that_run(_CONSUME):
        if not _BROKERS.isdisjoint(module.roots):
            yield module.fact(site)
    for site in module.calls_that_run("listen"):
        if module.roots & {"redis", "django_redis"} and not site.call.args:
            yield module.fact(site)
    for loop, scope in module.repeats:
        if scope.kind == "function" and _is_endless(loop):
            yield Fact(loop.lineno, scope.qualname, (_ticks(loop),))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a function or a statement, without the functions in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _INNER):
            yield child
            yield from _own(child)


def _is_endless(loop: ast.While) -> bool:
    if not goes_on(loop.test):
        return False
    calls = (node.func for node in _own(loop) if isinstance(node, ast.Call))
    return any(_WAITS.fullmatch(last_name(call)) for call in calls) and not _ends(loop.body)


def _ticks(loop: ast.While) -> bool:
    """Whether an endless loop does something, pauses and does it again: it takes from no queue."""
    calls = {last_name(node.func) for node in _own(loop) if isinstance(node, ast.Call)}
    waits = {name for name in calls if _WAITS.fullmatch(name)}
    works = any(not _PAUSES.fullmatch(name) for name in calls - _SAYS)
    return works and all(map(_PAUSES.fullmatch, waits)) and not any(map(_TAKES.fullmatch, calls))


def goes_on(test: ast.expr) -> bool:
    """Whether a loop's condition holds until somebody tells the process to end."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return bool(_STOP.search(ast.unparse(test.operand)))
    return isinstance(test, ast.Name | ast.Attribute) and bool(_GOES_ON.search(last_name(test)))


def takes(loop: ast.While) -> bool:
    """Whether a loop takes what it works on from a queue."""
    calls = (last_name(node.func) for node in _own(loop) if isinstance(node, ast.Call))
    return any(map(_TAKES.fullmatch, calls))


def ends_in_order(
    function: ast.AST, loop: ast.While, tried: ast.Try, handler: ast.ExceptHandler
) -> bool:
    """Whether something is done when an interrupt has ended a loop, besides saying so."""
    last = max(line for line in (loop.end_lineno, tried.end_lineno) if line)
    ends = (*handler.body, *tried.finalbody)
    nodes = [node for statement in ends for node in ast.walk(statement)]
    nodes += [node for node in _own(function) if getattr(node, "lineno", 0) > last]
    calls = {last_name(node.func) for node in nodes if isinstance(node, ast.Call)}
    return not calls <= _SAYS | _EXITS | _FLAGS


def _ends(body: list[ast.stmt], *, breaks: bool = True) -> bool:
    """Whether statements leave the loop around them without an error or a word to end."""
    return any(_leaves(statement, breaks=breaks) for statement in body)


def _leaves(statement: ast.stmt, *, breaks: bool) -> bool:
    if isinstance(statement, ast.Return) or (breaks and isinstance(statement, ast.Break)):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return last_name(statement.value.func) in _EXITS
    if isinstance(statement, ast.If) and _STOP.search(ast.unparse(statement.test)):
        return _ends(statement.orelse, breaks=breaks)
    if isinstance(statement, _INNER):
        return False
    breaks = breaks and not isinstance(statement, ast.For | ast.AsyncFor | ast.While)
    # What handles an error is no way out.
    parts = ("body", "orelse", "finalbody")
    bodies = [getattr(statement, part, []) for part in parts]
    bodies += [case.body for case in getattr(statement, "cases", [])]
    return any(_ends(inner, breaks=breaks) for inner in bodies)
