"""How long reading a large code base takes, beside parsing it and beside two linters."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import venvs
from bench.machine import Options
from bench.report import Table
from django_scaleready.checks.code.loading.files import python_files

NAME = "scan"
TITLE = "Reading the source of one large project, and of Django and fourteen others around it"

COLUMNS = (
    *("what", "processor s", "to ast.parse", "wall s", "wall to ast.parse", "to the first run"),
    "findings",
)
ROUNDS, QUICK_ROUNDS = 3, 1
# Releases that do not change, each tree in one folder, without what they depend on. The second has
# seventeen modules of settings, each of which a deployment may use; a project has one or two.
ONE_PROJECT, MANY = "one project", "fifteen packages"
TREES = {
    ONE_PROJECT: ("sentry==23.7.1",),
    MANY: (
        *("allianceauth==5.5.0", "arches==8.1.5", "celery==5.7.0", "django==5.2.19"),
        *("django-cms==5.1.3", "django-oscar==4.2.1"),
        *("djangorestframework==3.18.3", "evennia==5.0.1", "kiwitcms==12.4", "kolibri==0.19.5"),
        *("mayan-edms==4.12.2", "pretix==2026.8.0", "pulpcore==3.123.1", "wagtail==8.0.1"),
        "wger==2.1",
    ),
}
# What comes with an environment is no part of it.
FOREIGN = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "*.dist-info", "*.pyc", "*.pth")
TOOLS = ("ruff==0.17.6", "bandit==1.9.4")
# Rules of ruff about what goes wrong with a second process: bugs, security, Django, pylint's
# warnings, dates and logging.
RULES = "B,DJ,DTZ,LOG,PLW,S"
PARSE, WALK, ONE, ALL, SECOND = (
    "ast.parse of the same files",
    "ast.parse, and ast.walk that does nothing",
    "scan, one process",
    "scan, all cores",
    "scan again after one changed file",
)
MOST_PARSES, MOST_OF_FIRST = 1.5, 0.2

PARSER = """
import ast, pathlib, sys, warnings
from django_scaleready.checks.code.loading.files import python_files
warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])
for name in python_files(root):
    ast.parse((root / name).read_bytes())
