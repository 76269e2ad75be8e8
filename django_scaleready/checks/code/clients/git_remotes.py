"""Calls by which GitPython asks another host, and nothing ends one that waits for ever."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.tree.syntax import last_name, written

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.scopes import Scope, Site

CLONE, REMOTE, COMMAND = "git.Repo.clone_from", "git.Remote", "git.Git"
_REPOSITORIES = ("git.Repo", "git.repo.Repo", "git.repo.base.Repo")
_CLONES = frozenset(f"{name}.clone_from" for name in _REPOSITORIES)
_REMOTES = frozenset({"git.Remote", "git.remote.Remote"})
_COMMANDS = frozenset({"git.Git", "git.cmd.Git"})
_OF_REMOTES = ("fetch", "pull", "push")
# Git's own commands that leave the machine; of some only ``update`` does.
_LEAVES = ("clone", "ls_remote", *_OF_REMOTES)
_MAY_LEAVE = ("remote", "submodule")
LIMIT = "kill_after_timeout"
# Git gives a slow transfer up by itself, and ssh one that does not answer.
_BOUNDED = (b"LOW_SPEED", b"lowSpeed", b"lowspeed", b"ConnectTimeout", b"ServerAliveInterval")
# Each was read in GitPython: clone_from() starts a process, and takes no time-out for it.
HINTS = {
    CLONE: f"Call git.Git().clone(url, path, {LIMIT}=60) (seconds), or set"
    " GIT_HTTP_LOW_SPEED_LIMIT and GIT_HTTP_LOW_SPEED_TIME.",
    **{
        f"{of}.{name}": f"Pass {LIMIT}=60 (seconds)."
        for of in (REMOTE, COMMAND)
        for name in (*_LEAVES, *_MAY_LEAVE)
    },
}


def asks_remotes(module: Module) -> Iterator[tuple[Site, str]]:
    """Yield the calls that ask another host with no end to it, and what is called."""
    if "git" not in module.roots or any(word in module.content for word in _BOUNDED):
        return
    for site in module.calls_that_run("clone_from", *_LEAVES, *_MAY_LEAVE):
        name = _asked(module, site)
        given = {keyword.arg for keyword in site.call.keywords}
        waits = name == CLONE or given.isdisjoint({LIMIT, None})
        if name and waits and not _is_local(site.call):
            yield site, name


def _is_local(call: ast.Call) -> bool:
    """Whether what is cloned lies on the same machine, as it is written out."""
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "url")]
    text = str(getattr(given[0], "value", "")) if given else ""
    return text.startswith(("/", ".", "file:"))


def _asked(module: Module, site: Site) -> str:
    """Return what a call asks another host by; "" if it asks none."""
    method = site.call.func
    if module.resolve(method) in _CLONES:
        return CLONE
    if not isinstance(method, ast.Attribute):
        return ""
    if method.attr in _OF_REMOTES and _is_remote(module, method.value, site.scope):
        return f"{REMOTE}.{method.attr}"
    first = getattr(site.call.args[0], "value", "") if site.call.args else ""
    leaves = method.attr in _LEAVES or (method.attr in _MAY_LEAVE and first == "update")
    return f"{COMMAND}.{method.attr}" if leaves and _runs(module, method.value, site.scope) else ""


def _is_remote(module: Module, held: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a remote: ``repo.remotes.origin``, ``repo.remote()``, or kept."""
    return any(
        last_name(getattr(each, "value", None)) == "remotes"
        or last_name(each) == "remotes"
        or (
            isinstance(each, ast.Call)
            and (
                last_name(each.func) in {"create_remote", "remote"}
                or module.resolve(each.func) in _REMOTES
            )
        )
        for each in (held, *_kept(module, held, scope))
    )


def _runs(module: Module, held: ast.expr, scope: Scope) -> bool:
    """Whether an expression runs git's commands: ``repo.git``, ``git.Git()``, or kept."""
    return any(
        (isinstance(each, ast.Attribute) and each.attr == "git")
        or (isinstance(each, ast.Call) and module.resolve(each.func) in _COMMANDS)
        for each in (held, *_kept(module, held, scope))
    )


def _kept(module: Module, held: ast.expr, scope: Scope) -> Iterator[ast.expr]:
    """Yield what a name is bound to in the functions around, or an attribute by any method."""
    if not isinstance(held, ast.Attribute | ast.Name):
        return
    name = written(held)
    scopes = scope.outer
    if name.startswith("self."):
        scopes = (s for s in module.functions.values() if s.parent is scope.owner)
    for each in scopes:
        yield from each.bindings.get(name, ())
