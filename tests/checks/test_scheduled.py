"""Management commands that a clock starts: nobody sits before them and stops what hangs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.stand_ins import StandIns

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import file_write, http_no_timeout

CLIENT = "shop/client.py"
FETCH = {
    "manage.py": "",
    "shop/__init__.py": "",
    CLIENT: "import requests\n\n\ndef ask():\n    requests.get('https://example.org')\n",
    "shop/management/__init__.py": "",
    "shop/management/commands/__init__.py": "",
    "shop/management/commands/fetch.py": (
        "from django.core.management.base import BaseCommand\nfrom shop.client import ask\n\n\n"
        "class Command(BaseCommand):\n    def handle(self, **options):\n        ask()\n"
        "        open('/srv/shop/rates.csv', 'w').write('EUR')\n"
    ),
}
POD = """\
apiVersion: batch/v1
kind: {kind}
metadata: {{name: fetch}}
spec:
  schedule: "5 4 * * *"
  jobTemplate:
    spec: &spec
      {more}
      template: &template
        spec:
          containers: [{{name: a, image: shop, command: [python, manage.py, {name}]}}]
  template: *template
"""


def job(
    kind: str = "CronJob", name: str = "fetch", more: str = "backoffLimit: 1"
) -> dict[str, str]:
    return {"k8s/fetch.yaml": POD.format(kind=kind, name=name, more=more)}


UNIT = """\
[Service]
Type=oneshot
ExecStart=/usr/bin/bash -c "source venv/bin/activate && python manage.py {}"
"""


def unit(timer: str, name: str = "fetch", more: str = "") -> dict[str, str]:
    text = UNIT.format(name) + more
    role = "ansible/roles/django/templates"
    return {f"{role}/fetch.service.j2": text, f"{role}/{timer}": "[Timer]\nOnCalendar=daily\n"}


def table(line: str, name: str = "docker/crontab") -> dict[str, str]:
    return {name: f"MAILTO=root\n\n{line}\n"}


ROLE = """\
- name: Fetch
  block:
    - {}:
        name: fetch
        hour: 4
        {}: cd /srv/shop && venv/bin/python manage.py fetch
