"""migrate-on-start: what every replica runs before it serves."""

from __future__ import annotations

import pytest
from support.deploy_files import WEB, Make, compose, found, image, manifest, places, script

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.rules.migrate_on_start import RULE

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      containers:
        - name: migrate
          image: registry.example/shop:1
          command: [python, manage.py, migrate]
"""
INIT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      initContainers:
        - name: migrate
          image: registry.example/shop:1
          command: [python, manage.py, migrate]
      containers:
        - name: web
          image: registry.example/shop:1
"""
UWSGI = "[uwsgi]\nmodule = shop.wsgi\nhook-pre-app = exec:./manage.py migrate\n"


SUPERVISOR = """\
[program:web]
command=gunicorn shop.wsgi
[program:migrate]
command=sh ./migrate.sh
"""


START, EMBEDDED = "bin/start.sh", "bin/start.sh:3"


def embedding(*lines: str, given: str = "get_wsgi_application()") -> dict[str, str]:
    """A start script beside a script in Python that has the server in itself."""
    start = script('cd "$(dirname "$0")"', "django-admin migrate", "python run.py", name=START)
    return {**start, "bin/run.py": "\n".join([lines[0], f"app = {given}", *lines[1:], ""])}


def heredoc(line: str) -> dict[str, str]:
    """An image that writes what it starts."""
    lines = [line, "#!/bin/sh", "python manage.py migrate", f"exec {WEB}", "EOF"]
    return image('["/start.sh"]', *lines)


def test_what_starts_the_script_is_related(make_project: Make) -> None:
    files = {
        **script("exec supervisord -c all.conf"),
        "all.conf": SUPERVISOR,
        "migrate.sh": "#!/bin/sh\npython manage.py migrate\n",
    }
    (finding,) = found(make_project, RULE, files)
    assert str(finding.location) == "migrate.sh:2"
    assert [*map(str, finding.related)] == ["start.sh:2", "all.conf:4"]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (script("python manage.py migrate", f"exec {WEB}"), "start.sh:2"),
        (image(f"python manage.py migrate && {WEB}"), "Dockerfile:3"),
        (script("./manage.py migrate_schemas --shared", f"exec {WEB}"), "start.sh:2"),
        (
            script('if [ "$SKIP" != 1 ]; then python manage.py migrate; fi', f"exec {WEB}"),
            "start.sh:2",
        ),
        (script("up() {", "  python -m django migrate", "}", "up", f"exec {WEB}"), "start.sh:3"),
        ({"Procfile": "web: bash run.sh\n", "run.sh": f"./manage.py migrate\n{WEB}\n"}, "run.sh:1"),
        ({"k8s/web.yaml": INIT}, "k8s/web.yaml:10"),
        (image('["shop", "migrate-and-serve"]'), "Dockerfile:3"),
        (image('["shop", "migrate-and-serve"]', "EXPOSE 8000"), "Dockerfile:4"),
        (
            script(
                'if [ -z "$KEY" ]; then echo "no KEY" >&2; exit 1; fi',
                "./manage.py migrate",
                f"exec {WEB}",
            ),
            "start.sh:3",
        ),
        ({"uwsgi.ini": UWSGI, **image('["uwsgi", "/app/uwsgi.ini"]')}, "uwsgi.ini:3"),
        (script("python manage.py migrate", "exec celery -A shop worker"), "start.sh:2"),
        (
            {
                **script('[ "$MIGRATE" = no ] || ./manage.py migrate', f"exec {WEB}"),
                **compose(
                    *("    environment: {MIGRATE: 'no'}", "  migrate:", "    build: ."),
                    *("    entrypoint: sh -c './manage.py migrate'", "  once:", "    build: ."),
                    "    command: ./start.sh migrate",
                ),
                "other/Dockerfile": 'FROM python\nCOPY start.sh /\nCMD ["/start.sh"]\n',
            },
            "start.sh:2",
        ),
        (
            {
                "apps/api/Dockerfile": 'FROM python\nCOPY . /app\nCMD ["/app/bin/start.sh"]\n',
                "apps/api/bin/start.sh": f"#!/bin/sh\npython manage.py migrate\nexec {WEB}\n",
            },
            "apps/api/bin/start.sh:2",
        ),
        # Nothing here starts it, but by its name a container does.
        (
            {"bin/celery_worker-ecs.sh": "#!/bin/sh\n./manage.py migrate\ncelery -A shop worker\n"},
            "bin/celery_worker-ecs.sh:2",
        ),
        (script("exec uv run manage.py migrate & ", f"exec {WEB}"), "start.sh:2"),
        (script("uv run -m manage migrate --noinput", f"uv run {WEB}"), "start.sh:2"),
        (script("python -u manage.py migrate", f"exec {WEB}"), "start.sh:2"),
        (script('su shop -c "python manage.py migrate"', f"exec {WEB}"), "start.sh:2"),
        (heredoc("COPY <<EOF /start.sh"), "Dockerfile:5"),
        (heredoc("COPY --chmod=755 <<-'EOF' /start.sh"), "Dockerfile:5"),
        (heredoc("RUN cat > /start.sh <<EOF"), "Dockerfile:5"),
        (heredoc("RUN cat <<'EOF' > /start.sh"), "Dockerfile:5"),
        (script("python manage.py migrate", "apachectl -DFOREGROUND"), "start.sh:2"),
        (script("python manage.py migrate", f"exec multirun '{WEB}' 'nginx'"), "start.sh:2"),
        (script("python manage.py migrate", f"parallel -j 2 ::: '{WEB}' nginx"), "start.sh:2"),
        (
            script("(", "cd /app; ./manage.py migrate", f"parallel --jobs 2 ::: '{WEB}' 'b'", ")"),
            "start.sh:3",
        ),
        (embedding("from gevent.pywsgi import WSGIServer", "WSGIServer(('', 80), app)"), EMBEDDED),
        (embedding("import waitress", "waitress.serve(app)"), EMBEDDED),
        ({"startup.sh": f"python manage.py migrate\n{WEB}\n"}, "startup.sh:1"),
        ({"Procfile": f"web: {WEB}\n", ".profile": "./manage.py migrate\n"}, ".profile:1"),
        (
            {
                "manifest.yml": "applications:\n  - name: shop\n    path: app\n",
                "app/.profile": "source ops/up.sh\nif [ $CF_INSTANCE_INDEX = 0 ]; then up; fi\n",
                "app/ops/up.sh": "up() {\n  python manage.py migrate\n}\n",
            },
            "app/ops/up.sh:2",
        ),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


