"""signal-swallowed: who gets SIGTERM."""

from __future__ import annotations

import json

import pytest
from support.deploy_files import WEB, Make, compose, found, image, manifest, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.signal_swallowed import RULE


def alpine(cmd: str) -> dict[str, str]:
    return {"Dockerfile": image(cmd)["Dockerfile"].replace("python:3.13", "python:3.13-alpine")}


def package(**scripts: str) -> dict[str, str]:
    return {"package.json": json.dumps({"scripts": scripts}, indent=1)}


def foundry(command: str) -> dict[str, str]:
    return {"manifest.yml": f"applications:\n- name: web\n  command: {command}\n"}


def supervised(*lines: str, command: str = WEB) -> dict[str, str]:
    """A supervisord that is the first process, and one program of it."""
    program = "\n".join(["[program:web]", f"command = {command}", *lines, ""])
    return {"s.conf": program, **image('["supervisord", "-n", "-c", "/app/s.conf"]')}


def worker(text: str, *lines: str) -> dict[str, str]:
    return {**script(*lines), "shop/work.py": text}


def listening(*lines: str, path: str = "serve.py", port: str = "EXPOSE 80") -> dict[str, str]:
    """An image that names a port and starts a script, and a program that nothing is known of."""
    return {**script(*lines), **image('["/app/start.sh"]', port), path: "Shop().serve()\n"}


