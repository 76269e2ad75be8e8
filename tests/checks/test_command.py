"""``manage.py check --deploy-scale`` as a user runs it: in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.checks.registry import registry
from support.projects import run_manage, run_python

from django_scaleready.checks.base import Area
from django_scaleready.checks.project import Project
from django_scaleready.checks.registry import RULES
from django_scaleready.checks.wiring import registered

TESTS = Path(__file__).resolve().parent.parent
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
# Two errors (SQLite, runserver), one warning (DEBUG), one source finding.
SETTINGS = """
print("settings are loaded")
SECRET_KEY = "x"
DEBUG = True
INSTALLED_APPS = ["django_scaleready", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "mysite.urls"
"""
FILES = {
    "manage.py": MANAGE,
    "mysite/__init__.py": "",
    "mysite/settings.py": SETTINGS,
    "mysite/urls.py": "print('urls are loaded')\nurlpatterns = []",
    "shop/__init__.py": "",
    "shop/models.py": """
from django.core import checks
from django.db import models

@checks.register("shop")
def theirs(app_configs, **kwargs):
    return [checks.Warning("mind the gap", hint="jump", obj="shop", id="shop.W001")]

class Order(models.Model):
    class Meta:
        app_label = "shop"
""",
    "shop/rates.py": "import urllib.request\ndef f(): urllib.request.urlopen('x')\nHOOKS = [f]\n",
    "mysite/rates.py": "import urllib.request\ndef f(): urllib.request.urlopen('x')\nHOOKS = [f]\n",
    "Procfile": "web: python manage.py runserver\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


@pytest.fixture(scope="module")
def found_by_default(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of the site as it is, for who only looks at it."""
    return document(write(tmp_path_factory.mktemp("site"), FILES))


def document(site: Path, *options: str) -> dict[str, Any]:
    done = run_manage(site, "check", "--deploy-scale", "--format", "json", *options)
    # What the settings print is printed before the command runs; the views' output is held back.
    parsed = json.loads(done.stdout.removeprefix("settings are loaded\n"))
    assert isinstance(parsed, dict)
    return parsed


def slugs(document: dict[str, Any]) -> set[str]:
    return {finding["slug"] for finding in document["findings"]}


def test_text(site: Path) -> None:
    done = run_manage(site, "check", "--deploy-scale", "--no-color")
    assert done.returncode == 1
    assert "mysite/settings.py:6: error scaleready.E001 db-sqlite (high confidence)" in done.stdout
    assert "    Hint: Use PostgreSQL" in done.stdout
    assert "shop: (shop.W001) mind the gap\n\tHINT: jump" in done.stdout
    verdict = done.stdout.strip().splitlines()[-1]
    assert verdict.startswith("2 things would break with 2 replicas (3 warnings")
    assert "Traceback" not in done.stderr


def test_json_holds_everything(found_by_default: dict[str, Any]) -> None:
    found = found_by_default
    (runserver,) = [f for f in found["findings"] if f["slug"] == "runserver-deployed"]
    assert runserver == {
        "id": "scaleready.E091",
        "slug": "runserver-deployed",
        "leak": "start-stop",
        "severity": "error",
        "confidence": "high",
        "path": "Procfile",
        "line": 1,
        "message": runserver["message"],
        "hint": runserver["hint"],
        "related": [],
        "fingerprint": runserver["fingerprint"],
        "known": False,
    }
    assert found["django"] == [
        {
            "id": "shop.W001",
            "level": "warning",
            "message": "mind the gap",
            "hint": "jump",
            "object": "shop",
            "known": False,
        }
    ]
    assert found["unknown"] == []
    assert found["silenced"] == 0


def test_json_alone_goes_to_stdout(site: Path) -> None:
    done = run_manage(site, "check", "--deploy-scale", "--format", "json")
    assert "urls are loaded" in done.stderr
    assert "urls are loaded" not in done.stdout


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("scaleready-deploy", {"runserver-deployed"}),
        ("scaleready-source", {"http-no-timeout"}),
        ("security", set()),
    ],
)
def test_a_tag_chooses(site: Path, tag: str, expected: set[str]) -> None:
    found = document(site, "--tag", tag)
    assert slugs(found) == expected
    assert found["django"] == []


def test_an_app_label_narrows_the_source(site: Path, found_by_default: dict[str, Any]) -> None:
    everywhere = found_by_default["findings"]
    places = {f["path"] for f in everywhere if f["slug"] == "http-no-timeout"}
    assert places == {"mysite/rates.py", "shop/rates.py"}
    narrowed = document(site, "shop")
    places = {f["path"] for f in narrowed["findings"] if f["slug"] == "http-no-timeout"}
    assert places == {"shop/rates.py"}
    assert "db-sqlite" in slugs(narrowed)


