"""Jobs that django-rq itself holds back until the transaction is committed, as it has since 4.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# As a fact: what django_rq.enqueue() sends.
RQ = "rq"
_SINCE = 4
_PACKAGE = "django_rq."
_QUEUE = "django_rq.queues.DjangoRQ"
_JOBS = frozenset({"django_rq.job", "django_rq.decorators.job"})
# A time of its own (enqueue_at) is not held back.
_HELD = frozenset({"delay", "enqueue", "enqueue_call"})


def enqueued(module: Module) -> Iterator[Fact]:
    """Note the tasks that ``django_rq.enqueue()`` sends."""
    for site in module.calls_that_run("enqueue") if "django_rq" in module.roots else ():
        if module.resolve(site.call.func) == "django_rq.enqueue":
            yield module.fact(site, RQ, "")


def is_held_back(project: Project, source: Summary, fact: Fact, slug: str) -> bool:
    """Whether django-rq sends a task, and does so when the transaction or the request is over."""
    function = source.functions.get(fact.function)
    called = [call.callee for call in function.calls if call.line == fact.line] if function else []
    noted = any(each.data[0] == RQ and each.line == fact.line for each in source.facts[slug])
    return (noted or any(_is_of_package(project, name) for name in called)) and _waits(project)


def _is_of_package(project: Project, callee: str) -> bool:
    held, _, method = callee.rpartition(".")
    if method not in _HELD:
        return False
    if callee.startswith(_PACKAGE):
        return True
    task = project.code.function(held)
    return task is not None and not _JOBS.isdisjoint(task[2].decorators)


def _waits(project: Project) -> bool:
    """Whether a project leaves COMMIT_MODE at its default, or asks for what comes later, too."""
    settings = project.setting("RQ") or {}
    entries = [settings, *(project.setting("RQ_QUEUES") or {}).values()]
    named = [each["QUEUE_CLASS"] for each in entries if each.get("QUEUE_CLASS")]
    if any(_QUEUE not in project.code.ancestors(str(name)) for name in named):
        return False
    older = project.is_older("django-rq", _SINCE)
    if mode := settings.get("COMMIT_MODE"):
        return mode != "auto" and not older
    if "AUTOCOMMIT" in settings:
        return not settings["AUTOCOMMIT"]
    return not older