HEARS = "import signal\nsignal.signal(signal.SIGTERM, finish)\nwhile True: work()\n"
SUPERVISED = {"s.conf": "[program:web]\ncommand = gunicorn shop.wsgi\n"}
RUNIT = {"ops/web": f"#!/bin/sh\nexec {WEB}\n"}
SERVICE = "COPY ops/web /etc/service/web/run"
BOTH = ("celery -A shop worker &", f"{WEB} &")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (script("python manage.py check", WEB), "start.sh:3"),
        (script(f"{WEB} >> /dev/stdout 2>&1"), "start.sh:2"),
        (script(f"if true; then {WEB}; fi"), "start.sh:2"),
        (script("gosu app " + WEB), "start.sh:2"),
        (script("celery -A shop worker"), "start.sh:2"),
        (script(f"parallel --jobs 2 --halt now,done=1 ::: '{WEB}' nginx"), "start.sh:2"),
        (script("( id", "parallel -j2 ::: 'celery -A shop worker' 'cat'", ")"), "start.sh:3"),
        (
            script('case "${1:-}" in', f"web) exec {WEB};;", "*) supercronic c;;", "esac"),
            "start.sh:4",
        ),
        (script("python manage.py runapscheduler"), "start.sh:2"),
        (worker(HEARS, "id", "python -m shop.work"), "start.sh:3"),
        (
            {**script("python serve.py"), "serve.py": "import uvicorn\nuvicorn.run('shop')\n"},
            "start.sh:2",
        ),
        (script("if [ -e /w ]; then celery -A shop worker; fi", WEB), "start.sh:3"),
        (script("celery -A shop worker &", f"exec {WEB}"), "start.sh:2"),
        (script(*BOTH, "wait"), "start.sh:2"),
        (image(WEB), "Dockerfile:3"),
        (image(f"python manage.py check && {WEB}"), "Dockerfile:3"),
        (alpine(f'["sh", "-c", "{WEB}; sleep 1"]'), "Dockerfile:3"),
        (image(f'["sh", "-c", "cd src; {WEB}"]'), "Dockerfile:3"),
        ({**script(WEB), **image('["tini", "--", "/app/start.sh"]')}, "start.sh:2"),
        ({"Procfile": "web: bash run.sh\n", "run.sh": f"set -e\n{WEB}\n"}, "run.sh:2"),
        ({**foundry("./run.sh"), "run.sh": f"#!/bin/bash\nset -e\n{WEB}\n"}, "run.sh:3"),
        (
            {"compose.yml": f"services:\n  web:\n    build: .\n    command: sh -c 'id; {WEB}'\n"},
            "compose.yml:4",
        ),
        (script("python manage.py check", "supervisord -n -c s.conf"), "start.sh:3"),
        ({**script("supervisord -n -c s.conf"), **SUPERVISED}, "start.sh:2"),
        (listening("id", "python serve.py"), "start.sh:3"),
        (listening("python3 -u -m shop.main", path="shop/main.py"), "start.sh:2"),
        (listening("python shop.py start & wait", path="shop.py"), "start.sh:2"),
        (
            listening("python shop", path="shop")
            | {"shop": "#!/usr/bin/env python\ncall_command('migrate')\ncall_command(name)\n"},
            "start.sh:2",
        ),
        (supervised("stopsignal=KILL"), "s.conf:3"),
        (supervised("stopsignal = SIGKILL", command="celery -A shop worker"), "s.conf:3"),
        (supervised("stopsignal=KILL", command="python manage.py tick"), "s.conf:3"),
        (supervised("stopsignal=QUIT"), "s.conf:3"),
        (script("honcho -f Procfile.docker start"), "start.sh:2"),
        (script("trap 'kill 0' TERM", *BOTH, "wait"), "start.sh:3"),
        (
            script("stop() {", "  kill -TERM $!", "}", "trap stop TERM", f"{WEB} &", "wait $!"),
            "start.sh:6",
        ),
        (script(f"{WEB} &", "trap 'kill $!' TERM", "wait -n", "kill $!"), "start.sh:2"),
        ({**image('["npm", "run", "web"]'), **package(web=WEB)}, "package.json:3"),
        ({**script("exec yarn web"), **package(web=WEB)}, "package.json:3"),
        ({**image('["runsvdir", "/etc/service"]', SERVICE), **RUNIT}, "ops/web:2"),
        (manifest(f"command: [/bin/sh, -c, 'sleep 1; {WEB}']"), "k8s/web.yaml:11"),
        (image('["gunicorn", "shop.wsgi"]', "STOPSIGNAL SIGINT"), "Dockerfile:3"),
        (
            {**script(f"exec {WEB}"), **image('["/app/start.sh"]', "STOPSIGNAL QUIT")},
            "Dockerfile:3",
        ),
        (compose("    stop_signal: SIGQUIT"), "docker-compose.yml:5"),
        ({"bin/start.sh": f"#!/bin/bash\nmkdir -p log\n{WEB}\n"}, "bin/start.sh:3"),
        (script(f"{WEB} --daemon", "tail -f /var/log/shop.log"), "start.sh:2"),
        (script("uwsgi -d /var/log/a.log -w shop.wsgi", "tail -f /var/log/a.log"), "start.sh:2"),
        (
            {"web.service": "[Service]\nExecStart=gunicorn shop.wsgi\nKillSignal=SIGINT\n"},
            "web.service:3",
        ),
        (script(f"exec su shop -c 'exec {WEB}'"), "start.sh:2"),
        (script("chown -R shop /app", 'exec su -p shop -c "exec $*"'), "start.sh:3"),
        (image('["runuser", "-u", "shop", "--", "gunicorn", "shop.wsgi"]'), "Dockerfile:3"),
        (script("./manage.py check", "apache2ctl -D FOREGROUND"), "start.sh:3"),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        image('["gunicorn", "shop.wsgi"]', "STOPSIGNAL SIGTERM"),
        image('["uvicorn", "shop.asgi"]', "STOPSIGNAL SIGINT"),
        image('["gunicorn", "-k", "uvicorn.workers.UvicornWorker", "a"]', "STOPSIGNAL SIGINT"),
        image('["celery", "-A", "shop", "worker"]', "STOPSIGNAL SIGINT"),
        {
            **image('["gunicorn", "shop.wsgi"]', "STOPSIGNAL SIGINT"),
            **compose("    build: .", "    stop_signal: SIGTERM"),
        },
        compose("    stop_signal: ${SIGNAL}"),
        listening("exec python serve.py"),
        listening("python serve.py", port="ENV PORT=80"),
        listening("python serve.py", "rm -f done"),
        listening("python -m http.server"),
        listening("python load_all.py", path="load_all.py"),
        listening("python manage.py check"),
        listening("python serve.py", f"exec {WEB}"),
        listening("trap 'kill $!; wait $!' TERM", "python serve.py & wait $!"),
        supervised("stopsignal=TERM"),
        supervised("stopsignal=KILL", command="nginx -g 'daemon off;'"),
        supervised("stopsignal=QUIT", command="uwsgi --module shop.wsgi"),
        supervised("stopsignal=INT", command="gunicorn -k uvicorn.workers.UvicornWorker a"),
        {
            **supervised(),
            **image('["supervisord", "-n", "-c", "/app/s.conf"]', "STOPSIGNAL SIGQUIT"),
        },
        worker(HEARS, "exec python -m shop.work"),
        worker(HEARS, "trap 'kill $!; wait $!' TERM", "python -m shop.work &", "wait $!"),
        worker("while True: work()\n", "python -m shop.work"),
        script(f"exec {WEB}"),
        script(f"exec gosu app env A=1 {WEB}"),
        script("cd src", f"exec {WEB} &"[:-2]),
        alpine(WEB),
        alpine(f'["sh", "-c", "cd src; {WEB}"]'),
        image('["gunicorn", "shop.wsgi"]'),
        image(f'["bash", "-c", "sleep 1; {WEB}"]'),
        image(f'["sh", "-c", "sleep 1; exec {WEB}"]'),
        {**script(WEB), **image('["dumb-init", "/app/start.sh"]')},
        {**script(WEB), **image('["tini", "-g", "--", "/app/start.sh"]')},
        script("trap 'kill 0' TERM", *BOTH, "wait", "wait"),
        script("trap 'kill $!; wait $!' TERM", f"{WEB} &", "wait $!"),
        script("stop() {", "  kill $!", "  wait $!", "}", "trap stop TERM", f"{WEB} &", "wait"),
        script("trap stop TERM", f"{WEB} &", "while kill -0 $!; do wait $!; done"),
        script("exec honcho start"),
        {**script("exec ./run.sh"), "run.sh": f"exec {WEB}\n"},
        {
            **script('exec "$@"'),
            "Dockerfile": 'FROM x\nENTRYPOINT exec /app/start.sh $0 $@\nCMD ["gunicorn", "shop"]\n',
        },
        {**script('exec "$@"'), **image('["/app/start.sh", "gunicorn", "shop.wsgi"]')},
        script(f"exec {WEB}", "wait"),
        script(f"{WEB} &", "trap 'kill $!' TERM", "wait", "wait"),
        {**script("supervisord -c s.conf", f"exec {WEB}"), **SUPERVISED},
        script("exec supervisord -n"),
        {"Procfile": "web: npm run web\n", **package(web=WEB)},
        {**script("exec npm run lint"), **package(web=WEB, lint="eslint .")},
        {"Procfile": f"web: python manage.py check && {WEB}\n"},
        foundry(WEB),
        foundry(f"python manage.py check && {WEB}"),
        {**foundry("./run.sh"), "run.sh": f"#!/bin/bash\nset -e\nexec {WEB}\n"},
        {"web.service": "[Service]\nExecStart=/app/run.sh\n", "run.sh": f"{WEB}\n"},
        {
            "supervisord.conf": "[program:web]\ncommand = /app/run.sh\nstopasgroup = true\n",
            "run.sh": f"#!/bin/sh\n{WEB}\n",
        },
        compose("    depends_on: [db]"),
        script("python manage.py check", "python manage.py collectstatic"),
        # Nothing here says that a container runs it, which would end with the script.
        {"bin/start.sh": "#!/bin/bash\nuwsgi --module shop.wsgi --daemonize /var/log/shop.log\n"},
        {"bin/start.sh": "#!/bin/bash\nuwsgi -w shop.wsgi --daemonize2=/var/log/shop.log\n"},
        {"bin/start.sh": f"#!/bin/bash\n{WEB} -D\n"},
        {**image('["my_init"]', SERVICE), **RUNIT},
        {**image('["runsvdir", "/etc/service"]', SERVICE, "STOPSIGNAL SIGHUP"), **RUNIT},
        {**image('["dumb-init", "--", "runsvdir", "/etc/service"]', SERVICE), **RUNIT},
        {
            **script(
                "trap 'kill -HUP $p; wait $p' TERM", "runsvdir /etc/service &", "p=$!; wait $p"
            ),
            **image('["./start.sh"]', "COPY start.sh .", SERVICE),
            **RUNIT,
        },
        script('case "${1:-}" in', "web) true;;", "*) exec supercronic c;;", "esac"),
        script("supercronic c &", f"exec {WEB}"),
        {**script(f"exec su shop -c 'exec {WEB}'"), **alpine('["/app/start.sh"]')},
        script(f"exec setpriv --reuid=shop {WEB}"),
        script("su shop -c './manage.py check'", f"exec {WEB}"),
        script("su shop -s /bin/bash", f"exec {WEB}"),
        {"web.service": f"[Service]\nExecStart=su shop -c '{WEB}'\n"},
        script("exec apache2ctl -D FOREGROUND"),
        script("apache2ctl configtest", f"exec {WEB}"),
        script(f"exec parallel -j2 ::: '{WEB}' 'celery -A shop worker'"),
        script(f"parallel echo ::: '{WEB}' 'celery -A shop worker'", f"exec {WEB}"),
        image("""["multirun", "gunicorn shop.wsgi", "celery -A shop worker"]"""),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_arguments_are_what_the_entrypoint_executes(make_project: Make) -> None:
    files = script("python manage.py check", 'exec "$@"')
    files["Dockerfile"] = (
        'FROM python\nCOPY . /app\nENTRYPOINT ["/app/start.sh"]\nCMD ["gunicorn", "shop.wsgi"]\n'
    )
    assert found(make_project, RULE, files) == []
    files["start.sh"] = files["start.sh"].replace("exec ", "")
    assert places(found(make_project, RULE, files)) == ["start.sh:3"]


