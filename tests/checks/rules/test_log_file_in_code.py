"""log-file-in-code: a log file that the code adds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Finding
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.log_file_in_code import RULE

HEAD = """import logging, sys, tempfile
from logging.handlers import RotatingFileHandler
from loguru import logger
"""


@pytest.mark.parametrize(
    "code",
    [
        "logging.FileHandler('/var/log/x.log')",
        "def f(): RotatingFileHandler('x.log')",
        "logger.add('x.log')",
        "logging.basicConfig(filename='/var/log/x.log')",
        "def f(path): logging.FileHandler(path)",
        "def f(path):\n  if x: RotatingFileHandler(path)\n  else: logging.FileHandler(path)",
        "def of(day): return f'/srv/{day}'\ndef f(day):\n  file = of(day)\n  logger.add(file)",
        "class ToDisk(logging.FileHandler): ...\ndef f():\n  f = ToDisk('x')\n  logger.add(f)",
        # It is noted where it is made.
        "handler = logging.FileHandler('/srv/x.log')\nlogger.add(handler)",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "logging.FileHandler('/dev/stdout')",
        "logging.StreamHandler(sys.stdout)",
        "logger.add(sys.stderr)",
        "logging.basicConfig(level=logging.INFO)",
        "logging.basicConfig(filename='/dev/stderr')",
        "def f(): logging.FileHandler(tempfile.mktemp())",
        "from shop.files import FileHandler\nFileHandler('x')",
        "class ToShip(logging.Handler): ...\ndef f():\n  handler = ToShip()\n  logger.add(handler)",
        "from ship import ShipHandler\nlogger.add(ShipHandler('shop'))",
        "from ship import LineSink\nsink = LineSink('shop')\ndef f(): logger.add(sink)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "logging.FileHandler('/var/log/x.log')"}
    assert list(RULE.find(make_project(files))) == []


def test_the_folder_of_the_settings_is_named_with_it(make_project: Callable[..., Project]) -> None:
    code = HEAD + "from django.conf import settings\nlogging.FileHandler(settings.LOG_DIR + 'x')"
    files = {"conf/settings.py": "LOG_DIR = '/srv/log/'\n", "shop/code.py": code}
    (finding,) = RULE.find(make_project(files, LOG_DIR="/srv/log/"))
    assert isinstance(finding, Finding)
    assert len(finding.related) == 1