def test_what_only_may_run_is_less_certain(make_project: Make) -> None:
    files = script(
        "if ! ./manage.py migrate --check; then", "./manage.py migrate", "fi", f"exec {WEB}"
    )
    (finding,) = found(make_project, RULE, files)
    assert finding.location.line == 3
    assert finding.confidence is Confidence.MEDIUM


def test_one_finding_for_the_services_of_one_image(make_project: Make) -> None:
    start = script("python manage.py migrate", 'exec "$@"')
    start["Dockerfile"] = 'FROM python:3.13\nCOPY . /app\nENTRYPOINT ["/app/start.sh"]\n'
    services = (
        "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n"
        "  worker:\n    build: .\n    command: celery -A shop worker\n"
    )
    findings = found(make_project, RULE, {**start, "compose.yaml": services})
    assert places(findings) == ["start.sh:2"]


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": f"release: python manage.py migrate\nweb: {WEB}\n"},
        {"k8s/migrate.yaml": JOB, **manifest()},
        image('["shop", "serve"]'),
        image('["shop", "serve"]', "EXPOSE 8000"),
        image('["shop", "migrate"]', "EXPOSE 8000"),
        script('if [ -z "$KEY" ]; then exec gunicorn shop.wsgi; fi', "./manage.py migrate"),
        image('["shop", "migrate"]'),
        image('["make", "test", "migrate-and-serve"]'),
        script("python manage.py migrate --check", f"exec {WEB}"),
        script("python manage.py collectstatic", f"exec {WEB}"),
        script('if [ "$1" = migrate ]; then python manage.py migrate; exit; fi', f"exec {WEB}"),
        script('if [ "$MIGRATE" = true ]; then python manage.py migrate; fi', f"exec {WEB}"),
        script('[ -n "$MIGRATE" ] && python manage.py migrate', f"exec {WEB}"),
        script(
            'case "$1" in',
            "migrate) exec python manage.py migrate;;",
            "*)",
            f"exec {WEB};;",
            "esac",
        ),
        script(f"exec {WEB}", "python manage.py migrate"),
        script("uv run -m manage migrate --check", f"exec {WEB}"),
        script('su shop -c "echo python manage.py migrate"', f"exec {WEB}"),
        script("pip install -r manage migrate", f"exec {WEB}"),
        image('["python", "manage.py", "migrate"]'),
        script("python manage.py migrate", "apachectl configtest"),
        heredoc("RUN <<EOF"),
        heredoc("COPY <<EOF /notes.txt"),
        heredoc("RUN cat <<EOF > /other.sh"),
        {".profile": "python manage.py migrate\n", **image(f"{WEB}")},
        {"Procfile": f"web: {WEB}\n", "home/.profile": "python manage.py migrate\n"},
        {"Procfile": f"web: {WEB}\n", ".profile": "export A=1\n"},
        image(f"{WEB}", "RUN python manage.py migrate"),
        {**image(f"{WEB}"), "scripts/reset.sh": "python manage.py migrate\n"},
        compose("  migrate:", "    image: shop", "    command: python manage.py migrate"),
        script("./manage.py migrate", "parallel convert {} ::: 'gunicorn a.png' b.png"),
        script("./manage.py migrate", "parallel ::: 'convert a.png' 'convert b.png'"),
        embedding("import waitress", "waitress.serve(app)", given="Flask(__name__)"),
        embedding("from shop import serve", "serve(app)"),
        {"Dockerfile.dev": f"FROM python\nCMD python manage.py migrate && {WEB}\n"},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