def test_who_changes_the_user_kills_soon(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, script(f"exec su shop -c 'exec {WEB}'"))
    assert "two seconds" in finding.message
    assert "gosu" in finding.hint
    (finding,) = found(make_project, RULE, script(f"su shop -c 'exec {WEB}'"))
    assert "does not come" in finding.message


def mounted(run: str, name: str = "bin/run-worker.sh", **more: str) -> dict[str, str]:
    """An image that serves, and a worker in a container over the tree of whoever works on it."""
    service = "  {}:\n    build: .\n    volumes: ['.:/app']\n    command: {}\n"
    web = service.format("web", "python manage.py runserver")
    worker = f"services:\n{web}{service.format('worker', f'./{name}')}"
    files = {name: f"#!/bin/bash -ex\n\n{run}\n", "docker-compose.yml": worker}
    return {**image('["gunicorn", "shop.wsgi"]'), **files, **more}


def test_the_script_of_a_worker_that_is_mounted_may_be_deployed(make_project: Make) -> None:
    findings = found(make_project, RULE, mounted("python manage.py rqworker"))
    assert places(findings) == ["bin/run-worker.sh:3"]


IN_DEV = {"docker-compose.yml": "services:\n  worker:\n    build: {dockerfile: dev.Dockerfile}\n"
          "    volumes: ['.:/app']\n    command: bin/run-worker.sh\n"}  # fmt: skip
