"""log-file-deployed: where the output of servers goes."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, image, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.log_file_deployed import RULE


def supervised(*lines: str) -> dict[str, str]:
    return {
        "supervisord.conf": "\n".join(["[program:web]", "command = gunicorn shop.wsgi", *lines, ""])
    }


def inner(*lines: str, base: str = "python:3.13") -> dict[str, str]:
    """nginx and the application in one container."""
    served = script("nginx", "exec gunicorn shop.wsgi")
    served["Dockerfile"] = served["Dockerfile"].replace("python:3.13", base)
    return {**served, "nginx.conf": "\n".join([*lines, "server { listen 80; }", ""])}


SERVED = "gunicorn --access-logfile /logs/a.log shop.wsgi &"
LEFT = "[program:web]\ncommand = %ROOT%/bin/start_web\nstdout_logfile = /srv/web.log\n"
UNIT = "[Service]\nExecStart=/srv/venv/bin/gunicorn shop.wsgi\n"
JOINED = "import os\nlogs = os.getenv('LOGS', '/var/log/')\nerrorlog = {}\n"
CONFIG = "import os\naccesslog = os.environ.get('LOG', '/var/log/access.log')\n"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (supervised("stdout_logfile = /var/log/web.log"), "supervisord.conf:3"),
        (supervised("stderr_logfile=web.err ; errors"), "supervisord.conf:3"),
        (
            {"uwsgi.ini": "[uwsgi]\nmodule = shop.wsgi\ndaemonize = /var/log/uwsgi.log\n"},
            "uwsgi.ini:3",
        ),
        (
            {"uwsgi.ini": "[uwsgi]\nmodule = shop.wsgi\nlogger = file:/var/log/uwsgi.log\n"},
            "uwsgi.ini:3",
        ),
        (image('["gunicorn", "--access-logfile", "/logs/a.log", "shop.wsgi"]'), "Dockerfile:3"),
        (
            {**image("gunicorn -c gunicorn.conf.py shop.wsgi"), "gunicorn.conf.py": CONFIG},
            "gunicorn.conf.py:2",
        ),
        (
            {
                **image("gunicorn shop.wsgi"),
                "gunicorn.conf.py": JOINED.format("logs + 'error' + '.log'"),
            },
            "gunicorn.conf.py:3",
        ),
        (
            {**image("gunicorn a"), "gunicorn.conf.py": JOINED.format("f'{logs}error.log'")},
            "gunicorn.conf.py:3",
        ),
        (image("celery -A shop worker --logfile=/logs/celery.log"), "Dockerfile:3"),
        (script("exec gunicorn shop.wsgi > /logs/web.log 2>&1"), "start.sh:2"),
        # Nothing else serves; it has the server; something starts it.
        ({"supervisord.conf": LEFT}, "supervisord.conf:3"),
        (
            {**supervised("stdout_logfile = /srv/web.log"), "web.service": UNIT},
            "supervisord.conf:3",
        ),
        (
            {
                "supervisord.conf": LEFT,
                "web.service": UNIT,
                "all.service": "[Service]\nExecStart=supervisord -n -c /srv/supervisord.conf\n",
            },
            "supervisord.conf:3",
        ),
        (script(SERVED, "tail -F /logs/b.log /srv/*.log &", "wait"), "start.sh:2"),
        (script(SERVED, "tail -n 5 /logs/a.log", "wait"), "start.sh:2"),
        (script(SERVED, "tail -f /logs/a.log > /all.log &", "wait"), "start.sh:2"),
        (inner("access_log /logs/a.log main; error_log /logs/e.log;"), "nginx.conf:1"),
        (inner("error_log /var/log/nginx/error.log warn;"), "nginx.conf:1"),
        (
            {"web.service": "[Service]\nExecStart=gunicorn shop\nStandardOutput=append:/log/web\n"},
            "web.service:3",
        ),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


def test_one_finding_for_both_streams_of_a_unit(make_project: Make) -> None:
    lines = "StandardOutput=file:/log/web\nStandardError=file:/log/web\n"
    unit = {"web.service": f"[Service]\nExecStart=gunicorn shop\n{lines}"}
    (finding,) = found(make_project, RULE, unit)
    assert [str(finding.location), *map(str, finding.related)] == ["web.service:3", "web.service:4"]


def test_a_stream_that_the_journal_takes_is_left_out(make_project: Make) -> None:
    lines = "StandardOutput=journal\nStandardError=append:/log/web\n"
    unit = {"web.service": f"[Service]\nExecStart=gunicorn shop\n{lines}"}
    (finding,) = found(make_project, RULE, unit)
    assert [str(finding.location), *map(str, finding.related)] == ["web.service:4"]


def test_one_finding_for_a_program(make_project: Make) -> None:
    lines = ("stdout_logfile = a.log", "stderr_logfile = b.log")
    (finding,) = found(make_project, RULE, supervised(*lines))
    assert [place.line for place in finding.related] == [4]


@pytest.mark.parametrize(
    "files",
    [
        supervised("stdout_logfile = /dev/fd/1", "stderr_logfile = /dev/stderr"),
        supervised("stdout_logfile = NONE"),
        supervised("redirect_stderr = true"),
        {"uwsgi.ini": "[uwsgi]\nmodule = shop.wsgi\nlogto = /dev/stdout\nlogger = stdio\n"},
        {"uwsgi.ini": "[uwsgi]\nmodule = shop.wsgi\nlogformat = %(addr)/x\n"},
        image('["gunicorn", "--access-logfile", "-", "--error-logfile=-", "shop.wsgi"]'),
        {**image("gunicorn shop.wsgi"), "gunicorn.conf.py": "accesslog = '-'\n"},
        {**image("gunicorn a"), "gunicorn.conf.py": JOINED.format("host() + '.log'")},
        {**image("gunicorn a"), "gunicorn.conf.py": JOINED.format("f'{host}.log'")},
        {**image("gunicorn a"), "gunicorn.conf.py": "out = '/dev'\naccesslog = out + '/stdout'\n"},
        image(
            *('["gunicorn", "--access-logfile", "/logs/a.log", "shop.wsgi"]',),
            *("RUN ln -sf /dev/stdout /logs/a.log",),
        ),
        script("exec gunicorn shop.wsgi 2>&1"),
        inner("access_log off; error_log stderr;"),
        inner("access_log /dev/stdout main;"),
        inner("access_log syslog:server=unix:/dev/log;"),
        inner("access_log /var/log/nginx/access.log;", base="tiangolo/uwsgi-nginx"),
        {**image("gunicorn shop.wsgi"), "nginx.conf": inner("access_log /a.log;")["nginx.conf"]},
        script("python manage.py check > /tmp/check.log", "exec gunicorn shop.wsgi"),
        script("exec gunicorn shop.wsgi > /dev/null"),
        {"supervisord.conf": LEFT, "web.service": UNIT},
        {"deploy/web.conf": LEFT, "deploy/web.service": UNIT},
        {"web.conf": LEFT.replace("%ROOT%/", "/srv/"), "web.service": UNIT},
        script(SERVED, "tail -n 0 -f /logs/*.log &", "wait"),
        script(SERVED, "tail --follow=name --lines 10 /srv/x.log /logs/a.log"),
        script("tail -qF /logs/a.log &", "exec gunicorn shop.wsgi > /logs/a.log"),
        {"local/supervisord.conf": "[program:web]\ncommand = gunicorn\nstdout_logfile = a.log\n"},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def sites(*servers: str, top: str = "access_log /logs/a.log;") -> dict[str, str]:
    """nginx in the application's container, with its servers in files of their own."""
    served = inner("")
    served["nginx.conf"] = f"events {{}}\nhttp {{ {top} include sites/*; }}\n"
    for number, server in enumerate(servers):
        served[f"sites/{number}.conf"] = f"upstream app {{ server web; }}\nserver {{ {server} }}\n"
    served["Dockerfile"] += "COPY nginx.conf sites /etc/nginx/\n"
    return served