def test_silenced_checks_are_counted_and_not_shown(site: Path) -> None:
    silenced = '\nSILENCED_SYSTEM_CHECKS = ["scaleready.E001", "scaleready.E091"]\n'
    write(site, {"mysite/settings.py": SETTINGS + silenced})
    done = run_manage(site, "check", "--deploy-scale")
    assert done.returncode == 0
    assert "db-sqlite" not in done.stdout
    assert "2 silenced" in done.stdout


def test_findings_that_a_comment_silences_are_counted(site: Path) -> None:
    comment = "  # scaleready: ignore[db-sqlite] one replica, for ever"
    settings = SETTINGS.replace('"db.sqlite3"}}', f'"db.sqlite3"}}}}{comment}')
    rates = FILES["shop/rates.py"].replace("'x')", "'x')  # scaleready: ignore[http-no-timeout] y")
    write(site, {"mysite/settings.py": settings, "shop/rates.py": rates})
    done = run_manage(site, "check", "--deploy-scale")
    assert "db-sqlite" not in done.stdout
    assert "shop/rates.py" not in done.stdout
    assert "2 silenced" in done.stdout


@pytest.mark.parametrize(("level", "code"), [("ERROR", 0), ("WARNING", 1)])
def test_fail_level(site: Path, level: str, code: int) -> None:
    tag = ("--tag", "scaleready-source")
    done = run_manage(site, "check", "--deploy-scale", *tag, "--fail-level", level)
    assert done.returncode == code


def test_declared_replicas_are_named(site: Path) -> None:
    write(site, {"mysite/settings.py": SETTINGS + '\nSCALEREADY = {"REPLICAS": 6}\n'})
    assert "would break with 6 replicas" in run_manage(site, "check", "--deploy-scale").stdout


def test_nothing_found(site: Path) -> None:
    done = run_manage(site, "check", "--deploy-scale", "--tag", "shop")
    assert done.returncode == 0
    assert "Nothing found that would break with 2 replicas." in done.stdout


def test_deploy_is_another_question(site: Path, found_by_default: dict[str, Any]) -> None:
    assert not any(m["id"].startswith("security.") for m in found_by_default["django"])
    both = document(site, "--deploy")
    assert any(m["id"].startswith("security.") for m in both["django"])
    assert "db-sqlite" in slugs(both)


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "--deploy"], ["migrate", "--check"], ["makemigrations"]]
)
def test_nothing_else_runs_the_rules(site: Path, arguments: list[str]) -> None:
    done = run_manage(site, *arguments)
    assert "db-sqlite" not in done.stdout + done.stderr
    assert "scaleready.E" not in done.stdout + done.stderr


def test_tags_are_listed_with_the_flag_only(site: Path) -> None:
    assert "scaleready-deploy" in run_manage(site, "check", "--deploy-scale", "--list-tags").stdout
    assert "scaleready" not in run_manage(site, "check", "--list-tags").stdout


@pytest.mark.parametrize("option", [["--format", "json"], ["--live"]])
def test_an_option_needs_the_flag(site: Path, option: list[str]) -> None:
    done = run_manage(site, "check", *option)
    assert done.returncode == 2
    assert f"{option[0]} needs --deploy-scale" in done.stderr


def test_no_rule_that_asks_services_runs_unless_that_is_asked_for(
    site: Path, found_by_default: dict[str, Any]
) -> None:
    found = found_by_default
    live = {rule.code for rule in RULES if rule.area is Area.LIVE}
    assert found["services"] is None
    assert live.isdisjoint(found["rules"])
    asked = document(site, "--live")
    # SQLite has no server.
    assert asked["services"] == []
    assert set(asked["rules"]) == {*found["rules"], *live}


def test_their_tag_needs_live(site: Path) -> None:
    tag = ("--tag", "scaleready-live")
    done = run_manage(site, "check", "--deploy-scale", *tag)
    assert done.returncode == 2
    assert "--tag scaleready-live needs --live" in done.stderr
    assert run_manage(site, "check", "--deploy-scale", "--live", *tag).returncode == 0


def test_a_service_that_is_away_is_undecided(site: Path) -> None:
    away = """
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "app",
    "PASSWORD": "swordfish", "HOST": "127.0.0.1", "PORT": 1,
}}
CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": "redis://:swordfish@127.0.0.1:1/0",
}}
"""
    write(site, {"mysite/settings.py": SETTINGS + away})
    done = run_manage(site, "check", "--deploy-scale", "--live", "--tag", "scaleready-live")
    assert "undecided the server of DATABASES['default']" in done.stdout
    assert "undecided the Redis that holds the cache 'default'" in done.stdout
    assert "refused" in done.stdout
    assert "swordfish" not in done.stdout + done.stderr
    assert "No live service answered." in done.stdout
    assert done.returncode == 0


