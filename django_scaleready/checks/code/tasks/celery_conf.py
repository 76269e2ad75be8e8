"""What a project's code tells Celery beside its settings: the app, and ``app.conf``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import nodes_of

CELERY = frozenset({"celery.Celery", "celery.app.Celery"})
# It takes the app of Celery 3 from Django's settings, under their old names.
LOADER = "djcelery.setup_loader"
# Django's settings, as config_from_object() is given them.
DJANGOS, SETTINGS = "django.conf:settings", "django.conf.settings"
# What else that may be told, which says nothing of names.
PLAIN = frozenset({"force", "silent"})
# As written, an assignment to an attribute or an entry of something's ``conf``; most say conf only.
_SET = re.compile(rb"\.\s*conf\s*[.\[][^=\n]*=(?!=)")
# What an option is given: a setting, a constant, a dictionary as it is written, or what only
# running the code would tell.
SETTING, TEXT, WRITTEN, COMPUTED = "setting", "text", "written", "computed"
# More than any option of Celery's holds that is written at once.
OPTIONS = 20


def celery_app(reading: Reading) -> Iterator[Fact]:
    """Note where the project makes its Celery app.

    The fact: (the namespace of its settings or None, whether those surely are Django's).
    """
    module = reading.module
    for site in _apps(module):
        taken, djangos = _namespace(module)
        # The app has one of its own where what it takes its options from is given with none.
        yield module.fact(site, taken or _given_to(site.call) or taken, djangos)
    for site in module.calls("setup_loader"):
        if module.resolve(site.call.func) == LOADER:
            yield module.fact(site, "", False)


def _apps(module: Module) -> Iterator[Site]:
    configured = _configured(module)
    if not configured and b"elery" not in module.content:
        return
    own = [scope.name for scope in module.classes.values() if CELERY & {*module.bases(scope)}]
    for call, flags in module.top.calls:
        name = module.resolve(call.func)
        if name in CELERY or name in own or any(call is made for made in configured):
            yield Site(call, module.top, flags)


def _configured(module: Module) -> list[ast.expr]:
    """Return what is configured as Celery's app is, whatever package its class is from."""
    found = []
    for site in module.calls("autodiscover_tasks", "config_from_object"):
        held = site.call.func.value if isinstance(site.call.func, ast.Attribute) else None
        if isinstance(held, ast.Name):
            found += module.top.bindings.get(held.id, [])
    return found


def _given_to(call: ast.Call) -> str:
    """Return the namespace that an app is made with: ``Celery("shop", namespace="CELERY")``."""
    given = (getattr(k.value, "value", "") for k in call.keywords if k.arg == "namespace")
    return next((each for each in given if isinstance(each, str)), "")


def _namespace(module: Module) -> tuple[str | None, bool]:
    for site in module.calls("config_from_object"):
        taken = site.call.args[:1]
        names = [str(getattr(each, "value", "")) for each in taken]
        djangos = names == [DJANGOS] or [module.resolve(each) for each in taken] == [SETTINGS]
        for keyword in site.call.keywords:
            if keyword.arg == "namespace" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value), djangos
        # What else it is given may bring one.
        plain = all(keyword.arg in PLAIN for keyword in site.call.keywords)
        return "", djangos and len(site.call.args) == 1 and plain
    return None, False


def celery_given(reading: Reading) -> Iterator[Fact]:
    """Note the module or the class that an app takes its options from: (its dotted name)."""
    module = reading.module
    for site in module.calls("config_from_object"):
        for each in site.call.args[:1]:
            text = each.value if isinstance(each, ast.Constant) else None
            name = text.replace(":", ".") if isinstance(text, str) else ""
            dotted = name or module.qualified(each, site.scope)
            if dotted and dotted != SETTINGS:
                yield module.fact(site, dotted)


def celery_conf(reading: Reading) -> Iterator[Fact]:
    """Note the options that code gives: (name, kind, the setting or value)."""
    module = reading.module
    for site in _apps(module):
        yield from _given(module, ((k.arg, k.value) for k in site.call.keywords if k.arg))
    if "celery" in module.roots:
        if _SET.search(module.content):
            yield from _given(module, _assigned(module))
        yield from _given(module, _updated(module))
    if "celery" in module.path.rpartition("/")[2]:
        # A module of its own for config_from_object(): task_time_limit = 60.
        bound = module.top.bindings.items()
        yield from _given(module, ((name, values[-1]) for name, values in bound if values))


def _assigned(module: Module) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes_of(module.top.node):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Attribute) and _is_conf(target.value):
                yield target.attr, node.value
            elif isinstance(target, ast.Subscript) and _is_conf(target.value):
                yield str(getattr(target.slice, "value", "")), node.value


def _updated(module: Module) -> Iterator[tuple[str, ast.expr]]:
    for site in module.calls("update"):
        function = site.call.func
        if isinstance(function, ast.Attribute) and _is_conf(function.value):
            yield from ((k.arg, k.value) for k in site.call.keywords if k.arg)
            for mapping in site.call.args:
                if isinstance(mapping, ast.Dict):
                    keys = (str(getattr(key, "value", "")) for key in mapping.keys)
                    yield from zip(keys, mapping.values, strict=True)


def _is_conf(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "conf"


def _given(module: Module, pairs: Iterator[tuple[str, ast.expr]]) -> Iterator[Fact]:
    for name, value in pairs:
        if name.islower():
            yield Fact(value.lineno, "", (name, *_value(module, value)))


def _value(module: Module, node: ast.expr) -> tuple[str, object]:
    dotted = module.resolve(node)
    if ".settings." in f".{dotted}":
        return SETTING, dotted.rpartition(".")[2]
    if isinstance(node, ast.Constant):
        return TEXT, node.value
    if isinstance(node, ast.Dict) and len(node.keys) <= OPTIONS:
        return WRITTEN, ast.unparse(node)
    return COMPUTED, None