"""
# What it costs in Python to come by every node, whatever is then done there.
WALKER = PARSER.replace("    ast.parse", "    for _ in ast.walk(ast.parse").rstrip() + "): pass\n"


@dataclass
class Program:
    """Something that reads the tree: its command line, and what each run took, in seconds."""

    what: str
    command: Sequence[str | Path]
    one_core: bool = False
    forgets: bool = False
    changes: bool = False
    once: bool = False
    findings: str = ""
    processor: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def least(self) -> tuple[float, float]:
        """The least processor time and wall time: whatever else runs can only add to them."""
        return min(self.processor), min(self.wall)


def run(options: Options) -> Table:
    """Run each program in turn, several times, and compare the least that each took."""
    table = Table(NAME, TITLE, COLUMNS)
    for title, packages in TREES.items():
        if not options.quick or title == ONE_PROJECT:
            _measure(table, title, packages, options)
    table.notes.append(
        f"Each is a process of its own, its start included; the least of {ROUNDS} rounds, of"
        " bandit the only one. One process has one core to itself, and so has ast.parse. ruff"
        f" reads without its cache, on all cores, the rules {RULES}; bandit reads in one process,"
        " all of its rules. What they find is not alike: neither looks for state that stays in one"
        " process."
    )
    return table


def _measure(table: Table, title: str, packages: Sequence[str], options: Options) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = _programs(folder / "tree", options)
        _copy(folder / "tree", packages, options)
        names = python_files(folder / "tree")
        size = sum((folder / "tree" / name).stat().st_size for name in names)
        with options.alone(f"{NAME}, {title}"):
            for number in range(QUICK_ROUNDS if options.quick else ROUNDS):
                for program in programs:
                    if not (program.once and number):
                        _run(program, folder, number)
    by_name = {program.what: program for program in programs}
    parse, first = by_name[PARSE].least, by_name[ALL].least
    for program in programs:
        processor, wall = program.least
        again = f"{wall / first[1]:.2f}" if program.what in {ALL, SECOND} else ""
        table.rows.append(
            (
                f"{title}: {program.what}",
                f"{processor:.2f}",
                f"{processor / parse[0]:.2f}",
                f"{wall:.2f}",
                f"{wall / parse[1]:.2f}",
                again,
                program.findings,
            )
        )
        table.figures[f"{title}: {program.what}"] = {"processor": processor, "wall": wall}
    _promise(table, title, by_name)
    table.figures[title] = {"files": len(names), "bytes": size}
    table.notes.append(f"{title}: {len(names):,} files of Python, {size / 1e6:.0f} MB.")


def _programs(tree: Path, options: Options) -> list[Program]:
    scan = (sys.executable, "-m", "django_scaleready", "scan", tree, "--format", "json")
    found = [
        Program(PARSE, (sys.executable, "-c", PARSER, tree), one_core=True),
        Program(WALK, (sys.executable, "-c", WALKER, tree), one_core=True),
        Program(ONE, scan, one_core=True, forgets=True),
        Program(ALL, scan, forgets=True),
        Program(SECOND, scan, changes=True),
    ]
    if not options.quick:
        tools = venvs.environment(NAME, TOOLS).parent
        ruff = (tools / "ruff", "check", "--isolated", "--no-cache", "--exit-zero")
        bandit = (tools / "bandit", "--recursive", "--quiet", "--exit-zero")
        found += [
            Program(
                "ruff, without its cache",
                (*ruff, "--select", RULES, "--output-format", "json", tree),
            ),
            Program("bandit", (*bandit, "--format", "json", tree), once=True),
        ]
    return found


def _copy(tree: Path, packages: Sequence[str], options: Options) -> None:
    """Copy the code base: a folder called site-packages holds nobody's own code."""
    if options.quick:
        tree.mkdir()
        (tree / "views.py").write_text("import requests\nrequests.get('https://example.com')\n")
        return
    wanted = ("--no-deps", "--only-binary=:all:", *packages)
    environment = venvs.environment(f"{NAME}-tree", wanted).parents[1]
    installed = next((environment / "lib").glob("python*/site-packages"))
    shutil.copytree(installed, tree, ignore=shutil.ignore_patterns(*FOREIGN))


def _run(program: Program, folder: Path, number: int) -> None:
    cache = folder / "cache"
    if program.forgets:
        shutil.rmtree(cache, ignore_errors=True)
    if program.changes:
        changed = min((folder / "tree").rglob("views.py"))
        with changed.open("a", encoding="utf-8") as file:
            file.write(f"# {number}\n")
    cores = os.sched_getaffinity(0)
    began = time.perf_counter()
    with (folder / "output").open("w+b") as output, (folder / "errors").open("w+b") as errors:
        # A process has the cores of the one that starts it.
        os.sched_setaffinity(0, {min(cores)} if program.one_core else cores)
        process = subprocess.Popen(
            program.command,
            stdout=output,
            stderr=errors,
            env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        )
        os.sched_setaffinity(0, cores)
        # What it used, with the processes it started and waited for.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        program.wall.append(time.perf_counter() - began)
        program.processor.append(used.ru_utime + used.ru_stime)
        output.seek(0)
        errors.seek(0)
        if process.returncode not in {0, 1}:
            raise RuntimeError(f"{program.what}: {errors.read().decode(errors='replace')}")
        program.findings = _findings(output.read())


def _findings(output: bytes) -> str:
    if not output:
        return ""
    document = json.loads(output)
    # ruff prints a list, bandit calls it results.
    listed = document if isinstance(document, list) else document.get("findings")
    return f"{len(document['results'] if listed is None else listed):,}"


def _promise(table: Table, title: str, programs: dict[str, Program]) -> None:
    ratio = programs[ALL].least[1] / programs[PARSE].least[1]
    table.promise(
        f"{title}: a scan takes at most {MOST_PARSES} times as long as ast.parse on one core",
        f"{ratio:.2f}",
        ratio <= MOST_PARSES,
    )
    if title != ONE_PROJECT:
        # No project has thirteen settings modules, each of which is judged with all the code.
        return
    again = programs[SECOND].least[1] / programs[ALL].least[1]
    table.promise(
        f"{title}: after one changed file it takes less than {MOST_OF_FIRST} of the first time",
        f"{again:.2f}",
        again < MOST_OF_FIRST,
    )