SERVES = {"bin/run-server.sh": f"#!/bin/sh\nexec {WEB}\n", "dev.Dockerfile": "FROM x\n"}
WORKERS = "celery -A shop worker &\ncelery -A shop worker -Q slow &\nwhile sleep 60; do :; done"


def beside(run: str = WORKERS, **more: str) -> dict[str, str]:
    """A worker's script that developers start, beside that of the server."""
    return {"bin/run-worker.sh": f"#!/bin/sh\n{run}\n", **IN_DEV, **SERVES, **more}


def test_the_script_of_a_worker_beside_that_of_the_server(make_project: Make) -> None:
    assert places(found(make_project, RULE, beside())) == ["bin/run-worker.sh:2"]


@pytest.mark.parametrize(
    "files",
    [
        beside(f"trap 'kill 0; wait' TERM\n{WORKERS}"),
        beside(f"watchmedo auto-restart -- {WORKERS}"),
        beside(Procfile="worker: celery -A shop worker\n"),
        {**beside(), "bin/run-server.sh": "#!/bin/sh\npython manage.py runserver\n"},
        {**beside(), "bin/run-server.sh": "", "tools/run-server.sh": SERVES["bin/run-server.sh"]},
    ],
)
def test_scripts_of_workers_that_nothing_says_to_be_deployed(
    make_project: Make, files: dict[str, str]
) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "files",
    [
        mounted("exec python manage.py rqworker"),
        mounted("watchmedo auto-restart -- celery -A shop worker"),
        mounted("celery -A shop worker", name="bin/run-dev.sh"),
        mounted("celery -A shop worker", name="bin/tools.sh"),
        mounted("celery -A shop worker", Procfile="worker: celery -A shop worker\n"),
    ],
)
def test_other_scripts_of_workers_are_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_the_signal_is_the_one_that_the_image_names(make_project: Make) -> None:
    files = listening("python serve.py", port="EXPOSE 80\nSTOPSIGNAL SIGQUIT")
    (finding,) = found(make_project, RULE, files)
    assert finding.message.startswith("SIGQUIT does not come to serve.py")