OFF = "access_log off;"


@pytest.mark.parametrize(
    "files",
    [
        sites(OFF),
        sites(OFF, "access_log /dev/stdout;"),
        sites("error_log stderr;", top="error_log /logs/e.log;"),
        {**sites(OFF, top=""), "sites/log.conf": "access_log /logs/a.log;\n"},
    ],
)
def test_stays_silent_where_each_server_of_nginx_has_its_own(
    make_project: Make, files: dict[str, str]
) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (sites(), "nginx.conf:2"),
        (sites(OFF, "listen 80;"), "nginx.conf:2"),
        (sites(f"location / {{ {OFF} }}"), "nginx.conf:2"),
        (sites("error_log stderr;"), "nginx.conf:2"),
        (sites("access_log /logs/b.log;"), "sites/0.conf:2"),
    ],
)
def test_finds_what_a_server_of_nginx_takes_from_above(
    make_project: Make, files: dict[str, str], place: str
) -> None:
    assert places(found(make_project, RULE, files)) == [place]


AGENT = '{"logs": {"collect_list": [{"file_path": "/logs/web.log", "timezone": "UTC"}]}}\n'
SHIPPERS = {
    "deploy/cloudwatch.json": AGENT,
    "deploy/awslogs.conf": "[web]\nlog_group_name = web\nfile = /logs/*.log\n",
    "promtail.yaml": "static_configs:\n- labels:\n    __path__: /logs/*log\n",
    "ops/filebeat.yml": "filebeat.inputs:\n- type: log\n  paths:\n  - /logs/web.log\n",
    "fluent-bit.conf": "[INPUT]\n    Name tail\n    Path /srv/a.log,/logs/web.log\n",
    "fluentd.conf": "<source>\n  @type tail\n  path /logs/web.log\n</source>\n",
    "vector.toml": '[sources.web]\ntype = "file"\ninclude = ["/**/*.log"]\n',
}