def test_help_teaches(site: Path) -> None:
    shown = run_manage(site, "check", "--help").stdout
    for taught in (
        "--deploy-scale",
        "--fail-level",
        "SILENCED_SYSTEM_CHECKS",
        "SCALEREADY",
        "exit",
    ):
        assert taught in shown


def test_what_cannot_be_parsed_is_said(site: Path) -> None:
    write(site, {"shop/broken.py": "def f(:\n"})
    done = run_manage(site, "check", "--deploy-scale", "--tag", "scaleready-source")
    assert done.returncode == 0
    assert "undecided shop/broken.py:1" in done.stdout
    assert "1 undecided" in done.stdout
    strict = ("--tag", "scaleready-source", "--fail-level", "WARNING")
    assert run_manage(site, "check", "--deploy-scale", *strict).returncode == 1
    (unknown,) = document(site, "--tag", "scaleready-source")["unknown"]
    assert unknown["subject"] == "shop/broken.py:1"
    assert "SyntaxError" in unknown["reason"] or "parsed" in unknown["reason"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('SCALEREADY = {"REPLICA": 2}', "Did you mean 'REPLICAS'?"),
        ('SCALEREADY = {"REPLICAS": 0}', "a whole number of at least 1"),
    ],
)
def test_bad_settings_end_with_2(site: Path, line: str, said: str) -> None:
    # Not installed, so that nobody looks at SCALEREADY before the command does.
    write(site, {"mysite/settings.py": SETTINGS.replace('"django_scaleready", ', "") + line})
    environment = {"DJANGO_SETTINGS_MODULE": "mysite.settings"}
    done = run_python(site, "-m", "django_scaleready", "check", **environment)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_django_refuses_when_it_is_read(site: Path) -> None:
    # Here by the check of an app.
    model = FILES["shop/models.py"].replace("return [", "return [settings.SECRET_KEY] and [")
    write(
        site,
        {
            "mysite/settings.py": SETTINGS.replace('SECRET_KEY = "x"', 'SECRET_KEY = ""'),
            "shop/models.py": f"from django.conf import settings\n{model}",
        },
    )
    done = run_manage(site, "check", "--deploy-scale")
    assert done.returncode == 1
    assert "raised ImproperlyConfigured: The SECRET_KEY setting must not be empty" in done.stdout
    assert "error scaleready.E001 db-sqlite" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_registry_is_left_as_it_was(make_project: Callable[..., Project]) -> None:
    before = set(registry.registered_checks)

    def fail_inside() -> None:
        with registered(make_project()):
            assert len(registry.registered_checks) == len(before) + 3
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_inside()
    assert registry.registered_checks == before


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_each_format_is_what_it_says(site: Path, form: str) -> None:
    options = ["check", "--deploy-scale", "--format", form, "--output", "report"]
    done = run_manage(site, *options)
    assert done.returncode == 1
    # Whatever else the project prints, the file holds the report alone.
    assert done.stdout == "settings are loaded\n"
    assert "2 things would break with 2 replicas" in done.stderr
    text = (site / "report").read_text()
    read = {"json": json.loads, "sarif": json.loads, "junit": ElementTree.fromstring}
    assert len(read.get(form, str.splitlines)(text))
    assert "scaleready.E001" in text


def test_a_baseline_makes_what_was_there_known(site: Path) -> None:
    check = ["check", "--deploy-scale", "--fail-level", "WARNING", "--tag", "scaleready"]
    with_baseline = [*check, "--baseline", "baseline.json"]
    assert run_manage(site, *check).returncode == 1
    assert run_manage(site, *with_baseline, "--update-baseline").returncode == 0
    assert run_manage(site, *with_baseline).returncode == 0
    settings = site / "mysite" / "settings.py"
    settings.write_text("# A line more.\n" + settings.read_text())
    assert run_manage(site, *with_baseline).returncode == 0
    settings.write_text(
        settings.read_text() + "EMAIL_BACKEND = 'django.core.mail.backends.locmem.EmailBackend'\n"
    )
    done = run_manage(site, *with_baseline)
    assert done.returncode == 1
    assert "Nothing new would break with 2 replicas (1 warning, 7 known" in done.stdout
    assert "db-sqlite" not in done.stdout


