"""A request or a task changes the machine it happens to run on.

Pulling code, installing packages, writing a crontab or migrating from inside the application
changes one replica. The others stay as they are, and the next deploy undoes it.

## Bad

```python title="shop/views.py"
import subprocess


def update(request):
    subprocess.run(["git", "pull"], check=True)
```

## Good

```python title="shop/views.py"
import subprocess


def version(request):
    return subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True)
```

## Stays silent when

- the program only reads (`crontab -l`, `systemctl status`), or works on temporary files;
- the code is a management command, a script, or runs under DEBUG only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.known_calls import TEMP
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_parts

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "host-command"
RUNNERS = frozenset(
    [
        *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
        *("os.system", "os.popen"),
    ]
)
# What is said before a shell comes to the program.
BEFORE = r"^(cd [^&;]+(&&|;) *)?(sudo )?"
CHANGES = re.compile(
    rf"{BEFORE}(git (pull|clone|fetch|checkout|reset)|pip3? install|python3? -m pip install"
    r"|uv (pip|sync|add)|apt(-get)? |crontab|systemctl|service |supervisorctl|npm (i|ci|install)"
    r"|(python3? )?(\S*/)?manage\.py (migrate|collectstatic|compilemessages)|touch \S+wsgi)"
)
# What the same programs only look at.
LOOKS = re.compile(
    rf"{BEFORE}(crontab (.* )?-l\b|systemctl (-\S+ )*(cat|is-|list-|show|status)"
    r"|service \S+ status|supervisorctl (.* )?(avail|pid|status|tail)\b"
    r"|apt(-get)? (list|policy|search|show))"
)
COMMANDS = frozenset({"migrate", "collectstatic", "compilemessages", "makemigrations", "flush"})


CALLS = last_parts(*RUNNERS)


@only_with(*CALLS, "call_command")
def collect(reading: Reading) -> Iterator[Fact]:
    """Note the programs and commands that change the machine: (what is run,)."""
    module = reading.module
    if not module.roots & {"subprocess", "os", "django"}:
        return
    for site in module.calls_that_run(*CALLS):
        first = site.call.args[:1]
        shown = _words(first[0]) if first and module.resolve(site.call.func) in RUNNERS else ""
        changes = CHANGES.match(shown) and not LOOKS.match(shown)
        if changes and not _is_temporary(reading, site):
            yield module.fact(site, shown)
    for site in module.calls_that_run("call_command"):
        first = site.call.args[:1]
        name = getattr(first[0], "value", "") if first else ""
        # Of another database than the project's: one that is made to be handed out.
        elsewhere = any(
            k.arg == "database" and not _is_default(k.value) for k in site.call.keywords
        )
        if name in COMMANDS and not elsewhere:
            yield module.fact(site, f"manage.py {name}")


def _is_temporary(reading: Reading, site: Site) -> bool:
    """Whether a program works in a temporary folder: its last word, or where it is started."""
    first = site.call.args[0]
    words = first.elts[-1:] if isinstance(first, ast.List | ast.Tuple) else []
    places = [*words, *(k.value for k in site.call.keywords if k.arg == "cwd")]
    return any(reading.term(place, site.scope) == TEMP for place in places)


def _is_default(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "default"


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.List | ast.Tuple):
        return " ".join(_text(element) or "?" for element in node.elts)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "?" for part in node.values)
    return _text(node)


def _text(node: ast.expr) -> str:
    """Return what a constant says; "" for what only running it would tell."""
    return str(node.value) if isinstance(node, ast.Constant) else ""


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them that a request, a task or the start comes to."""
    for _, fact, place in project.noted(SLUG):
        yield Finding(
            message=f"{fact.data[0]!r} changes this replica alone.",
            hint="Do it when the image is built, or once per release.",
            location=place,
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E076", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
