"""grace-too-short: the time that the platform gives."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, compose, found, manifest

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.rules.grace_too_short import RULE
from django_scaleready.checks.rules.ladder import RULE as LADDER

KIT = "command: [gunicorn, -c, 'python:django_scaleready.gunicorn', shop.wsgi]"
SLEEP = "lifecycle: {preStop: {exec: {command: [sleep, '10']}}}"
PLAIN = "command: [gunicorn, shop.wsgi]"


def grace(seconds: int) -> str:
    return f"terminationGracePeriodSeconds: {seconds}"


def graceful(seconds: int) -> str:
    return f"command: [gunicorn, --graceful-timeout, '{seconds}', shop.wsgi]"


def unit(*lines: str) -> dict[str, str]:
    start = "ExecStart=gunicorn --graceful-timeout 60 shop.wsgi"
    return {"web.service": "\n".join(["[Service]", start, *lines, ""])}


def built(command: str, *lines: str) -> dict[str, str]:
    head = ["services:", "  web:", "    build: .", f"    command: {command}"]
    return {"compose.yaml": "\n".join([*head, *lines, ""])}


def supervised(*lines: str, graceful: int = 0) -> dict[str, str]:
    options = f" --graceful-timeout {graceful}" if graceful else ""
    program = ["[program:web]", f"command=gunicorn{options} shop.wsgi", *lines, ""]
    image = "FROM python:3.13\nCOPY supervisord.conf /etc/\n"
    start = 'CMD ["supervisord", "-c", "/etc/supervisord.conf"]\n'
    return {"Dockerfile": image + start, "supervisord.conf": "\n".join(program)}


def configured(seconds: int, path: str, *lines: str) -> dict[str, str]:
    """Return a service whose image has gunicorn's configuration under a name of the project's."""
    image = "\n".join(
        ["FROM python:3.13", *lines, f'CMD ["gunicorn", "-c", "{path}", "shop.wsgi"]']
    )
    service = "services:\n  web:\n    build: .\n"
    written = f"graceful_timeout = {seconds}\n"
    return {"Dockerfile": image, "compose.yaml": service, "docker/etc/shop.py": written}


COPIED = "COPY docker/etc/shop.py /usr/local/etc/shop.py"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/usr/local/etc/shop.py", COPIED),
        ("/usr/local/etc/shop.py", "COPY docker/etc/shop.py /usr/local/etc/"),
        ("/app/etc/shop.py", "COPY docker /app"),
        ("docker/etc/shop.py", "COPY . ."),
    ],
)
def test_a_configuration_may_have_any_name(make_project: Make, path: str, line: str) -> None:
    (finding,) = found(make_project, RULE, configured(60, path, line))
    assert finding.severity is Severity.WARNING
    assert [place.path for place in finding.related] == ["docker/etc/shop.py"]


@pytest.mark.parametrize(
    ("seconds", "path", "line"),
    [
        (5, "/usr/local/etc/shop.py", COPIED),
        (60, "/usr/local/etc/other.py", COPIED),
        (60, "/usr/local/etc/shop.py", COPIED.replace("COPY", "COPY --from=build")),
        (60, "/usr/local/etc/shop.py", "COPY ../docker/missing.py /usr/local/etc/shop.py"),
        (60, "/app/docker/shop.py", "COPY docker /app"),
    ],
)
def test_another_configuration_is_silent(
    make_project: Make, seconds: int, path: str, line: str
) -> None:
    assert found(make_project, RULE, configured(seconds, path, line)) == []


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        (supervised("stopwaitsecs=5"), Severity.WARNING),
        (supervised("stopsignal=TERM", "stopwaitsecs=5"), Severity.WARNING),
        (supervised("stopwaitsecs=50", graceful=60), Severity.ERROR),
        (supervised(graceful=60), Severity.WARNING),
        (manifest(graceful(60), pod=grace(20)), Severity.ERROR),
        (manifest(graceful(25), SLEEP, pod=grace(30)), Severity.ERROR),
        (manifest(graceful(60)), Severity.WARNING),
        (manifest(PLAIN, pod=grace(10)), Severity.WARNING),
        (manifest(PLAIN, SLEEP), Severity.WARNING),
        (unit("TimeoutStopSec=30"), Severity.ERROR),
        (built("gunicorn --graceful-timeout 60 shop.wsgi"), Severity.WARNING),
        (
            built("gunicorn --graceful-timeout 60 shop.wsgi", "    stop_grace_period: 30s"),
            Severity.ERROR,
        ),
        (built("gunicorn -c python:django_scaleready.gunicorn shop.wsgi"), Severity.WARNING),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], severity: Severity) -> None:
    assert [finding.severity for finding in found(make_project, RULE, files)] == [severity]


def test_says_what_it_counts(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, manifest(graceful(25), SLEEP, pod=grace(30)))
    assert "10 s to drain and 25 s for requests in flight" in finding.message
    assert "killed after 30 s (terminationGracePeriodSeconds)" in finding.message
    assert str(finding.location) == "k8s/web.yaml:7"


UWSGI = "command: [uwsgi, --http-socket, ':8000', --module, shop.wsgi]"


def uwsgi(*options: str) -> str:
    return UWSGI.replace("]", "".join(f", '{option}'" for option in options) + "]")


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        (uwsgi("--harakiri", "60"), Severity.ERROR),
        ("command: [celery, -A, shop, worker]", Severity.ERROR),
        # It serves while it sleeps, and nothing is sent to it any more.
        (UWSGI, Severity.WARNING),
        (uwsgi("--harakiri", "10"), Severity.WARNING),
        ("args: [run]", Severity.WARNING),
    ],
)
def test_a_hook_that_takes_all_of_the_time(
    make_project: Make, command: str, severity: Severity
) -> None:
    (finding,) = found(make_project, RULE, manifest(command, SLEEP, pod=grace(10)))
    assert "after 10 s of its preStop hook, and is killed after 10 s" in finding.message
    assert (finding.severity, str(finding.location)) == (severity, "k8s/web.yaml:7")


@pytest.mark.parametrize(
    "files",
    [
        manifest(UWSGI, SLEEP),
        manifest(UWSGI, SLEEP, pod=grace(11)),
        manifest(UWSGI, pod=grace(1)),
        manifest(UWSGI, SLEEP, pod=grace(10), kind="Job"),
        manifest("image: nginx:1.27", SLEEP, pod=grace(10)),
        # What an installation puts into the pod may be another time.
        manifest(UWSGI, SLEEP.replace("10", "30"), pod="{{- toYaml .Values.pod | nindent 6 }}"),
        manifest(UWSGI, SLEEP, pod=grace(10).replace("10", "{{ .Values.grace }}")),
    ],
)
def test_a_hook_that_leaves_time(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "files",
    [
        manifest(PLAIN),
        manifest(graceful(20)),
        manifest(graceful(60), pod=grace(60)),
        manifest(graceful(20), SLEEP, pod=grace(30)),
        manifest(KIT, pod=grace(60)),
        supervised(),
        supervised("stopwaitsecs=70", graceful=60),
        supervised("stopsignal=KILL", graceful=60),
        supervised("stopsignal=SIGKILL", "stopwaitsecs=5"),
        unit(),
        unit("TimeoutStopSec=1min 5s"),
        unit("TimeoutStopSec=2min"),
        compose(),
        built("gunicorn --graceful-timeout 60 shop.wsgi", "    stop_grace_period: 1m10s"),
        {"Procfile": "web: gunicorn --graceful-timeout 600 shop.wsgi\n"},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_what_the_ladder_judges_is_left_to_it(make_project: Make) -> None:
    project = make_project(manifest(KIT, pod=grace(10)))
    assert list(RULE.find(project)) == []
    (finding,) = LADDER.find(project)
    assert isinstance(finding, Finding)
    assert "terminationGracePeriodSeconds of shop/web" in finding.message


CHART = {
    "Dockerfile": 'FROM python\nCOPY . /app\nCMD ["gunicorn", "--graceful-timeout=90", "shop"]\n',
    "chart/Chart.yaml": "name: shop\n",
    "chart/values.yaml": "replicas: 2\n",
    "chart/templates/web.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
        "  replicas: {{ .Values.replicas }}\n  template:\n    spec:\n"
        "      containers:\n        - name: web\n          image: shop\n"
        "      {{- with .Values.nodeSelector }}\n"
        "      nodeSelector: {{ toYaml . | nindent 8 }}\n      {{- end }}\n"
    ),
}


def test_a_chart_that_never_speaks_of_it_leaves_it_as_it_is(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, CHART)
    assert str(finding.location) == "chart/templates/web.yaml:9"
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "more",
    [
        {"chart/templates/_all.tpl": "{{- define 'x' }}terminationGracePeriodSeconds{{ end }}\n"},
        {"chart/values.yaml": "pod: {terminationGracePeriodSeconds: 120}\n"},
        {"chart/templates/web.yaml": '{{ include "common.deployment" . }}\n'},
    ],
)
def test_an_installation_may_say_what_a_chart_speaks_of(
    make_project: Make, more: dict[str, str]
) -> None:
    assert found(make_project, RULE, CHART | more) == []


TASK = """
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([{
    name  = "web"
    image = var.image
    environment = [{ name = "DJANGO_ENV", value = "production" }]
  }])
}
"""
SERVICE = 'resource "aws_ecs_service" "web" {\n  desired_count = 2\n}\n'
LONG = "gunicorn --graceful-timeout 60 shop.wsgi"


def on_ecs(text: str, command: str = LONG) -> dict[str, str]:
    image = f"FROM python:3.13\nCMD {command}\n"
    return {"Dockerfile": image, "infra/web.tf": text, "infra/main.tf": SERVICE}


def test_a_service_of_ecs_has_half_a_minute(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, on_ecs(TASK))
    assert str(finding.location) == "infra/web.tf:2"
    assert finding.severity is Severity.WARNING
    assert "30 s (stopTimeout, by default)" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        on_ecs(TASK.replace("image =", "stopTimeout = 90\n    image =")),
        on_ecs(TASK.replace("jsonencode([", 'templatefile("web.json", [')),
        on_ecs(TASK.replace("DJANGO_ENV", "NODE_ENV")),
        on_ecs(TASK, command="gunicorn shop.wsgi"),
        on_ecs(TASK, command="gunicorn --graceful-timeout 25 shop.wsgi"),
        {**on_ecs(TASK), "infra/main.tf": ""},
        {**on_ecs(TASK), **built(LONG, "    stop_grace_period: 90s")},
    ],
)
def test_what_ecs_is_not_known_to_cut(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(("graceful", "count"), [(60, 1), (0, 0)])
def test_services_of_one_image_have_one_supervisor(
    make_project: Make, graceful: int, count: int
) -> None:
    services = "services:\n  a:\n    build: .\n  b:\n    build: .\n"
    files = {**supervised(graceful=graceful), "docker-compose.yml": services}
    assert len(found(make_project, RULE, files)) == count