"""
MADE = """\
new DjangoApplication(this, 'web', {{ cmd: ['gunicorn', 'shop.wsgi'] }})
new {}(this, 'fetch', {{
  schedule: everyDayAt(8),
  cmd: ['python', 'manage.py', '{}'],
}})
"""


def cdk(kind: str = "CronJob", name: str = "fetch", beside: str = "cdk8s.yaml") -> dict[str, str]:
    return {f"k8s/{beside}": "app: node main\n", "k8s/main.ts": MADE.format(kind, name)}


SCRIPT = {"bin/nightly.sh": "#!/bin/sh\npython manage.py fetch\n"}
# No server is started from there.
ALONE = {"deploy/bin/rates.sh": "#!/bin/sh\ndokku run shop \\\n  python manage.py \\\n  fetch\n"}


@pytest.mark.parametrize(
    "deployed",
    [
        job(),
        unit("fetch.timer.j2"),
        unit("fetch-1h.timer"),
        unit("fetch.timer", more="TimeoutStartSec=infinity\n"),
        table("*/5 * * * * root cd /app && python manage.py fetch >> /var/log/x 2>&1"),
        table("0,30 4 * * mon /app/manage.py --settings=conf fetch"),
        table("@daily django-admin fetch", "deploy/cron.d/shop"),
        table('["0 4 * * * $ROOT/manage.py fetch"]', "clevercloud/cron.json"),
        {**table("0 4 * * * shop /srv/shop/bin/nightly.sh"), **SCRIPT},
        {**table("0 4 * * * dokku /srv/shop/deploy/bin/rates.sh EUR", "deploy/cronfile"), **ALONE},
        {"bin/start.sh": '#!/bin/sh\necho "0 4 * * * python manage.py fetch" | crontab -\n'},
        {"ansible/tasks/main.yml": ROLE.format("ansible.builtin.cron", "job")},
        {"roles/shop/tasks/main.yml": ROLE.format("cron", "job")},
        cdk(),
        cdk("kplus.CronJob"),
        cdk("ecsPatterns.ScheduledFargateTask", beside="cdk.json"),
    ],
)
def test_finds(make_project: Callable[..., Project], deployed: dict[str, str]) -> None:
    project = make_project({**FETCH, **deployed})
    (asks,) = http_no_timeout.RULE.find(project)
    assert str(asks.location) == "shop/client.py:5"
    (writes,) = file_write.RULE.find(project)
    assert str(writes.location) == "shop/management/commands/fetch.py:8"


@pytest.mark.parametrize(
    "deployed",
    [
        {},
        # For a release, with an end, another one.
        job("Job"),
        job(more="activeDeadlineSeconds: 600"),
        job(name="other"),
        unit("other.timer"),
        unit("fetch.timer", "other"),
        unit("fetch.timer", more="TimeoutStartSec=600\n"),
        table("# */5 * * * * python manage.py fetch"),
        table("*/5 * * * * timeout 600 python manage.py fetch"),
        table("*/5 * * * * python manage.py other"),
        table("python manage.py fetch"),
        table("1 2 3 4 5 python manage.py fetch"),
        table("*/5 * * * * python manage.py fetch", "dev/crontab"),
        table("*/5 * * * * python manage.py fetch", "docs/cron.md"),
        table("0 4 * * * shop /srv/shop/bin/nightly.sh"),
        SCRIPT,
        ALONE,
        {**table("0 4 * * * dokku /srv/shop/deploy/bin/prices.sh", "deploy/cronfile"), **ALONE},
        {**table("0 4 * * * timeout 600 deploy/bin/rates.sh", "deploy/cronfile"), **ALONE},
        {"ansible/tasks/main.yml": ROLE.format("cron", "special")},
        {"ansible/tasks/main.yml": ROLE.format("shell", "job")},
        {"ansible/tasks/main.yml": "- cron: [job: manage.py fetch\n"},
        {"notes/main.yml": ROLE.format("cron", "job")},
        cdk("Job"),
        cdk(name="other"),
        cdk(beside="package.yaml"),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], deployed: dict[str, str]) -> None:
    project = make_project({**FETCH, **deployed})
    assert list(http_no_timeout.RULE.find(project)) == []
    assert list(file_write.RULE.find(project)) == []


BASE = "shop/base.py"
WORKS = "    def handle(self, **options):\n        self.work()\n"
ASKS = "class Asking({}):\n{}    def work(self):\n        requests.get('https://example.org')\n"
DJANGOS = "import requests\nfrom django.core.management.base import BaseCommand\n"


def derived(command: str, asking: str = ASKS.format("BaseCommand", WORKS)) -> dict[str, str]:
    """A command that is derived from one in a file which commands alone import."""
    text = f"from shop.base import Asking\n\n\nclass Command({command}):\n    help = 'x'\n"
    if command != "Asking":
        text = DJANGOS + text
    return {**FETCH, BASE: DJANGOS + asking, "shop/management/commands/fetch.py": text}


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (derived("Asking"), [7]),
        (
            derived("Asking", ASKS.format("BaseCommand", "    pass\n").replace("work", "handle")),
            [6],
        ),
        # It is another class's, or begins with something else.
        (derived("BaseCommand"), []),
        (derived("Asking", ASKS.format("BaseCommand", WORKS.replace("self.work()", "pass"))), []),
    ],
)
def test_what_stands_in_a_class_that_a_command_is_derived_from(
    make_project: Callable[..., Project], files: dict[str, str], lines: list[int]
) -> None:
    project = make_project({**files, **job()})
    found = [f.location for f in http_no_timeout.RULE.find(project) if f.severity.name != "INFO"]
    assert [place.line for place in found if place.path == BASE] == lines
    elsewhere = http_no_timeout.RULE.find(make_project({**files, **job(name="other")}))
    assert [f for f in elsewhere if f.location.path == BASE and f.severity.name != "INFO"] == []


UNKNOWN = """from importlib import import_module
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options):
        bank = import_module(f"shop.{options['name']}").Bank()
        bank.CALL()
"""
BANK = """import requests


class Bank:
    def fetch_rates(self):
        self.get(1)

    def get(self, page):
        requests.get('https://example.org')

    def fetch_orders(self):
        requests.get('https://example.org/orders')
