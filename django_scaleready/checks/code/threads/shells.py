"""What a shell is told to do in the background."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_parts

SHELLS = frozenset(
    ["os.system", *(f"subprocess.{name}" for name in ("Popen", "call", "check_call", "run"))]
)
BACKGROUND = re.compile(r"(?<!&)&\s*$")


def in_shells(module: Module) -> Iterator[Site]:
    """Yield the calls that tell a shell to go on without waiting: ``os.system("work &")``."""
    for site in module.calls_that_run(*last_parts(*SHELLS)):
        if module.resolve(site.call.func) in SHELLS and site.call.args:
            line = site.call.args[0]
            if isinstance(line, ast.JoinedStr) and line.values:
                line = line.values[-1]
            if BACKGROUND.search(str(getattr(line, "value", ""))):
                yield site
