"""``python -m django_scaleready check``: the check, whatever the state of the project.

It needs no entry in INSTALLED_APPS, and settings that fail to load are reported as what they are.
``python -m django_scaleready uwsgi-ini`` prints what uWSGI is started with, and ``drill`` runs the
drill of a project as it is.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import NoReturn

import django

from django_scaleready.checks.reports.output import arriving
from django_scaleready.unloadable import refuse

USAGE = """\
usage: python -m django_scaleready check [options]
       python -m django_scaleready scan PATH [options]
       python -m django_scaleready drill [options]
       python -m django_scaleready uwsgi-ini

  check      what would break with two replicas: Django's check with --deploy-scale. Run it in the
             folder that holds manage.py. Unlike `manage.py check --deploy-scale` it needs no entry
             in INSTALLED_APPS, and it reports settings that fail to load: where, and why, with exit
             code 2.
  scan       the same without loading the settings, for a repository that cannot run here
  drill      replicas of the project, under load, while things break: `manage.py scaleready drill`
             for a project that does not have the kit installed
  uwsgi-ini  prints the path of uWSGI's configuration

Each has a --help. The settings module is --settings, else DJANGO_SETTINGS_MODULE, else the one
that manage.py names.
"""
_NAMES = "check, scan, drill, uwsgi-ini"
_VARIABLE = "DJANGO_SETTINGS_MODULE"


def main(arguments: list[str]) -> None:
    """Run the command that is asked for; exits with its code."""
    if arguments[:1] == ["drill"]:
        from django_scaleready.management.subcommands import drill

        _find_settings(arguments[1:])
        raise SystemExit(drill.main(arguments[1:]))
    with arriving(" ".join(["python -m django_scaleready", *arguments[:1]])):
        if arguments[:1] == ["uwsgi-ini"]:
            from django_scaleready.uwsgi import ini

            ini.main(arguments[1:])
        elif arguments[:1] == ["scan"]:
            _scan(arguments[1:])
        elif arguments[:1] == ["check"]:
            _check(arguments[1:])
        else:
            _show_usage(arguments)


def _scan(arguments: list[str]) -> NoReturn:
    # A scan ends with its process, and keeps most of what it makes until then.
    gc.disable()
    from django_scaleready.checks.static.main import main as scan

    code = scan(arguments)
    # Nor is it searched for cycles when the interpreter ends.
    gc.freeze()
    raise SystemExit(code)


def _check(arguments: list[str]) -> None:
    sys.path.insert(0, str(Path.cwd()))
    _find_settings(arguments)
    try:
        # What the settings print is no part of the report.
        with contextlib.redirect_stdout(sys.stderr):
            django.setup()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - they may raise anything; it is shown
        refuse(error)
    # It reads the settings when it is imported.
    from django_scaleready.management.commands.check import Command

    scale = [] if "--deploy-scale" in arguments else ["--deploy-scale"]
    Command().run_from_argv(["python -m django_scaleready", "check", *arguments, *scale])


def _show_usage(arguments: list[str]) -> NoReturn:
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        sys.stdout.write(USAGE)
        raise SystemExit(0)
    got = f"got {arguments[0]!r}, " if arguments else ""
    sys.stderr.write(f"{USAGE}\npython -m django_scaleready: error: {got}accepts {_NAMES}\n")
    raise SystemExit(2)


def _find_settings(arguments: list[str]) -> None:
    """Put the name of the settings module into the environment, where Django looks for it."""
    for index, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        # Without a value it is refused later, by the parser that knows all options.
        for given in [value] if equals else arguments[index + 1 : index + 2]:
            if option == "--settings":
                if not given:
                    sys.stderr.write("--settings: got '', accepts the name of a module.\n")
                    raise SystemExit(2)
                os.environ[_VARIABLE] = given
            elif option == "--pythonpath":
                sys.path.insert(0, given)
    if not os.environ.get(_VARIABLE):
        os.environ[_VARIABLE] = _named_by(Path("manage.py"))
    if not os.environ[_VARIABLE]:
        if {"-h", "--help"}.intersection(arguments):
            sys.stdout.write(USAGE)
            raise SystemExit(0)
        sys.stderr.write(f"No settings module: give --settings, or set {_VARIABLE}.\n")
        raise SystemExit(2)


def _named_by(manage: Path) -> str:
    """Return the module that manage.py passes to os.environ.setdefault, "" if there is none."""
    if not manage.is_file():
        return ""
    try:
        tree = ast.parse(manage.read_bytes())
    except (SyntaxError, ValueError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            values = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if node.func.attr == "setdefault" and values[:1] == [_VARIABLE] and len(values) > 1:
                return str(values[1])
    return ""


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        # Whoever presses Ctrl-C knows where it was; 128 + SIGINT, as a shell says.
        raise SystemExit(130) from None