def test_a_baseline_says_what_it_need_not_hold_any_more(site: Path) -> None:
    options = ["check", "--deploy-scale", "--tag", "scaleready", "--baseline", "baseline.json"]
    run_manage(site, *options, "--update-baseline")
    (site / "Procfile").unlink()
    assert "1 gone: --update-baseline removes them" in run_manage(site, *options).stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--update-baseline"], "--update-baseline needs --baseline FILE"),
        (["--baseline", "none.json"], "none.json: no such file; --update-baseline writes it"),
        (["--baseline", "logo.png"], "logo.png: not a file that --update-baseline wrote"),
        (["--witnessed", "logo.png"], "logo.png: not a file that a witness wrote"),
        (["--tag", "scale"], 'no system check with the "scale" tag'),
        (["shops"], "No installed app with label 'shops'. There are scaleready, shop."),
        (["--output", "no/such/folder"], "--output no/such/folder: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_by_option(site: Path, options: list[str], said: str) -> None:
    (site / "logo.png").write_bytes(b"\x89PNG\r\n" + bytes(range(256)))
    done = run_manage(site, "check", "--deploy-scale", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    # Not the whole of a file that was mistaken for another.
    assert len(done.stderr) < 600


def test_a_guess_fails_nothing(site: Path) -> None:
    (site / "mysite" / "settings.py").write_text(
        SETTINGS.replace('"default"', '"default": {"ENGINE": "django.db.backends.dummy"}, "words"')
    )
    options = ["--tag", "scaleready-settings", "--fail-level", "WARNING", "--format", "json"]
    found = {
        (finding["slug"], finding["severity"]): finding["confidence"]
        for finding in document(site, *options)["findings"]
    }
    assert found["db-sqlite", "warning"] == "medium"
    assert run_manage(site, "check", "--deploy-scale", *options).returncode == int(
        "high" in [how for (_, severity), how in found.items() if severity != "info"]
    )


def test_without_it_nobody_waits_for_the_rules(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'check'])\nprint('django_scaleready.checks.registry' in sys.modules)"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "support.drain_site", "PYTHONPATH": str(TESTS)}
    done = run_python(tmp_path, "-c", code, **settings)
    assert done.stdout.splitlines()[-1:] == ["False"], done.stderr


def test_a_urlconf_that_cannot_be_imported(site: Path) -> None:
    write(site, {"mysite/urls.py": "\nimport no_such_module\n"})
    done = run_manage(site, "check", "--deploy-scale", "--no-color")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "error scaleready.E001 db-sqlite" in done.stdout
    assert "django.core.checks.urls.check_url_config" in done.stdout
    raised = "raised ModuleNotFoundError: No module named 'no_such_module' (mysite/urls.py:2)"
    assert done.stdout.count(raised) == 1


@pytest.mark.parametrize("code", ["raise RuntimeError('x://:pw@h')", "raise SystemExit(0)"])
def test_a_check_that_raises_costs_nobody_the_rest(site: Path, code: str) -> None:
    raising = f"from django.core import checks\n@checks.register('x')\ndef f(**_): {code}\n"
    write(site, {"shop/checks.py": raising, "shop/models.py": "from shop import checks\n"})
    done = run_manage(site, "check", "--deploy-scale", "--format", "json", "--tag", "x")
    assert done.returncode == 1
    (message,) = json.loads(done.stdout.removeprefix("settings are loaded\n"))["django"]
    assert message["level"] == "error"
    assert message["message"].startswith("shop.checks.f raised ")
    assert message["message"].endswith("(shop/checks.py:3)")
    assert "pw" not in done.stdout
    assert "db-sqlite" in slugs(document(site))


def test_two_runs_report_in_the_same_order(site: Path) -> None:
    one, other = document(site), document(site)
    assert one == other
    assert len(one["rules"]) > 50


def test_a_setting_of_the_wrong_type_is_undecided(site: Path) -> None:
    wrong = "\nMIDDLEWARE = None\nCHANNEL_LAYERS = {'default': 'redis://:pw@h'}\n"
    write(site, {"mysite/settings.py": SETTINGS + wrong})
    unknown = {each["subject"]: each["reason"] for each in document(site)["unknown"]}
    assert unknown["MIDDLEWARE"] == "got None, accepts a list of strings"
    assert unknown["CHANNEL_LAYERS['default']"] == "got a str, accepts a dictionary"
    assert not any(subject.startswith("scaleready.") for subject in unknown)


def test_silenced_checks_that_are_no_list_are_refused(site: Path) -> None:
    write(site, {"mysite/settings.py": SETTINGS + "\nSILENCED_SYSTEM_CHECKS = ('models.W042')\n"})
    done = run_manage(site, "check", "--deploy-scale")
    assert done.returncode == 2
    assert "SILENCED_SYSTEM_CHECKS: got a str, accepts a list of ids." in done.stderr