def test_a_trap_shows_the_wait_that_it_cuts_short(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, script("trap 'kill $!' TERM", f"{WEB} &", "wait"))
    assert "wait" in finding.message
    assert [str(place) for place in finding.related] == ["start.sh:4"]


KINDS = (f"if [ -z $WORKER ]; then {WEB} &", "else celery -A shop worker &", "fi")
KINDS_OF = {"web": "''", "worker": "1"}


def of_two_kinds(*lines: str) -> dict[str, str]:
    """A script that starts the web server or the worker, and a service for each."""
    given = "    build: .\n    environment:\n      WORKER: {}\n"
    services = "".join(f"  {name}:\n{given.format(value)}" for name, value in KINDS_OF.items())
    made = image('["/app/start.sh"]')
    return {**script(*lines), **made, "compose.yaml": f"services:\n{services}"}


def test_a_wait_that_is_cut_short_is_one_finding_for_all_that_is_behind_it(
    make_project: Make,
) -> None:
    lines = ("trap 'kill $!' TERM", *KINDS, "wait")
    (finding,) = found(make_project, RULE, of_two_kinds(*lines))
    assert "wait" in finding.message


def test_nothing_is_cut_short_in_a_script_of_two_kinds(make_project: Make) -> None:
    lines = ("trap 'kill $!; wait $!' TERM", *KINDS, "wait")
    assert found(make_project, RULE, of_two_kinds(*lines)) == []


def test_what_no_trap_tells_is_one_finding_for_each(make_project: Make) -> None:
    findings = found(make_project, RULE, of_two_kinds(*KINDS, "wait"))
    assert places(findings) == ["start.sh:2", "start.sh:3"]


def test_what_detaches_itself_is_not_waited_for(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, script("uwsgi -w a --daemonize a.log", "tail -f a.log"))
    assert "cannot wait" in finding.message
    assert "container of its own" in finding.hint


def test_a_package_shows_who_starts_its_script(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, {**script("yarn web"), **package(web=WEB)})
    assert [str(place) for place in finding.related] == ["start.sh:2"]


def test_a_shell_form_hands_its_arguments_on(make_project: Make) -> None:
    files = script('exec "$@"')
    files["Dockerfile"] = 'FROM x\nENTRYPOINT /app/start.sh $0 $@\nCMD ["gunicorn", "shop.wsgi"]\n'
    (finding,) = found(make_project, RULE, files)
    assert [str(place) for place in (finding.location, *finding.related)] == [
        *("start.sh:2", "Dockerfile:2")
    ]


def test_a_script_below_another_shows_where_exec_is_missing(make_project: Make) -> None:
    inner = {"run.sh": f"exec {WEB}\n"}
    (finding,) = found(make_project, RULE, {**script("true", "./run.sh"), **inner})
    assert [str(place) for place in finding.related] == ["start.sh:3"]


@pytest.mark.parametrize(
    ("by", "inner", "count"),
    [
        ('/app/run.sh "${@:2}"', 'C=$@\nbash -c "id && $C"', 1),
        ('/app/run.sh "${@:2}"', 'exec "$@"', 1),
        ('exec /app/run.sh "${@:2}"', 'exec "${@:1}"', 0),
        ('exec /app/run.sh "${@:2}"', 'C=$@\nexec bash -c "id && exec $C"', 0),
        ('/app/run.sh "${@:3}"', 'C=$@\nbash -c "id && $C"', 0),
    ],
)
def test_the_rest_of_the_arguments_is_started(
    make_project: Make, by: str, inner: str, count: int
) -> None:
    files = script('case "$1" in', f"run) {by};;", "esac", name="in.sh")
    files |= {**image('["/app/in.sh", "run", "gunicorn"]'), "run.sh": f"#!/bin/bash\n{inner}\n"}
    assert len(found(make_project, RULE, files)) == count


def unit(start: str, *lines: str) -> dict[str, str]:
    return {"web.service": "\n".join(["[Service]", f"ExecStart={start}", *lines, ""])}