UP = """\
#!/usr/bin/env python3
import sys
from django.core.management import call_command
def up():
    call_command("migrate")
up()
call_command(sys.argv[1])
"""
LISTENS = "EXPOSE 8000"
AMONG = "COPY ./scripts/asgi-run /usr/local/bin/"
RUN = {"scripts/asgi-run": f"#!/bin/bash\npython manage.py migrate\nexec {WEB}\n"}


def base(*lines: str) -> dict[str, str]:
    """An image that starts what the one that it is made from does."""
    return {"Dockerfile": "\n".join(["FROM shop/base:1", *lines, ""])}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"shop": UP, **image('["python", "shop", "web"]', LISTENS)}, "shop:5"),
        ({"shop": UP, **image('["/app/shop", "web"]', LISTENS)}, "shop:5"),
        ({"bin/shop": UP, **image('["./bin/shop", "web"]', LISTENS)}, "bin/shop:5"),
        ({"start.py": UP, **image('["./start.py", "web"]', LISTENS)}, "start.py:5"),
        (
            {
                "shop": UP.replace("call_command(sys", "os.execlp('gunicorn', 'gunicorn', sys"),
                **image('["./shop"]'),
            },
            "shop:5",
        ),
        (
            {
                **script("cron", 'python shop "$1"'),
                "shop": UP,
                **image('["/app/start.sh", "web"]', LISTENS),
            },
            "shop:5",
        ),
        (
            {
                **script("./manage.py migrate", "exec /srv/shop-server"),
                **image('["/app/start.sh"]', LISTENS),
            },
            "start.sh:2",
        ),
        ({**RUN, **base(AMONG)}, "scripts/asgi-run:2"),
        ({**RUN, **base("COPY scripts/asgi-run /usr/local/bin/asgi-run")}, "scripts/asgi-run:2"),
        ({**RUN, **image('["asgi-run"]', AMONG)}, "scripts/asgi-run:2"),
        ({**RUN, **image('["asgi-run"]', "COPY scripts /usr/local/bin")}, "scripts/asgi-run:2"),
        (
            {**RUN, **base(AMONG), "k8s/a.yaml": manifest("command: [asgi-run]")["k8s/web.yaml"]},
            "scripts/asgi-run:2",
        ),
    ],
)
def test_a_program_without_an_ending(make_project: Make, files: dict[str, str], place: str) -> None:
    assert places(found(make_project, RULE, files)) == [place]


