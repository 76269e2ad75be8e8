"""Whether a project has a setting off that its code asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_scaleready.checks.reaching.made_settings import APPS

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def is_off(project: Project, name: str, unset: bool, module: str) -> bool:
    """Whether a setting is False, or none at all where code asks for one that may be unset.

    Of an entry of a setting, the key stands behind a dot. What a ``module`` has counts as theirs if
    these settings have it from there, or are that module; else it is what that holds by itself.
    """
    name, _, key = name.partition(".")
    if module and not (project.is_set(name) and _has_from(project, name, module)):
        known = not key and module in project.code.by_module
        return known and project.is_off_in(module, name)
    if not project.is_set(name):
        if key and not project.is_set(APPS) and name in project.made_apps:
            return key not in project.made_apps[name]
        return unset and project.is_known(name)
    value = project.setting(name)
    if key:
        value = _entry(value, key) if project.is_known(name) else None
    return value is False


def _entry(value: object, key: str) -> object:
    """Return the entry of a setting, None if it has none; of a list, whether it is there."""
    if isinstance(value, list | tuple | set | frozenset):
        return any(each == key or str(each).startswith(f"{key}.apps.") for each in value)
    return value.get(key) if isinstance(value, dict) else None


def _has_from(project: Project, name: str, module: str) -> bool:
    by_module = project.code.by_module
    source = by_module.get(module)
    if source is None:
        return False
    given = {project.settings_module, project.where(name).path}
    return source.path in given or source is by_module.get(project.settings_module)
