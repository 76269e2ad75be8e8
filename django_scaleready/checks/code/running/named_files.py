"""The files that settings name in a text: ``"SCHEMA": "shop.api.schema_init.schema"``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django_scaleready.checks.code.running.worker_tasks import NOTED as IMPORTED
from django_scaleready.checks.code.running.worker_tasks import worker_imports
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import LIBRARIES
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.settings_files import NAMES, may_be_settings

NOTED = "named-files"
# One of two parts is a model's, or an app's setting: "auth.User".
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){2,}")


def named_files(reading: Reading) -> Iterator[Fact]:
    """Note the dotted names in what may be a settings module: (name, ...)."""
    module = reading.module
    if not reading.once(may_be_settings) or not any(word in module.content for word in NAMES):
        return
    outside = (scope for scope in module.scopes if scope.kind != "function")
    texts = {text for scope in outside for text in scope.texts if _DOTTED.fullmatch(text)}
    own = sorted(text for text in texts if text.partition(".")[0] not in LIBRARIES)
    if own:
        yield Fact(1, "", tuple(own))


COLLECTORS = ((NOTED, named_files), (IMPORTED, worker_imports))