@pytest.mark.parametrize(
    "files",
    [
        # It may end when it has migrated.
        {"shop": UP, **image('["python", "shop", "web"]')},
        {**script("./manage.py migrate"), **image('["/app/start.sh"]', LISTENS)},
        {**script("./manage.py migrate", "rm -f a"), **image('["/app/start.sh"]', LISTENS)},
        # What a service starts is not what the image does.
        {
            "shop": UP,
            **image('["gunicorn", "shop.wsgi"]', LISTENS),
            "compose.yaml": "services:\n  up:\n    build: .\n    command: python shop check\n",
        },
        {"shop": UP.replace("#!/usr/bin/env python3", "#!/usr/bin/perl"), **image('["./shop"]')},
        {"shop": UP, **image('["python", "-c", "shop"]', LISTENS)},
        # A shell, for whoever comes.
        image('["bash"]', LISTENS),
        {"shop": UP.replace('"migrate"', '"check"'), **image('["./shop"]', LISTENS)},
        # Nobody's program, or none that is called by its name.
        RUN,
        {**RUN, **base("COPY scripts/asgi-run /srv/notes/")},
        {**RUN, **image(f"{WEB}", "COPY scripts/other /usr/local/bin/")},
        {
            **RUN,
            **base(AMONG),
            "k8s/a.yaml": JOB.replace("[python, manage.py, migrate]", "[asgi-run]"),
        },
        {**RUN, "Dockerfile.dev": base(AMONG)["Dockerfile"]},
    ],
)
def test_what_is_no_start_of_a_replica(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


OWN = "shop/management/commands/upgrade.py"
DERIVED = "from django.core.management.commands.migrate import Command as Migrate\n"
CALLS = "from django.core.management import call_command\ndef f(): call_command('migrate')\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (DERIVED, 1),
        (CALLS, 1),
        (CALLS.replace("'migrate'", "'migrate', *apps, **options"), 1),
        (CALLS.replace("'migrate'", "'migrate', 'shop', database='reports'"), 1),
        (CALLS.replace("'migrate'", "'migrate', check_unapplied=True"), 0),
        (CALLS.replace("'migrate'", "'migrate', '--check'"), 0),
        (CALLS.replace("'migrate'", "*given"), 0),
        (CALLS.replace("'migrate'", "'clearsessions'"), 0),
        ("", 0),
    ],
)
def test_a_command_of_ones_own_may_migrate(make_project: Make, code: str, count: int) -> None:
    files = {**script("python manage.py upgrade", f"exec {WEB}"), OWN: code}
    assert len(found(make_project, RULE, files)) == count


@pytest.mark.parametrize(("name", "count"), [("web", 1), ("release", 0), ("shell", 0)])
def test_the_line_web_of_a_procfile_serves(make_project: Make, name: str, count: int) -> None:
    files = {"Procfile": f"{name}: ./web.sh\n", "web.sh": "./manage.py migrate\npython app.py\n"}
    assert len(found(make_project, RULE, files)) == count


EDITABLE = "python3 -m pip install -e ."


