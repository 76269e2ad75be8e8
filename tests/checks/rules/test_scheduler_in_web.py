"""scheduler-in-web: what starts work by the clock beside a web server."""

from __future__ import annotations

from typing import Any

import pytest
from support import deploy_files
from support.deploy_files import WEB, Make, compose, found, image, manifest, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.celery_beat_embedded import RULE as BEAT_EMBEDDED
from django_scaleready.checks.rules.scheduler_in_web import RULE

SUPERVISOR = """\
[program:web]
command = gunicorn shop.wsgi
[program:beat]
command = celery -A shop beat
"""
WEB_PROGRAM, _, BEAT_PROGRAM = SUPERVISOR.partition("[program:beat]\n")
PROGRAMS = {"web.conf": WEB_PROGRAM, "beat.conf": f"[program:beat]\n{BEAT_PROGRAM}"}
RUN = "docker/s6-rc.d/{}/run"


WEB_POD = "command: [gunicorn, shop.wsgi]"
BEAT = "]\n        - name: beat\n          image: registry.example/shop:1\n          command: [{}]"


def cron(line: str, *image: str) -> dict[str, str]:
    """An image that starts cron before its server."""
    start = '["/app/start.sh"]'
    return {**script(line, f"exec {WEB}"), **deploy_files.image(start, *image)}


def beside(command: str, **options: str) -> dict[str, str]:
    return manifest(WEB_POD[:-1] + BEAT.format(command), **options)


