"""What Terraform gives to containers of a project: variables, and shares of a network.

Its files are searched, and not parsed: all that lie in one folder are one module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# A name, and what it is set to; None for what is not written there.
Given = Iterator[tuple[str, str | None]]
# { name = "CACHE_URL", value = "..." }, and a block of the same.
_PAIR = re.compile(
    r"\{\s*\"?name\"?\s*[=:]\s*\"([A-Z][A-Z0-9_]+)\"\s*,?\s*"
    r"\"?(?:value|valueFrom|value_from|value_source)\b\"?\s*[=:{]\s*(\"[^\"\n]*\"|[^\n,}]*)"
)
_ENVIRONMENT = (
    r"\b(?:\w+_)?(?:env|environment|env_vars|environment_variables|secrets|app_settings"
    r"|config_vars)"
)
# environment = { CACHE_URL = local.redis }, and what is merged with others.
_MAP = re.compile(rf"{_ENVIRONMENT}\s*=\s*(?:merge\(\s*)?(?=\{{)")
# environment = merge(local.own, var.more), and an environment of as many blocks.
_NAMED = re.compile(
    rf"{_ENVIRONMENT}\s*=\s*[^\n{{]*\blocal\.[^\n]*"
    r"|\bdynamic\s+\"env\w*\"\s*\{\s*(?:#[^\n]*\s+)*for_each\s*=[^\n]*"
)
_LOCAL = re.compile(r"\blocal\.(\w+)")
_HELD = r"(?<![\w.])(?:%s)\s*=\s*(?:merge\(\s*)?(?=\{)"
_ENTRY = re.compile(r"^\s*\"?([A-Z][A-Z0-9_]+)\"?\s*[=:]\s*(\"[^\"\n]*\"|[^\n,]+)", re.MULTILINE)
# {"cache-url" = { env_name = "CACHE_URL" }}: what a secret is called, and its variable.
_CALLED = re.compile(r"\b\w*name\s*=\s*\"([A-Z][A-Z0-9_]+)\"")
_OWN = re.compile(r"\b(?:DJANGO_[A-Z]\w+|celery|daphne|gunicorn|manage\.py|uvicorn|uwsgi)\b")
_WRITTEN = re.compile(r"\"([^\"$]*)\"")
# A folder that has a name in the module.
_PATH = re.compile(r"(?<![\w.])(\w+)\s*=\s*\"(/[^\"$\n]*)\"")
# A volume of a network; a block without others in it; and what a block says of its volume.
_VOLUME = re.compile(r"\bvolumes?\s*(?=\{)")
_SHARED = re.compile(
    r"\bstorage_type\s*=\s*\"(?:Nfs)?AzureFile\"|\befs_volume_configuration\b|\bnfs\s*\{"
)
_FLAT = re.compile(r"\{([^{}]*)\}")
_VOLUME_NAME = re.compile(r"\b(?:name|sourceVolume)\"?\s*[=:]\s*([^\n,}]+)")
_TARGET = re.compile(r"\b(?:path|mount_path|containerPath|container_path)\"?\s*[=:]\s*([^\n,}]+)")


def is_own(text: str) -> bool:
    """Whether a text runs the project, as far as its words say."""
    return _OWN.search(text) is not None


def variables(texts: Iterable[str]) -> Given:
    """Yield what the files of a folder set, in which the project is run."""
    files = [*texts]
    whole = "\n".join(files)
    paths = dict(_PATH.findall(whole))
    for name, value in _given([text for text in files if is_own(text)], whole):
        written = _WRITTEN.fullmatch(value.strip())
        local = _LOCAL.fullmatch(value.strip())
        yield name, written[1] if written else paths.get(local[1]) if local else None


def _given(own: list[str], whole: str) -> Iterator[tuple[str, str]]:
    for text in own:
        yield from _PAIR.findall(text)
        for match in _MAP.finditer(text):
            yield from _ENTRY.findall(_block(text, match.end()))
    # Maps that have a name, by which containers are given them.
    used = {name for match in _NAMED.findall(whole) for name in _LOCAL.findall(match)}
    for match in re.finditer(_HELD % "|".join(used), whole) if used and own else ():
        block = _block(whole, match.end())
        yield from _ENTRY.findall(block)
        yield from ((name, "") for name in _CALLED.findall(block))


def network_mounts(texts: Iterable[str]) -> Iterator[str]:
    """Yield where the containers of a folder have volumes of a network: Azure Files, EFS, NFS."""
    whole = "\n".join(texts)
    volumes = [_block(whole, match.end()) for match in _VOLUME.finditer(whole)]
    named = (_VOLUME_NAME.search(text) for text in volumes if _SHARED.search(text))
    shared = {name[1].strip() for name in named if name}
    paths = dict(_PATH.findall(whole)) if shared else {}
    for block in _FLAT.findall(whole) if shared else ():
        name, target = _VOLUME_NAME.search(block), _TARGET.search(block)
        if name and target and name[1].strip() in shared:
            local, written = _LOCAL.fullmatch(target[1].strip()), _WRITTEN.match(target[1].strip())
            found = paths.get(local[1]) if local else written and written[1]
            yield from [found] if found else []


# Of ECS: what says how long a container may take to stop.
_ENDURED = re.compile(r"\bstop_?[tT]imeout\b")
_TASK = re.compile(r"^resource\s+\"aws_ecs_task_definition\"", re.MULTILINE)
# Other files may say more of the containers.
_HERE = re.compile(r"^\s*container_definitions\s*=\s*jsonencode\(", re.MULTILINE)
_SERVICE = re.compile(r"^resource\s+\"aws_ecs_service\"", re.MULTILINE)


def leaves_stop(texts: Iterable[str]) -> bool:
    """Whether the files of a folder define a service of ECS, and not how long it may stop."""
    whole = "\n".join(texts)
    defined = _TASK.search(whole) and _SERVICE.search(whole) and _HERE.search(whole)
    return bool(defined) and not _ENDURED.search(whole)


def task_line(text: str) -> int:
    """Return the line on which a file defines a task of ECS, 0 for none."""
    found = _TASK.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _block(text: str, start: int) -> str:
    """Return what stands in the braces that are opened there."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return text[start + 1 : match.start()]
    return ""