def entry(*lines: str) -> dict[str, str]:
    """A script that nothing here starts, by a name that says that a container does."""
    return {"docker-entrypoint.sh": "\n".join([*lines, "./manage.py migrate", f"exec {WEB}", ""])}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (entry(), 1),
        (entry("pip install -r requirements.txt"), 1),
        (entry("pip install -e ./plugins/extra"), 1),
        # What an image starts is deployed, however it is installed.
        ({**entry(EDITABLE), **image('["/app/docker-entrypoint.sh"]')}, 1),
        # The source tree is what runs: somebody works on it.
        (entry(EDITABLE), 0),
        (entry("pip install --no-deps -e .[dev]"), 0),
        (entry("pip3 install --editable=./"), 0),
        (entry("set -e", f"cd /app && {EDITABLE}"), 0),
    ],
)
def test_a_script_that_nothing_starts(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert len(found(make_project, RULE, files)) == count


STARTS = script("python manage.py migrate", f"exec {WEB}")
APPS, TASKS = "shop/apps.py", "shop/tasks.py"
SIGNALS = """
from celery import shared_task
from django.apps import AppConfig
from django.core.management import call_command
from django.db import transaction
from django.db.models.signals import post_migrate, post_save
from django.dispatch import receiver
from shop.models import Group
from shop.tasks import send
"""
CONFIG = "class ShopConfig(AppConfig):\n  def ready(self):\n    "
CONNECTED = f"{CONFIG}post_migrate.connect(fill, sender=self)\n"
METHOD = (
    f"{CONFIG}post_migrate.connect(receiver=self.fill, sender=self)\n  def fill(self, **kwargs):\n"
)
TASK = "from celery import shared_task\n@shared_task\ndef send(row): pass\n"
ONCE = (
    "from celery import shared_task\nfrom {0} import {1}\n"
    "@shared_task(base={1})\ndef send(row): pass\n"
)
SINGLE = "from celery_singleton import Singleton\nclass Single(Singleton): pass\n"


def fills(*lines: str) -> str:
    return "def fill(sender, **kwargs):\n" + "".join(f"  {line}\n" for line in lines)


def receives(*lines: str) -> dict[str, str]:
    """An app with receivers, and replicas that migrate when they start."""
    return {**STARTS, TASKS: TASK, APPS: SIGNALS + "".join(lines)}


DELETES = "Group.objects.all().delete()"


EACH_TIME = [
    (receives(fills(DELETES, "call_command('loaddata', 'a')"), CONNECTED), 11, "of Group"),
    (receives("@receiver(post_migrate)\n", fills(DELETES)), 12, "of Group"),
    (receives("@receiver([post_save, post_migrate])\n", fills(DELETES)), 12, "of Group"),
    (receives(METHOD, "    self.again()\n  def again(self):\n    ", DELETES), 16, "of Group"),
    (receives(fills("for row in ROWS: send.delay(row)"), CONNECTED), 14, "sends a task"),
    (receives(METHOD, "    send.apply_async((1,))\n"), 12, "sends a task"),
    (
        receives(fills("send.delay(1)"), CONNECTED)
        | {TASKS: ONCE.format("shop.bases", "Single"), "shop/bases.py": SINGLE.replace("(", "(My")},
        14,
        "sends a task",
    ),
    (
        receives(fills("send.delay(1)"), CONNECTED) | {TASKS: f"{SINGLE}{TASK}"},
        14,
        "sends a task",
    ),
]


@pytest.mark.parametrize(("files", "line", "what"), EACH_TIME)
def test_what_a_receiver_does_for_each_replica(
    make_project: Make, files: dict[str, str], line: int, what: str
) -> None:
    migration, finding = found(make_project, RULE, files)
    assert places([migration, finding]) == ["start.sh:2", f"{APPS}:{line}"]
    assert what in finding.message
    assert migration.location in finding.related


@pytest.mark.parametrize(
    "files",
    [
        receives(fills("Group.objects.get_or_create(name='staff')"), CONNECTED),
        receives(fills("Group.objects.filter(old=True).delete()"), CONNECTED),
        receives(fills("with transaction.atomic():", f"  {DELETES}"), CONNECTED),
        receives("@receiver(post_save)\n", fills(DELETES)),
        receives(fills(DELETES), CONNECTED.replace("post_migrate", "post_save")),
        receives(fills("call_command('loaddata', 'a')"), CONNECTED, "def f():\n  ", DELETES),
        receives("def f():\n  send.delay(1)\n", fills("print()"), CONNECTED),
        receives(fills("send(1)"), CONNECTED),
        receives(fills("send.delay(1)"), CONNECTED)
        | {TASKS: ONCE.format("celery_singleton", "Singleton")},
        receives(fills("send.delay(1)"), CONNECTED)
        | {TASKS: ONCE.format("celery_once", "QueueOnce")},
        receives(fills("send.delay(1)"), CONNECTED)
        | {TASKS: ONCE.format("shop.bases", "Single"), "shop/bases.py": SINGLE},
    ],
)
def test_a_receiver_that_may_come_again(make_project: Make, files: dict[str, str]) -> None:
    assert places(found(make_project, RULE, files)) == ["start.sh:2"]


@pytest.mark.parametrize("receivers", [files[APPS] for files, *_ in EACH_TIME])
@pytest.mark.parametrize(
    "deployed",
    [
        {"Procfile": f"release: python manage.py migrate\nweb: {WEB}\n"},
        {"k8s/job.yaml": JOB, **script(f"exec {WEB}")},
        script("python manage.py migrate --check", f"exec {WEB}"),
    ],
)
def test_receivers_where_no_replica_migrates(
    make_project: Make, deployed: dict[str, str], receivers: str
) -> None:
    assert found(make_project, RULE, {**deployed, TASKS: TASK, APPS: receivers}) == []


LOCKED = (
    f"{DERIVED}class Command(Migrate):\n  def handle(self, *args, **options):\n    {{}}\n"
    "    super().handle(*args, **options)\n"
)


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("cursor.execute('SELECT pg_advisory_xact_lock(%s)', [7])", Severity.INFO),
        ("cursor.execute('SELECT pg_advisory_lock(7)')", Severity.INFO),
        ("cursor.execute('SELECT pg_try_advisory_lock(7)')", Severity.INFO),
        ("cursor.execute(\"SELECT GET_LOCK('migrate', 60)\")", Severity.INFO),
        ("lock = cache.lock('migrate', timeout=600)", Severity.INFO),
        ("with redis_client.lock('migrate', timeout=600): pass", Severity.INFO),
        # On the replica's own disk, or in its own process, it holds nobody else.
        ("fcntl.flock(open('/tmp/migrate', 'w'), fcntl.LOCK_EX)", Severity.WARNING),
        ("lock = threading.Lock()", Severity.WARNING),
        ("cursor.execute('SELECT pg_advisory_unlock(7)')", Severity.WARNING),
        ("print('start')", Severity.WARNING),
    ],
)
def test_a_command_of_ones_own_that_takes_a_lock(
    make_project: Make, line: str, severity: Severity
) -> None:
    files = {**script("python manage.py upgrade", f"exec {WEB}"), OWN: LOCKED.format(line)}
    (finding,) = found(make_project, RULE, files)
    assert finding.severity is severity
    assert ("upgrade takes a lock" in finding.message) is (severity is Severity.INFO)