@pytest.mark.parametrize(
    "files",
    [
        beside("celery, -A, shop, worker"),
        beside("nginx"),
        beside("celery, -A, shop, beat", kind="Job"),
        {**manifest(WEB_POD), "k8s/b.yaml": manifest("command: [celery, beat]")["k8s/web.yaml"]},
    ],
)
def test_a_pod_without_a_beat(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_a_beat_in_the_pod_of_a_server(make_project: Make) -> None:
    findings = found(make_project, RULE, beside("celery, -A, shop, beat"))
    assert places(findings) == ["k8s/web.yaml:14"]
    assert "beside a container which serves" in findings[0].message


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (script("celery -A shop beat &", f"exec {WEB}"), "start.sh:2"),
        (cron("cron", "COPY jobs /etc/cron.d/jobs"), "start.sh:2"),
        (cron("cron", "RUN echo '0 3 * * * /app/tidy' | crontab -"), "start.sh:2"),
        (cron("service cron start", "COPY jobs /etc/cron.d/jobs"), "start.sh:2"),
        (cron("crond -l 2 -c /app/jobs"), "start.sh:2"),
        (script("./manage.py crontab add", "cron", f"exec {WEB}"), "start.sh:2"),
        ({**cron("cron", "COPY root /"), "root/etc/cron.d/jobs": "0 3 * * * a b"}, "start.sh:2"),
        ({**cron("cron"), "shop/jobs.py": "from crontab import CronTab"}, "start.sh:2"),
        ({**cron("cron"), **compose("    volumes: [./c:/etc/cron.d/c]")}, "start.sh:2"),
        (
            script("while true; do python manage.py tick; sleep 60; done &", f"exec {WEB}"),
            "start.sh:2",
        ),
        (script("python manage.py run_huey &", f"exec {WEB}"), "start.sh:2"),
        (
            {
                "supervisord.conf": SUPERVISOR,
                **image('["supervisord", "-c", "/app/supervisord.conf"]'),
            },
            "supervisord.conf:4",
        ),
        ({"supervisord.conf": SUPERVISOR}, "supervisord.conf:4"),
        (
            {f"etc/supervisor/conf.d/{name}": text for name, text in PROGRAMS.items()},
            "etc/supervisor/conf.d/beat.conf:2",
        ),
        (
            {f"ops/supervisor/{name}": text for name, text in PROGRAMS.items()},
            "ops/supervisor/beat.conf:2",
        ),
        (
            {
                "uwsgi.ini": "[uwsgi]\nmodule = shop.wsgi\nattach-daemon = ./manage.py s --loop\n",
                **image('["uwsgi", "--ini", "uwsgi.ini"]'),
            },
            "uwsgi.ini:3",
        ),
        (
            {
                **image('["/init"]'),
                RUN.format("web"): f"#!/bin/sh\nexec {WEB}\n",
                RUN.format("beat"): "#!/bin/bash\nexec s6-setuidgid app celery -A shop beat\n",
            },
            RUN.format("beat") + ":2",
        ),
        (
            {
                **image('["supervisord"]', "COPY ops/beat.conf /etc/supervisor/conf.d/beat.conf"),
                "ops/beat.conf": SUPERVISOR,
            },
            "ops/beat.conf:4",
        ),
        (
            {
                **script("cp ops/*.conf /etc/supervisor/conf.d/", "exec supervisord -n"),
                "ops/beat.conf": SUPERVISOR,
                "ops/web.conf": SUPERVISOR.replace("beat", "more"),
            },
            "ops/beat.conf:4",
        ),
        (
            {
                **image('["honcho", "start"]'),
                "Procfile": f"web: {WEB}\nclock: celery -A shop beat\n",
            },
            "Procfile:2",
        ),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


def test_what_starts_the_supervisor_is_related(make_project: Make) -> None:
    tasks = "[program:tasks]\ncommand = ./manage.py run_huey\n"
    files = {**script("supervisord -c tasks.conf", f"exec {WEB}"), "tasks.conf": tasks}
    (finding,) = found(make_project, RULE, files)
    assert [str(place) for place in finding.related] == ["start.sh:2"]


def test_a_beat_that_takes_a_lock_is_information(make_project: Make) -> None:
    beat = "celery -A shop beat -S redbeat.RedBeatScheduler &"
    (finding,) = found(make_project, RULE, script(beat, f"exec {WEB}"))
    assert finding.severity is Severity.INFO
    other = script(beat.replace("redbeat.RedBeat", "shop.Own"), f"exec {WEB}")
    (finding,) = found(make_project, RULE, other)
    assert finding.severity is Severity.WARNING


def test_a_beat_inside_a_worker_is_another_rule_s(make_project: Make) -> None:
    files = script("celery -A shop worker -B -l info &", f"exec {WEB}")
    (finding,) = found(make_project, RULE, files)
    assert finding.severity is Severity.INFO
    (other,) = BEAT_EMBEDDED.find(make_project(files))
    assert (other.location, other.severity) == (finding.location, Severity.ERROR)


def test_a_worker_is_information(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, script("celery -A shop worker &", f"exec {WEB}"))
    assert finding.severity is Severity.INFO


TICKS = script("python manage.py tick --loop &", f"exec {WEB}")
COMMAND = "shop/management/commands/tick.py"


NO_JOBS = {"INSTALLED_APPS": ["django_crontab"], "CRONJOBS": []}
ADDED = ("# Old crontab tasks", "say Adding to crontab", "./manage.py crontab add", "cron")
JOBS = {**NO_JOBS, "CRONJOBS": [("0 4 * * *", "shop.cron.tidy")]}


@pytest.mark.parametrize(
    "files",
    [
        script(*ADDED, f"exec {WEB}"),
        script("./manage.py crontab add", f"exec {WEB}"),
        script("python3 manage.py crontab add && crond -l 2", f"exec {WEB}"),
        {**cron("cron"), "requirements.txt": "django-crontab\n"},
    ],
)
def test_a_cron_of_django_crontab_without_jobs(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files, **NO_JOBS) == []


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (script(*ADDED, f"exec {WEB}"), JOBS),
        (script(*ADDED, f"exec {WEB}"), {"CRONJOBS": []}),
        (script(*ADDED, "crontab /app/jobs", f"exec {WEB}"), NO_JOBS),
        (cron("cron", "RUN echo '0 3 * * * tidy' | /usr/bin/crontab -"), NO_JOBS),
        (cron("cron", "COPY my_crontab /srv/"), NO_JOBS),
        (script("celery -A shop beat &", f"exec {WEB}"), NO_JOBS),
    ],
)
def test_a_cron_that_has_jobs_beside_django_crontab(
    make_project: Make, files: dict[str, str], settings: dict[str, Any]
) -> None:
    assert len(found(make_project, RULE, files, **settings)) == 1


