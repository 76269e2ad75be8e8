"""Whether what decorates a function may call it without anybody saying its name.

A task is called by a worker for who sends it, be it an operator's command, a template's filter
where a template loads its library, and a view where a URL names it. Of what any other package does
with a function, nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import UNTOLD, Function, Summary
from django_scaleready.checks.reaching.sayers import Sayers, is_site

# What makes a task of a function, by the last part of its name; ``job`` is a word of others, too.
_TASKS = frozenset({"actor", "background", "db_task", "shared_task", "task"})
_JOBS = frozenset({"django_rq.job", "django_rq.decorators.job", "rq.decorators.job", "rq.job"})
# Where the commands lie that an operator runs beside the replicas.
_COMMANDS = "/management/commands/"
# With these an administrator may have a task run that no code names.
_SCHEDULERS = ("DatabaseScheduler", "django_celery_beat", "djcelery")
# What is said of a view for its callers' sake; a URL has to name it all the same.
_OF_VIEWS = re.compile(
    r"rest_framework\.decorators\.(api_view|schema|\w+_classes)"
    r"|django\.(views|contrib\.auth|contrib\.admin\.views|utils)\.decorators\..*"
    r"|drf_spectacular\.utils\.\w+|drf_yasg\.utils\.swagger_auto_schema"
)
# Those of them that others than views have, too.
_OF_ANY = ("django.utils.", "django.views.decorators.debug.")
# Decorators that tell nobody of a class.
_SILENT = (
    *("attr.", "attrs.", "dataclasses.", "django.utils.deconstruct.", "enum.", "functools."),
    *("django.utils.encoding.", "django.utils.functional.", "six.", "typing."),
)
_TAG = re.compile(
    r"django\.template(\.\w+)?\.Library\."
    r"(assignment_tag|filter|inclusion_tag|simple_block_tag|simple_tag|tag)"
)


def telling(decorators: Iterable[str]) -> list[str]:
    """Return those of a class's decorators that may tell somebody of it."""
    return [d for d in decorators if not (d.startswith(_SILENT) or _OF_VIEWS.fullmatch(d))]


def is_view(function: Function) -> bool:
    """Whether decorators say that a function is a view: no text outside of Python routes it."""
    return any(_OF_VIEWS.fullmatch(d) and not d.startswith(_OF_ANY) for d in function.decorators)


class Registered:
    """What the decorators of one project's functions do with them."""

    def __init__(self, code: Codebase, sayers: Sayers) -> None:
        """Take the code, and who says what in it."""
        self._code = code
        self._sayers = sayers

    def tells_of(self, source: Summary, name: str, function: Function) -> bool:
        """Whether a decorator of a function may call it, or hand it to who does."""
        decorators = [one for one in function.decorators if not _OF_VIEWS.fullmatch(one)]
        if function.registered == UNTOLD or not self._code.once(is_site):
            return bool(decorators)
        return any(self._tells(source, name, decorator) for decorator in decorators)

    def is_in_library(self, source: Summary, function: Function) -> bool:
        """Whether a function is a tag or a filter of a library that a template may load."""
        return any(map(_TAG.fullmatch, function.decorators)) and self._is_library(source)

    def _tells(self, source: Summary, name: str, decorator: str) -> bool:
        if found := self._code.function(decorator):
            return (found[0].path, found[1]) not in self._wrappers
        if decorator.rpartition(".")[2] in _TASKS or decorator in _JOBS:
            return self._sends_any or self._is_sent_by_command(source, name)
        return _TAG.fullmatch(decorator) is None or self._is_library(source)

    @cached_property
    def _sends_any(self) -> bool:
        """Whether a task may be sent by a name that is not told."""
        if any(not source.is_script for source, _ in self._code.facts("tasks-looked-up")):
            return True
        say = self._sayers
        return any(any(say.of_method(name)) or say.is_in_texts(name) for name in _SCHEDULERS)

    def _is_sent_by_command(self, source: Summary, name: str) -> bool:
        """Whether an operator's command sends a task: a worker runs it, and nobody watches that."""
        sent = self._code.sent_to((source.path, name))
        return any(_COMMANDS in f"/{path}" for path, *_ in sent)

    @cached_property
    def _wrappers(self) -> frozenset[tuple[str, str]]:
        """The project's decorators that do no more than to call what they are given."""
        noted = self._code.facts("only-wraps")
        return frozenset((source.path, fact.function) for source, fact in noted)

    def _is_library(self, source: Summary) -> bool:
        """Whether a template may load a file as a library, itself or as a part of another one."""
        return any(map(self._is_loaded, self._names(source)))

    def _is_loaded(self, name: str) -> bool:
        # By its name among the settings, or in one of the templates.
        return any(self._sayers.of_method(name)) or self._sayers.is_in_templates(name)

    def _names(self, source: Summary) -> Iterator[str]:
        for path in (source.path, *self._code.importers.get(source.path, ())):
            yield path.rpartition("/")[2].removesuffix(".py")