def test_who_migrates_without_the_lock_is_told_first(make_project: Make) -> None:
    lines = ("python manage.py upgrade", "python manage.py migrate", f"exec {WEB}")
    lock = LOCKED.format("cursor.execute('SELECT pg_advisory_lock(7)')")
    (finding,) = found(make_project, RULE, {**script(*lines), OWN: lock})
    assert finding.severity is Severity.WARNING
    assert places([finding]) == ["start.sh:3"]
    assert [*map(str, finding.related)] == ["start.sh:2"]


MANAGES = (
    "import sys\nfrom django.core import management as m\nm.execute_from_command_line(sys.argv)"
)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"shopctl.py": MANAGES}, 1),
        ({"shopctl.py": "import sys\nprint(sys.argv)"}, 0),
        ({"otherctl.py": MANAGES}, 0),
        ({"examples/shopctl.py": MANAGES}, 0),
    ],
)
def test_a_program_that_does_what_manage_py_does(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    started = script("shopctl migrate --noinput", f"exec {WEB}")
    assert len(found(make_project, RULE, {**started, **files})) == count


@pytest.mark.parametrize(
    "line", ["shopctl migrate --check", "shopctl check", "echo shopctl migrate"]
)
def test_what_else_it_does(make_project: Make, line: str) -> None:
    files = {**script(line, f"exec {WEB}"), "shopctl.py": MANAGES}
    assert found(make_project, RULE, files) == []


CLOCK = script("./manage.py migrate", "celery -A shop beat & exec celery -A shop worker")


def swarm(deploy: str, *more: str) -> dict[str, str]:
    """A service for what is due, of which there are as many as a file says."""
    lines = ["services:", "  cron:", "    build: .", f"    deploy: {{{deploy}}}", *more, ""]
    return {**CLOCK, "docker-compose.yml": "\n".join(lines)}


WEB_TOO = ("  web:", "    build: .", "    entrypoint: /app/start.sh web")


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (swarm("replicas: 1"), 0),
        (swarm("replicas: 1") | script("./manage.py migrate", "exec celery -A shop beat"), 0),
        (swarm("replicas: 2"), 1),
        (swarm("mode: replicated"), 1),
        (swarm("replicas: 1", *WEB_TOO), 1),
        (swarm("replicas: 1") | script("./manage.py migrate", f"exec {WEB}"), 1),
    ],
)
def test_a_container_with_a_beat_of_which_there_is_one(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert len(found(make_project, RULE, files)) == count


MIGRATES = (
    "services:\n  web:\n    build: .\n    command: sh -c './manage.py migrate && exec gunicorn a'\n"
)


@pytest.mark.parametrize(
    ("other", "text", "expected"),
    [
        ("compose-small.yml", MIGRATES, ["compose.yml:4 compose-small.yml:4"]),
        (
            "compose-small.yml",
            MIGRATES.replace("gunicorn a", "gunicorn a -w 2"),
            ["compose.yml:4 compose-small.yml:4"],
        ),
        (
            "compose-small.yml",
            MIGRATES.replace("  web", "  api"),
            ["compose-small.yml:4", "compose.yml:4"],
        ),
        (
            "compose-small.yml",
            MIGRATES.replace("migrate ", "migrate_schemas "),
            ["compose-small.yml:4", "compose.yml:4"],
        ),
        ("small/compose.yml", MIGRATES, ["compose.yml:4", "small/compose.yml:4"]),
        ("compose-small.yml", MIGRATES.replace("migrate ", "check "), ["compose.yml:4"]),
    ],
)
def test_the_same_service_of_two_compose_files(
    make_project: Make, other: str, text: str, expected: list[str]
) -> None:
    findings = found(make_project, RULE, {"compose.yml": MIGRATES, other: text})
    assert [" ".join(map(str, (f.location, *f.related))) for f in findings] == expected


def taken(*services: tuple[str, str], package: str = "shop") -> str:
    """A compose file of services that take an image by its name, with their commands."""
    lines = ["services:"]
    for name, command in services:
        lines += [f"  {name}:", "    image: registry.example/web-$ARCH:1"]
        lines += [f"    environment: {{DJANGO_SETTINGS_MODULE: {package}.settings}}"]
        lines += [f"    command: {command}"] if command else []
    return "\n".join([*lines, ""])


STARTS = {**image(f"python manage.py migrate && exec {WEB}"), "shop/__init__.py": ""}
SERVES, WORKS = ("web", WEB), ("work", "celery -A shop worker")
BUILDS = "services:\n  web:\n    build: .\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"compose.yaml": taken(SERVES)}, 0),
        ({"web.compose.yaml": taken(SERVES), "work.compose.yaml": taken(WORKS)}, 0),
        ({"compose.yaml": taken(SERVES), "docker-compose.local.yml": BUILDS}, 0),
        ({}, 1),
        # One of them leaves it to the image.
        ({"compose.yaml": taken(SERVES, ("api", ""))}, 1),
        # The server is deployed by what is not seen.
        ({"compose.yaml": taken(WORKS)}, 1),
        ({"compose.yaml": taken(SERVES, package="other")}, 1),
        ({"compose.dev.yaml": taken(SERVES)}, 1),
        ({"compose.yaml": BUILDS, "compose.more.yaml": taken(SERVES)}, 1),
        ({"compose.yaml": taken(SERVES), **manifest()}, 1),
    ],
)
def test_services_that_all_say_what_an_image_starts(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    findings = found(make_project, RULE, {**STARTS, **files})
    assert len([each for each in findings if each.location.path == "Dockerfile"]) == count