HANDLE = """
from time import sleep
from django.core.management.base import BaseCommand
from shop.work import work, wait_for
class Command(BaseCommand):
  def handle(self, **options):
"""
LOOP = f"{HANDLE}    while True:\n      work()\n      sleep(60)\n"
BELOW = f"{HANDLE}    self.run()\n  def run(self):\n    while True:\n      work()\n      sleep(1)\n"
ONCE = f"{HANDLE}    sleep(options['pause'])\n    work()\n"
WORK = {"shop/work.py": "def work(): print('x')\n"}


def beside_web(command: str, *lines: str) -> dict[str, str]:
    """A supervisord of a server and another program."""
    text = "\n".join([WEB_PROGRAM, "[program:tick]", f"command = {command}", *lines, ""])
    return {**image('["supervisord", "-c", "/app/s.conf"]'), "s.conf": text, **WORK}


TICK = "python manage.py tick"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({**beside_web(TICK), COMMAND: LOOP}, "s.conf:5"),
        ({**beside_web(TICK), COMMAND: BELOW}, "s.conf:5"),
        ({**beside_web(f"bash -c 'sleep 5 && {TICK}'"), COMMAND: LOOP}, "s.conf:5"),
        ({**beside_web(TICK, "autorestart = true"), COMMAND: ONCE}, "s.conf:5"),
        (beside_web(f"sh -c '{TICK}; sleep 60'", "autorestart = true"), "s.conf:5"),
        ({**WORK, **script(f"{TICK} &", f"exec {WEB}"), COMMAND: LOOP}, "start.sh:2"),
        ({**WORK, **script(f"{WEB} &", TICK), COMMAND: LOOP}, "start.sh:3"),
        (
            {
                **script("python -m shop.tick &", f"exec {WEB}"),
                "shop/tick.py": "import time\ndef run():\n  while True:\n    work()\n"
                "    time.sleep(5)\nif __name__ == '__main__':\n  run()\n",
            },
            "start.sh:2",
        ),
        (
            {
                **image('["honcho", "start"]'),
                "Procfile": f"web: {WEB}\nclock: {TICK}\n",
                COMMAND: LOOP,
            },
            "Procfile:2",
        ),
        ({**beside("python, manage.py, tick"), COMMAND: LOOP}, "k8s/web.yaml:14"),
    ],
)
def test_a_loop_of_the_project_s_own(make_project: Make, files: dict[str, str], place: str) -> None:
    (finding,) = found(make_project, RULE, files)
    assert (str(finding.location), finding.severity) == (place, Severity.WARNING)
    assert "tick" in finding.message or "python" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        # It ends.
        {**beside_web(TICK), COMMAND: f"{HANDLE}    work()\n"},
        {**beside_web(TICK), COMMAND: ONCE},
        {**beside_web(TICK, "autorestart = unexpected"), COMMAND: ONCE},
        {**beside_web(TICK, "autorestart = true"), COMMAND: f"{HANDLE}    work()\n"},
        {
            **beside_web(TICK, "autorestart = true"),
            COMMAND: f"{HANDLE}    for _ in range(3):\n      sleep(1)\n    work()\n",
        },
        {
            **beside_web(TICK),
            COMMAND: f"{HANDLE}    while True:\n      if work(): break\n      sleep(1)\n",
        },
        # Nobody else gets what it takes.
        {
            **beside_web(TICK),
            COMMAND: f"{HANDLE}    while True:\n      job = r.blpop('jobs')\n      work(job)\n",
        },
        {
            **beside_web(TICK),
            COMMAND: f"{HANDLE}    while True:\n      job = r.rpop('jobs')\n      sleep(1)\n",
        },
        {**beside_web("celery -A shop flower"), COMMAND: LOOP},
        # Each replica has need of one.
        {
            **beside_web("python manage.py export_metrics"),
            "shop/management/commands/export_metrics.py": LOOP,
        },
        {**beside_web(TICK), COMMAND: f"{HANDLE}    while True:\n      sleep(60)\n"},
        # One of the two is started.
        {
            **script('case "$ROLE" in', f"web) exec {WEB};;", f"*) exec {TICK};;", "esac"),
            COMMAND: LOOP,
        },
        {"Procfile": f"web: {WEB}\nclock: {TICK}\n", COMMAND: LOOP},
        {"s.conf": f"[program:tick]\ncommand = {TICK}\n", COMMAND: LOOP},
        compose("  tick:", "    image: shop", f"    command: {TICK}") | {COMMAND: LOOP},
    ],
)
def test_what_is_no_loop_beside_a_server(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "code",
    [
        "def work():\n  return Job.objects.select_for_update(skip_locked=True)",
        "def work():\n  one()\ndef one():\n  if Job.objects.update(state=2): send()",
        "def work():\n  with cache.lock('work'): send()\nfrom django.core.cache import cache",
    ],
)
def test_a_loop_that_claims_what_it_works_on_is_information(make_project: Make, code: str) -> None:
    files = {**beside_web(TICK), COMMAND: LOOP, "shop/work.py": code}
    (finding,) = found(make_project, RULE, files)
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "code",
    [
        "def one():\n  if q.filter(id=1, due=due).update(due=later) != 1: return\n  send()",
        "def one():\n  changed = q.filter(due=due).update(due=later)",
        "def one():\n  if not q.update(due=later): return",
        "jobs = Job.objects.select_for_update(skip_locked=True)",
        "from django.core.cache import cache\nif cache.add('tick', 1): send()",
    ],
)
def test_a_command_that_claims_its_work_is_information(make_project: Make, code: str) -> None:
    (finding,) = found(make_project, RULE, {**TICKS, COMMAND: code})
    assert finding.severity is Severity.INFO
    assert "scaled and stopped together" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        {COMMAND: "for job in jobs: send()\nq.update(due=later)"},
        {COMMAND: "options = {}\nx = options.update({})\ny = set.add(1)"},
        {"shop/management/commands/other.py": "changed = q.update(due=later)"},
        {"shop/tick.py": "changed = q.update(due=later)"},
    ],
)
def test_a_command_that_does_not(make_project: Make, files: dict[str, str]) -> None:
    (finding,) = found(make_project, RULE, {**TICKS, **files})
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": f"web: {WEB}\nbeat: celery -A shop beat\n"},
        compose("  beat:", "    image: shop", "    command: celery -A shop beat"),
        script(f"exec {WEB}"),
        script("echo cron", f"exec {WEB}"),
        script("python manage.py clearsessions", f"exec {WEB}"),
        script("until nc -z db 5432; do sleep 1; done", f"exec {WEB}"),
        script('if [ "$1" = beat ]; then exec celery -A shop beat; fi', f"exec {WEB}"),
        script('if [ "$BEAT" = 1 ]; then celery -A shop beat & fi', f"exec {WEB}"),
        script("exec celery -A shop beat"),
        {
            "web.service": f"[Service]\nExecStart=/usr/bin/{WEB}\n",
            "beat.service": "[Service]\nExecStart=/usr/bin/celery -A shop beat\n",
        },
        {"dev/supervisord.conf": SUPERVISOR},
        # Each machine gets those that it is to run.
        {f"etc/{name}": text for name, text in PROGRAMS.items()},
        {
            **image(
                '["supervisord", "-c", "/srv/own.conf"]',
                "COPY ops/own.conf /srv/own.conf",
                "COPY ops/beat.conf /etc/supervisor/conf.d/beat.conf",
            ),
            "ops/own.conf": SUPERVISOR.partition("[program:beat]")[0],
            "ops/beat.conf": "[program:beat]\ncommand = celery -A shop beat\n",
        },
        image(WEB, "RUN apt-get install -y cron"),
        # No job of anybody's.
        cron("cron"),
        cron("crond -b -l 8", "RUN apk add cronie"),
        cron("service cron start", "RUN apt-get install -y cron"),
        {**cron("cron", "COPY root /"), "root/etc/nginx.conf": ""},
        {**cron("cron", "COPY etc /srv"), "etc/cron.d/jobs": ""},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