@pytest.mark.parametrize("path", SHIPPERS)
def test_a_file_that_is_shipped_is_silent(make_project: Make, path: str) -> None:
    written = supervised("stdout_logfile = /logs/web.log")
    assert found(make_project, RULE, {**written, path: SHIPPERS[path]}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deploy/cloudwatch.json", AGENT.replace("web.log", "other.log")),
        ("deploy/cloudwatch.json", AGENT.replace("logs/web.log", "*.log")),
        ("dev/cloudwatch.json", AGENT),
        ("notes.json", '{"file_path": "/logs/web.log"}'),
        ("logrotate.conf", "/logs/web.log {\n  daily\n}\n"),
    ],
    ids=["another file", "another folder", "for development", "no shipper", "rotated"],
)
def test_a_file_that_is_not_shipped_is_found(make_project: Make, path: str, text: str) -> None:
    written = supervised("stdout_logfile = /logs/web.log")
    assert len(found(make_project, RULE, {**written, path: text})) == 1


RUN = image('["supervisord", "-n", "-c", "/app/supervisord.conf"]')


def test_finds_what_supervisord_is_not_told_about(make_project: Make) -> None:
    files = supervised("[program:other]", "command = gunicorn other.wsgi") | RUN
    assert places(found(make_project, RULE, files)) == ["supervisord.conf:2"]


@pytest.mark.parametrize(
    "files",
    [
        supervised(
            "[eventlistener:out]", "command = supervisor_stdout", "stdout_logfile = /dev/fd/1"
        ),
        supervised("[supervisord]", "loglevel = debug"),
        supervised("stderr_logfile = /dev/stderr"),
        supervised("stdout_logfile = NONE"),
        {"supervisord.conf": "[program:mail]\ncommand = postfix start-fg\n"},
    ],
)
def test_leaves_what_supervisord_hands_on(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files | RUN) == []


def test_leaves_the_supervisord_of_a_host(make_project: Make) -> None:
    assert found(make_project, RULE, supervised("autorestart = true")) == []


STARTED = {
    "Dockerfile": "FROM python\nCOPY ops/all.conf /etc/supervisor/conf.d/\n"
    'CMD ["supervisord", "-n"]\n',
    "ops/all.conf": "[program:web]\ncommand = gunicorn shop.wsgi\nstdout_logfile = /srv/web.log\n",
}


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (STARTED["ops/all.conf"], ["ops/all.conf:3"]),
        (STARTED["ops/all.conf"].replace("shop.wsgi", "shop.wsgi -w 4"), ["ops/all.conf:3"]),
        (STARTED["ops/all.conf"].replace("/srv", "/logs"), ["ops/all.conf:3", "tools/web.conf:3"]),
        (STARTED["ops/all.conf"].replace(":web", ":api"), ["ops/all.conf:3", "tools/web.conf:3"]),
    ],
)
def test_a_copy_of_what_a_container_starts_is_told_of_with_it(
    make_project: Make, copy: str, expected: list[str]
) -> None:
    findings = found(make_project, RULE, {**STARTED, "tools/web.conf": copy})
    assert places(findings) == expected
    if len(expected) == 1:
        assert [str(place) for place in findings[0].related] == ["tools/web.conf:3"]


def test_what_no_container_starts_is_told_of_by_itself(make_project: Make) -> None:
    copies = {"tools/web.conf": STARTED["ops/all.conf"], "other/web.conf": STARTED["ops/all.conf"]}
    findings = found(make_project, RULE, copies)
    assert places(findings) == ["other/web.conf:3", "tools/web.conf:3"]