ASGI = "/srv/.venv/bin/uvicorn shop.asgi:application --workers 4"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (unit(ASGI, "KillSignal=SIGQUIT"), 1),
        (unit("daphne shop.asgi:application", "KillSignal=QUIT"), 1),
        (unit("celery -A shop worker", "KillSignal=SIGQUIT"), 1),
        (unit("uwsgi --ini a.ini", "KillSignal=SIGKILL"), 1),
        (image('["uvicorn", "shop.asgi:application"]', "STOPSIGNAL SIGQUIT"), 1),
        (unit(ASGI), 0),
        (unit(ASGI, "KillSignal=SIGINT"), 0),
        (unit("uwsgi --ini a.ini", "KillSignal=SIGQUIT"), 0),
        (unit("nginx", "KillSignal=SIGQUIT"), 0),
        (unit("celery -A shop beat", "KillSignal=SIGQUIT"), 0),
        (unit("uvicorn shop.asgi", "KillSignal=SIGQUIT", "Type=oneshot"), 0),
        (unit("gunicorn -k uvicorn.workers.UvicornWorker a", "KillSignal=SIGQUIT"), 0),
    ],
)
def test_a_signal_on_which_nothing_is_waited_for(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert len(found(make_project, RULE, files)) == count


def heroku(run: str, *lines: str) -> dict[str, str]:
    """Return what Heroku runs, and a script of the image."""
    return {"heroku.yml": f"run:\n  web: {run}\n", "run.sh": "\n".join(["#!/bin/sh", *lines, ""])}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (heroku("./run.sh start", "id", f"exec {WEB}"), 0),
        (heroku("./run.sh", "exec supervisord -n"), 0),
        (heroku("cd shop && ./run.sh", f"exec {WEB}"), 0),
        ({"Procfile": "web: sh run.sh\n", "run.sh": f"id\nexec {WEB}\n"}, 0),
        ({"Procfile": f"web: {WEB} & wait\n"}, 0),
        # A shell of the project's own stays, wherever its script is started.
        (heroku("./run.sh", "id", WEB), 1),
        (heroku("./run.sh", "supervisord -n"), 1),
        (heroku("./run.sh", "exec ./more.sh") | {"more.sh": f"id\n{WEB}\n"}, 1),
        (heroku("./run.sh", "celery -A shop worker &", f"exec {WEB}"), 1),
    ],
)
def test_the_shell_of_a_dyno_stands_in_nobodys_way(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert len(found(make_project, RULE, files)) == count


LOOP = ("while true", "do", "  timeout 3600 ./manage.py bill || true", "  sleep 300", "done")
SERVICES = "services:\n  clock:\n    build: .\n    command: "


def told(*lines: str) -> dict[str, str]:
    """An image whose script is told by its first argument what to start."""
    modes = ("case ${KIND} in", f"web) exec {WEB};;", "clock) exec /app/bin/clock.sh;;", "esac")
    return {
        **script("KIND=${1:-web}", "shift", *modes),
        "Dockerfile": 'FROM python:3.13\nCOPY . /app\nENTRYPOINT ["/app/start.sh"]\n',
        "bin/clock.sh": "\n".join(["#!/bin/bash", *lines, ""]),
    }


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (script(*LOOP), "start.sh:4"),
        (told(*LOOP), "bin/clock.sh:4"),
        (
            {
                **image(WEB, "RUN apk add alpine"),
                "compose.yml": f"{SERVICES}sh -c 'while :; do ./manage.py bill; sleep 9; done'\n",
            },
            "compose.yml:4",
        ),
    ],
)
def test_a_loop_that_a_shell_runs(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = [f for f in found(make_project, RULE, files) if "again and again" in f.message]
    assert places(findings) == [place]
    assert "trap exit TERM" in findings[0].hint


@pytest.mark.parametrize(
    "files",
    [
        script("trap exit TERM", *LOOP),
        told("trap 'exit 0' TERM INT", *LOOP),
        script("while true; do ./manage.py ready && break; sleep 1; done", f"exec {WEB}"),
        script("until ./manage.py ready; do sleep 1; done", f"exec {WEB}"),
        script("for name in a b; do ./manage.py bill $name; done", f"exec {WEB}"),
        script("while true; do date; sleep 1; done"),
        {**script(*LOOP), **image('["dumb-init", "/app/start.sh"]')},
        # Nothing here says that a container runs it.
        {"bin/start.sh": "\n".join(["#!/bin/bash", *LOOP, ""])},
        {"clock.service": "[Service]\nExecStart=/app/start.sh\n", "start.sh": "\n".join(LOOP)},
        # A worker for which nobody is told to start it is none of the image's.
        {"bin/clock.sh": told(*LOOP)["bin/clock.sh"], **image('["gunicorn", "shop.wsgi"]')},
    ],
)
def test_a_loop_that_ends(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


INSTALLED = ("COPY s.conf /etc/supervisor/supervisord.conf",)


def serviced(*lines: str, cmd: str = '["/app/start.sh"]') -> dict[str, str]:
    """An image of a system with supervisord as a service, and the script that begins it."""
    return {**script(*lines), **image(cmd, *INSTALLED), **SUPERVISED}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (serviced("service supervisor start", "tail -f /dev/null"), "start.sh:2"),
        (serviced("/etc/init.d/supervisor restart", "sleep infinity"), "start.sh:2"),
        (serviced("while true; do", "service supervisord start", "sleep 60", "done"), "start.sh:3"),
        (serviced(cmd="cat hosts >> /etc/hosts && service supervisor start"), "Dockerfile:4"),
    ],
)
def test_a_supervisor_that_is_a_service(
    make_project: Make, files: dict[str, str], place: str
) -> None:
    (finding,) = found(make_project, RULE, files)
    assert str(finding.location) == place
    assert "SIGTERM does not come to supervisord: the shell" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        serviced("service supervisor stop", "sleep infinity"),
        serviced("service supervisor status", f"exec {WEB}"),
        serviced("service nginx start", "sleep infinity"),
        serviced("./init.d/supervisor start", "sleep infinity"),
        serviced("supervisorctl restart web", "sleep infinity"),
        # Beside a server that hears of the signal it has other things to do.
        serviced("service supervisor start", f"exec {WEB}"),
    ],
)
def test_what_begins_no_supervisor(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def of_two_files(name: str, command: str, service: str = "web") -> dict[str, str]:
    lines = f"services:\n  {service}:\n    build: .\n    command: sh -c '{command}'\n"
    return {
        "compose.yml": f"services:\n  web:\n    build: .\n    command: sh -c 'id; {WEB}'\n",
        name: lines,
    }


def test_the_same_service_of_two_compose_files_is_one_leak(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, of_two_files("compose-small.yml", f"ls; {WEB} -w 2"))
    assert str(finding.location) == "compose.yml:4"
    assert [str(place) for place in finding.related] == ["compose-small.yml:4"]


@pytest.mark.parametrize(
    "files",
    [
        of_two_files("compose-small.yml", f"ls; {WEB}", "api"),
        of_two_files("compose-small.yml", "ls; gunicorn ledger.wsgi"),
        of_two_files("compose-small.yml", "ls; celery -A shop worker"),
        of_two_files("small/compose.yml", f"ls; {WEB}"),
    ],
)
def test_other_services_are_leaks_of_their_own(make_project: Make, files: dict[str, str]) -> None:
    assert [finding.related for finding in found(make_project, RULE, files)] == [(), ()]


def own_program(line: str, main: str, handler: str = HEARS) -> dict[str, str]:
    """A program of the project's own below a shell, which imports what it works with."""
    return {
        **script(line),
        "manage.py": main,
        "shop/loop.py": handler,
        "shop/work.py": "from shop.loop import run\ndef main(): run()\n",
        "shop/other.py": HEARS,
    }


MAIN = "from shop.work import main\nmain()\n"


@pytest.mark.parametrize(
    "files",
    [
        own_program("./manage.py", MAIN),
        own_program("./manage.py --loud", MAIN),
        {**own_program("./serve.py", ""), "serve.py": "from shop.loop import run\nrun()\n"},
    ],
)
def test_finds_a_program_that_imports_what_hears(make_project: Make, files: dict[str, str]) -> None:
    (finding,) = found(make_project, RULE, files)
    assert str(finding.location) == "start.sh:2"


@pytest.mark.parametrize(
    "files",
    [
        own_program("exec ./manage.py", MAIN),
        own_program("./manage.py check", MAIN),
        own_program("./manage.py", MAIN, "def run(): ...\n"),
        own_program("./manage.py", "from django.core.management import call_command\n"),
        own_program("./other.py", MAIN),
        own_program(f"./manage.py\nexec {WEB}", MAIN),
    ],
)
def test_a_program_that_imports_nothing_that_hears(
    make_project: Make, files: dict[str, str]
) -> None:
    assert found(make_project, RULE, files) == []