"""


@pytest.mark.parametrize(
    ("called", "lines"),
    [
        ("fetch_rates", [9]),
        ("fetch_rates().fetch_orders", [9, 12]),
        # Others may well be meant by so short a name.
        ("get", []),
        ("fetch_prices", []),
    ],
)
def test_what_a_command_calls_of_an_object_that_it_looks_up(
    make_project: Callable[..., Project], called: str, lines: list[int]
) -> None:
    command = {"shop/management/commands/fetch.py": UNKNOWN.replace("CALL", called)}
    project = make_project({**FETCH, **command, "shop/bank.py": BANK, **job()})
    noted = ((s, f) for s, f in project.code.facts(http_no_timeout.SLUG) if s.path != CLIENT)
    assert [fact.line for source, fact in noted if project.is_scheduled(source, fact)] == lines


NIGHTLY = {
    "ops/nightly.py": "import requests\n\n\ndef main():\n    requests.get('https://example.org')\n"
    "    open('/srv/shop/rates.csv', 'w').write('EUR')\n\n\n"
    "if __name__ == '__main__':\n    main()\n",
}


@pytest.mark.parametrize(
    "deployed",
    [
        table("5 4 * * * root python ops/nightly.py"),
        table("5 4 * * * root cd /srv && /srv/venv/bin/python3 -u /srv/shop/ops/nightly.py >> log"),
        table("@daily python3.12 nightly.py"),
        {"bin/start.sh": '#!/bin/sh\necho "0 4 * * * python ops/nightly.py" | crontab -\n'},
    ],
)
def test_finds_what_a_script_does(
    make_project: Callable[..., Project], deployed: dict[str, str]
) -> None:
    project = make_project({**NIGHTLY, **deployed})
    (asks,) = http_no_timeout.RULE.find(project)
    assert str(asks.location) == "ops/nightly.py:5"
    (writes,) = file_write.RULE.find(project)
    assert str(writes.location) == "ops/nightly.py:6"


@pytest.mark.parametrize(
    "deployed",
    [
        {},
        table("# 5 4 * * * root python ops/nightly.py"),
        table("5 4 * * * root timeout 600 python ops/nightly.py"),
        table("5 4 * * * root python ops/other.py"),
        table("5 4 * * * root python other/nightly.py"),
        table("5 4 * * * root rm ops/nightly.py"),
        table("5 4 * * * root python manage.py nightly"),
        table("python ops/nightly.py"),
        # Which of two it is, nobody knows.
        table("5 4 * * * root python nightly.py") | {"shop/nightly.py": "print(1)\n"},
    ],
)
def test_stays_silent_about_other_scripts(
    make_project: Callable[..., Project], deployed: dict[str, str]
) -> None:
    project = make_project({**NIGHTLY, **deployed})
    assert list(http_no_timeout.RULE.find(project)) == []
    assert list(file_write.RULE.find(project)) == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("'/srv/shop/rates.csv'", 1),
        ("settings.MEDIA_ROOT + '/rates.csv'", 1),
        # Beside itself, where nobody else looks.
        ("'rates.csv'", 0),
        ("'out/rates.csv'", 0),
        ("'/tmp/' + str(uuid.uuid4())", 0),
    ],
)
def test_what_it_writes_where_others_look(
    make_project: Callable[..., Project], path: str, count: int
) -> None:
    command = "shop/management/commands/fetch.py"
    text = FETCH[command].replace("'/srv/shop/rates.csv'", path)
    files = {**FETCH, command: f"import uuid\nfrom django.conf import settings\n{text}", **job()}
    found = list(file_write.RULE.find(make_project(files, MEDIA_ROOT="/srv/media")))
    assert len(found) == count


def test_what_a_command_does_under_a_setting_that_is_off_is_not_done(
    make_project: Callable[..., Project],
) -> None:
    command = "shop/management/commands/fetch.py"
    guarded = FETCH[command].replace(
        "        ask()", "        if settings.ASKS:\n            ask()"
    )
    files = {**FETCH, command: f"from django.conf import settings\n{guarded}", **job()}
    assert list(http_no_timeout.RULE.find(make_project(files, ASKS=False))) == []
    assert len(list(http_no_timeout.RULE.find(make_project(files, ASKS=True)))) == 1


CALL = "django.core.management.call_command"
LINE = "0 4 * * *"
Q_JOB = {"func": CALL, "cron": LINE, "args": ("fetch",)}


@pytest.mark.parametrize(
    "tables",
    [
        {"CRONJOBS": [(LINE, CALL, ["fetch"])], "INSTALLED_APPS": ["django_crontab"]},
        {
            "CRONJOBS": [(LINE, CALL, ["fetch"], {"verbosity": 0}, ">> /var/log/cron")],
            "INSTALLED_APPS": ["django_crontab"],
            "Q_CLUSTER": {"timeout": 60},
        },
        {"JOBS": {"fetch": Q_JOB}},
        {"JOBS": [{**Q_JOB, "args": "fetch"}]},
        {"JOBS": {"daily": [{**Q_JOB, "args": "('fetch', 1)"}]}},
        {"JOBS": {"fetch": Q_JOB}, "Q_CLUSTER": {"timeout": 600}},
        {"JOBS": {"fetch": Q_JOB}, "Q_CLUSTER": {"timeout": None}},
    ],
)
def test_finds_what_a_table_of_the_settings_starts(
    make_project: Callable[..., Project], stand_ins: StandIns, tables: dict[str, object]
) -> None:
    stand_ins.app("django_crontab")
    (asks,) = http_no_timeout.RULE.find(make_project(FETCH, **tables))
    assert str(asks.location) == "shop/client.py:5"


@pytest.mark.parametrize(
    "tables",
    [
        # Nothing reads it.
        {"CRONJOBS": [(LINE, CALL, ["fetch"])]},
        {"JOBS": {"fetch": Q_JOB}, "Q_CLUSTER": {"timeout": 60}},
        {"JOBS": {"fetch": {**Q_JOB, "func": "shop.jobs.fetch"}}},
        {"JOBS": {"fetch": {**Q_JOB, "args": ("other",)}}},
        {"JOBS": {"fetch": {**Q_JOB, "args": ()}}},
        {"JOBS": {"fetch": {"func": CALL}}},
        {"JOBS": [CALL]},
        {"JOBS": "fetch"},
    ],
)
def test_stays_silent_about_other_tables(
    make_project: Callable[..., Project], tables: dict[str, object]
) -> None:
    assert list(http_no_timeout.RULE.find(make_project(FETCH, **tables))) == []
