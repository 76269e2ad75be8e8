"""volume-state: directories that stay on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.deploy_files import Make, compose, found, manifest, places

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.rules import file_write, media_local
from django_scaleready.checks.rules.volume_state import RULE

CLAIM = "volumes: [{name: media, persistentVolumeClaim: {claimName: media}}]"
MOUNT = (
    "command: [gunicorn, shop.wsgi]",
    "volumeMounts:",
    "  - name: media",
    "    mountPath: /app/media",
)


# What the settings name.
PATHS = {
    "DATA_DIRS": ["/var/lib/shop/index", "/usr/src/data", "/app/data/index"],
    "UPLOADS": {"pictures": "/app/media/pictures", "all": "/app/up", "old": "/app/uploads/old"},
    "DATABASES": {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/app/db.sqlite3"},
    },
}


def claim(mode: str) -> dict[str, str]:
    head = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: media}\n"
    return {"k8s/claim.yaml": f"{head}spec: {{accessModes: [{mode}]}}\n"}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (compose("    volumes:", "      - media:/app/media"), "docker-compose.yml:6"),
        (compose("    volumes: ['./data:/var/lib/shop']"), "docker-compose.yml:5"),
        (compose("    volumes: ['$PWD/data:/var/lib/shop']"), "docker-compose.yml:5"),
        (compose("    volumes: ['data:/usr/src/data']"), "docker-compose.yml:5"),
        (compose("    volumes: ['.:/app', './data:/app/data']"), "docker-compose.yml:5"),
        (compose("    volumes:", "      - ${DATA:-./data}:/app/data"), "docker-compose.yml:6"),
        (
            compose("    volumes: ['media:/app/media']", name="docker/extra.override.yml"),
            "docker/extra.override.yml:5",
        ),
        (
            compose(
                "    volumes:",
                "      - type: volume",
                "        source: up",
                "        target: /app/up",
            ),
            "docker-compose.yml:6",
        ),
        ({**manifest(*MOUNT, pod=CLAIM), **claim("ReadWriteOnce")}, "k8s/web.yaml:13"),
        (
            {
                "Dockerfile": 'FROM python\nVOLUME /app/uploads\nCMD ["gunicorn", "shop.wsgi"]\n',
            },
            "Dockerfile:2",
        ),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files, **PATHS)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


def test_one_finding_for_a_directory_of_several_services(make_project: Make) -> None:
    worker = ("  worker:", "    image: shop", "    command: celery -A shop worker")
    volumes = ("    volumes:", "      - media:/app/media")
    (finding,) = found(make_project, RULE, compose(*volumes, *worker, *volumes))
    assert finding.location.line == 6
    assert [place.line for place in finding.related] == [11]


def test_a_volume_with_a_dollar_in_its_name(make_project: Make) -> None:
    (finding,) = found(make_project, RULE, compose("    volumes: ['$$app-data:/srv/data']"))
    assert "/srv/data in the volume $app-data" in finding.message


def test_an_image_that_bears_the_projects_name(make_project: Make) -> None:
    text = "services:\n  app:\n    image: shop/shop:latest\n    volumes: ['./data:/data']\n"
    files = {"compose.yaml": text, "pyproject.toml": '[project]\nname = "shop"\n'}
    assert places(found(make_project, RULE, files)) == ["compose.yaml:4"]


@pytest.mark.parametrize(
    "files",
    [
        compose("    volumes:", "      - media:/app/media:ro"),
        compose("    volumes:", "      - static:/app/static"),
        compose("    volumes:", "      - temp:/var/lib/nginx"),
        compose("    volumes:", "      - images:/home/app/.local/share/containers"),
        compose("    volumes:", "      - ./nginx.conf:/etc/nginx/nginx.conf"),
        compose("    volumes:", "      - .:/app"),
        compose("    volumes:", "      - ${PWD}:/app"),
        compose("    volumes:", "      - shop_code:/code"),
        compose("    build: ./db", "    volumes: ['data:/var/lib/postgresql/data']"),
        compose("    volumes:", "      - /srv/shop.env:/etc/shop"),
        compose("    volumes:", "      - ./env.live:/opt/shop/.env"),
        compose("    volumes:", "      - /var/run/docker.sock:/var/run/docker.sock"),
        compose("    volumes:", "      - /app/node_modules"),
        compose("    volumes:", "      - {type: tmpfs, target: /app/data}"),
        compose(
            "  db:", "    image: postgres:17", "    volumes: ['data:/var/lib/postgresql/data']"
        ),
        compose(
            "  s3:",
            "    image: minio/minio",
            "    command: server /data",
            "    volumes: ['s3:/data']",
        ),
        compose(
            *(
                "    volumes: ['media:/app/media']",
                "volumes:",
                "  media:",
                "    driver_opts: {type: nfs}",
            ),
        ),
        compose("    volumes: ['media:/app/media']", name="docker-compose.override.yml"),
        compose("    volumes: ['media:/app/media']", name="compose.override.dev.yml"),
        {**manifest(*MOUNT, pod=CLAIM), **claim("ReadWriteMany")},
        compose("    build: {dockerfile: docker/Dockerfile.dev}", "    volumes: ['d:/data']"),
        {"shop/a.py": "", **compose("    volumes:", "      - ./shop:/app/shop")},
        compose("    volumes: ['py:/usr/local/lib/python3.13', 'bin:/usr/local/bin']"),
        compose("    volumes: ['bower:/app/bower_components', 'requirements:/app/vendored']"),
        compose("    volumes: ['.:/app', 'vendored-exclusion:/app/src/vendored']"),
        compose(
            "    volumes: ['.:/app']",
            "  find:",
            "    build: ./finder",
            "    command: celery -A finder worker",
            "    volumes: ['./finder:/app']",
        ),
        compose(
            "    command: gunicorn -b unix:/front/app.socket shop.wsgi",
            "    volumes: ['front:/front']",
        ),
        compose("    volumes: ['./.env:/app/.env', './.env.prod:/app/.env.prod']"),
        compose("    volumes: ['./coverage:/app/coverage']"),
        compose("    env_file: .env.dev", "    volumes: ['media:/app/media']"),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    ("more", "media", "count"),
    [("", "media", 1), ("", "", 0), ("    build: .\n", "media", 0)],
)
def test_a_checkout_over_an_image_made_elsewhere_holds_the_uploads(
    make_project: Make, tmp_path: Path, more: str, media: str, count: int
) -> None:
    files = compose(f"{more}    volumes: ['./:/app']")
    root = str(tmp_path / media) if media else ""
    assert len(found(make_project, RULE, files, MEDIA_ROOT=root)) == count


@pytest.mark.parametrize(
    ("copied", "mounted", "count"),
    [
        ("COPY . /app", ".:/app", 0),
        ("COPY ./django/ /app/", "./django:/app", 0),
        ("COPY . .", ".:/app", 0),
        ("COPY shop /app", ".:/app", 1),
        ("COPY . /app", ".:/work", 1),
        ("COPY . /app", "./conf:/app", 1),
    ],
)
def test_code_mounted_over_that_of_an_image_is_of_somebody_who_edits_it(
    make_project: Make, copied: str, mounted: str, count: int
) -> None:
    files = {
        "Dockerfile": f"FROM python\n{copied}\n",
        "conf/a": "",
        **compose("    build: .", f"    volumes: ['{mounted}', 'media:/app/media']"),
    }
    assert len(found(make_project, RULE, files)) == count


def test_what_the_kubelet_keeps_on_its_machine_is_silent(make_project: Make) -> None:
    pod = "volumes: [{name: plugins, hostPath: {path: /var/lib/kubelet/device-plugins}}]"
    mount = "volumeMounts: [{name: plugins, mountPath: /var/lib/kubelet/device-plugins}]"
    files = manifest("command: [gunicorn, shop.wsgi]", mount, pod=pod, kind="DaemonSet")
    assert found(make_project, RULE, files) == []


BEAT = "celery -A shop worker --beat --schedule /data/schedule"
SQLITE_AT = "DATABASE_URL=sqlite:////data/db.sqlite3"


@pytest.mark.parametrize(
    ("command", "variable", "count"),
    [
        ("gunicorn shop.wsgi", "", 1),
        (BEAT, "", 0),
        ("celery -A shop beat -s /data/schedule", "", 0),
        (f"sh -c 'chown shop /data && {BEAT}'", "", 0),
        (f"sh -c 'chown shop /data && {BEAT}'", "REPORTS=/data/reports", 1),
        (BEAT, SQLITE_AT, 0),
        ("gunicorn shop.wsgi", SQLITE_AT, 0),
        ("gunicorn --worker-tmp-dir /data/tmp shop.wsgi", SQLITE_AT, 1),
        ("gunicorn shop.wsgi", "REPORTS=/data/reports", 1),
        ("celery -A shop worker --pidfile /data/pid", "", 1),
    ],
)
def test_what_other_rules_speak_of_is_left_to_them(
    make_project: Make, command: str, variable: str, count: int
) -> None:
    given = [f"    environment: ['{variable}']"] if variable else []
    files = compose(f'    command: "{command}"', *given, "    volumes: ['data:/data']")
    databases = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "/data/db.sqlite3" if variable == SQLITE_AT else "/srv/db.sqlite3",
        }
    }
    findings = found(make_project, RULE, files, DATABASES=databases)
    assert len([each for each in findings if each.severity is Severity.WARNING]) == (
        count if command != "gunicorn shop.wsgi" or variable else 0
    )


def test_another_database_in_a_volume_is_not_sqlites(make_project: Make) -> None:
    files = compose("    environment: ['DB_DIR=/data/db']", "    volumes: ['data:/data']")
    databases = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
    assert len(found(make_project, RULE, files, DATABASES=databases)) == 1


@pytest.mark.parametrize(
    ("serving", "severity"), [("", Severity.INFO), ("/app/media", Severity.WARNING)]
)
def test_what_only_an_init_container_mounts_is_information(
    make_project: Make, serving: str, severity: Severity
) -> None:
    pod = "volumes: [{name: media, hostPath: {path: /srv/media}}]"
    own = f"volumeMounts: [{{name: media, mountPath: {serving}}}]" if serving else "tty: false"
    files = manifest("command: [gunicorn, shop.wsgi]", own, pod=pod)
    (name, text), *_ = files.items()
    init = (
        "      initContainers:\n        - name: init\n          image: registry.example/shop:1\n"
        "          command: [python, manage.py, migrate]\n"
        "          volumeMounts: [{name: media, mountPath: /app/media}]\n"
    )
    findings = found(make_project, RULE, {name: text + init}, **PATHS)
    assert [each.severity for each in findings] == [severity]


def test_a_declared_shared_path_is_silent(make_project: Make) -> None:
    files = compose("    volumes:", "      - media:/app/media")
    assert found(make_project, RULE, files, SCALEREADY={"SHARED_PATHS": ["/app/media"]}) == []


@pytest.mark.parametrize(
    ("composed", "findings"), [("prod", []), ("small", ["docker/Dockerfile:2"])]
)
def test_a_service_has_the_image_that_is_called_like_its_file(
    make_project: Make, composed: str, findings: list[str]
) -> None:
    service = "image: shop/shop:web\n    command: gunicorn shop.wsgi"
    files = {
        "docker/Dockerfile": "FROM python\nVOLUME /app/uploads\n",
        "docker/Dockerfile.prod": "FROM python\n",
        f"docker/docker-compose.{composed}.yml": f"services:\n  web:\n    {service}\n",
    }
    assert places(found(make_project, RULE, files, **PATHS)) == findings


def test_a_volume_of_the_image_and_of_the_service_are_one(make_project: Make) -> None:
    files = {
        "Dockerfile": 'FROM python\nVOLUME "/app/uploads"\nCMD ["gunicorn", "shop.wsgi"]\n',
        "compose.yml": "services:\n  web:\n    build: .\n    volumes: [up:/app/uploads]\n",
    }
    (finding,) = found(make_project, RULE, files)
    assert len(finding.related) == 1


def test_a_volume_that_two_services_mount_is_one(make_project: Make) -> None:
    services = compose(
        "    volumes: ['media:/app/media']",
        "  nginx:",
        "    build: ./front",
        "    command: gunicorn shop.front",
        "    volumes: ['media:/media']",
    )
    (finding,) = found(make_project, RULE, services)
    assert len(finding.related) == 1


def test_a_database_whose_image_is_built_here_keeps_its_volume(make_project: Make) -> None:
    files = {
        "clickhouse/Dockerfile": "ARG BASE\nFROM ${BASE}\n",
        "compose.yml": "services:\n  clickhouse:\n    build: ./clickhouse\n"
        "    volumes: [ch:/var/lib/clickhouse]\n",
    }
    assert found(make_project, RULE, files) == []


IMAGE = "FROM python\nWORKDIR /app\nCOPY . .\n"
BELOW = "from pathlib import Path\nMEDIA_ROOT = str(Path(__file__).parent / 'media')\n"
BESIDE = "from pathlib import Path\nMEDIA_ROOT = str(Path(__file__).parent)\n"
USE = "from django.core.files.storage import default_storage\ndefault_storage.save('x', None)\n"
FIELD = (
    "from django.db import models\n"
    "class Order(models.Model):\n  scan = models.FileField(upload_to='scans/%Y/')\n"
)


def uploads(
    volume: str, image: str = IMAGE, settings: str = BELOW, code: str = USE
) -> dict[str, str]:
    files = {"settings.py": settings, "shop/models.py": code, "Dockerfile": image}
    built = ["    build: ."] if image else []
    return {**files, **compose(*built, f"    volumes: ['{volume}']")}


def told(path: str, volume: str = "media:/uploads", **more: str) -> dict[str, str]:
    """The settings take the folder of the uploads from a variable, which the service is given."""
    files = uploads(
        volume, settings="import os\nMEDIA_ROOT = os.environ.get('SHOP_MEDIA_ROOT', '')\n"
    )
    files["docker-compose.yml"] += f"    environment: {{SHOP_MEDIA_ROOT: {path}}}\n"
    return {**files, **more}


HOME = "FROM python\nARG APP_HOME={}\nWORKDIR ${{APP_HOME}}\nCOPY . ${{APP_HOME}}\n"
S3 = "STORAGES = {'default': {'BACKEND': 'storages.backends.s3.S3Storage'}}\n"


@pytest.mark.parametrize(
    "files",
    [
        uploads("media:/app/media"),
        uploads("media:/app/media/private/"),
        uploads("media:/srv/app/media", HOME.format("/srv/app")),
        uploads("media:/app/media", "FROM python AS base\nWORKDIR /app\nCOPY . .\nFROM base\n"),
        uploads("media:/code/media", "FROM python\nADD --chown=1:1 settings.py . /code/\n"),
        uploads("media:/app/media", "FROM python\nWORKDIR /app\nRUN tar -xzf shop.tgz\n"),
        uploads("media:/data/media", "", "MEDIA_ROOT = '/data/media'\n"),
        uploads("media:/app/scans", settings=BESIDE, code=FIELD + USE),
        told("/uploads"),
        told("/uploads/", "media:/uploads/private"),
        {
            **uploads("media:/app/media"),
            "Dockerfile": f'{IMAGE}VOLUME /app/media\nCMD ["gunicorn", "shop.wsgi"]\n',
        },
    ],
)
def test_what_holds_the_uploads_is_told_with_their_storage(
    make_project: Make, files: dict[str, str]
) -> None:
    project = make_project(files)
    assert list(RULE.find(project)) == []
    (finding,) = media_local.RULE.find(project)
    assert project.deploy.processes[0].volumes[0].location in finding.related


@pytest.mark.parametrize(
    "files",
    [
        # Nobody stores uploads, or they are elsewhere.
        uploads("media:/app/media", code=""),
        uploads("media:/app/media", settings=BELOW + S3),
        uploads("media:/app/data"),
        uploads("media:/app/mediabank"),
        uploads("shop:/app"),
        # Where the image works, nothing here says.
        uploads("media:/app/media", "FROM python\nCOPY . .\n"),
        uploads("media:/app/media", HOME.format("")),
        uploads("media:/app/media", "FROM python\nWORKDIR /shop\nRUN tar -xzf shop.tgz\n"),
        uploads("media:/app/media", "FROM python\nWORKDIR /app\nCOPY . /shop\n"),
        uploads("media:/app/media", "FROM python\nCOPY conf /app\n"),
        # What lies beside the code is anything.
        told("/uploads", "media:/data", **{"shop/a.py": "open('/data/a', 'w')\n"}),
        told("/uploads/media"),
        told("uploads"),
        uploads("media:/app/lists", settings=BESIDE, code=FIELD + USE),
        uploads("media:/app/scans", settings=BESIDE),
    ],
)
def test_what_may_hold_more_than_uploads_is_a_finding(
    make_project: Make, files: dict[str, str]
) -> None:
    project = make_project(files)
    (finding,) = RULE.find(project)
    told = [place for each in media_local.RULE.find(project) for place in each.related]
    assert finding.location not in told


def test_the_volume_of_uploads_is_one_wherever_it_is_mounted(make_project: Make) -> None:
    files = uploads("media:/app/media")
    files["docker-compose.yml"] += (
        "  worker:\n    image: shop-worker\n    command: celery -A shop worker\n"
        "    volumes: ['media:/media']\n"
    )
    project = make_project(files)
    assert list(RULE.find(project)) == []
    (finding,) = media_local.RULE.find(project)
    lines = [p.line for p in finding.related if p.path == "docker-compose.yml"]
    assert lines == [6, 10]


DATA = "    volumes: ['data:/data']"
VOLUME = 'FROM python\nVOLUME /data\nCMD ["gunicorn", "shop.wsgi"]\n'
WRITES = "def view(request):\n    open('/data/seen', 'w').write('x')\n"
BY_HAND = "def handle(**options):\n    open('/data/seen', 'w').write('x')\n"
BESIDE_CODE = (
    "from pathlib import Path\ndef view(request):\n"
    "    (Path(__file__).parent / 'data' / 'seen').write_text('x')\n"
)


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (compose(DATA), {"INDEX": "/data/index"}),
        (compose(DATA), {"INDEX": Path("/data")}),
        (compose("    volumes: ['data:/data/index']"), {"INDEX": "/data"}),
        (compose(DATA), {"LOGS": {"file": {"filename": "/data/web.log"}}}),
        (compose(DATA, "    environment: {SHOP_DATA: /data}"), {}),
        ({**compose(DATA), "shop/views.py": WRITES}, {}),
        ({**compose(DATA), "shop/views.py": BESIDE_CODE}, {}),
        ({"Dockerfile": VOLUME}, {"INDEX": "/data/index"}),
        ({"Dockerfile": VOLUME.replace("VOLUME", "ENV INDEX=/data/index\nVOLUME")}, {}),
    ],
)
def test_something_says_what_is_kept(
    make_project: Make, files: dict[str, str], settings: dict[str, Any]
) -> None:
    (finding,) = found(make_project, RULE, files, **settings)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (compose(DATA), {}),
        (compose(DATA), {"INDEX": "/srv/data"}),
        (compose(DATA), {"INDEX": "/database"}),
        (compose(DATA), {"DATA_URL": "/data/"}),
        (compose(DATA), {"STATIC_ROOT": "/data/static"}),
        (compose(DATA), {"MEDIA_ROOT": "/data"}),
        (compose(DATA), {"INDEX": "https://files.example/data/"}),
        (compose(DATA, "    environment: {HOME: /data}"), {}),
        (compose(DATA, "    environment: {DATA_URL: 'https://x.example/data'}"), {}),
        ({**compose(DATA), "shop/management/commands/dump.py": BY_HAND}, {}),
        ({**compose(DATA), "shop/views.py": WRITES.replace("'w'", "'r'")}, {}),
    ],
)
def test_nothing_says_what_is_kept(
    make_project: Make, files: dict[str, str], settings: dict[str, Any]
) -> None:
    (finding,) = found(make_project, RULE, files, **settings)
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.LOW)


@pytest.mark.parametrize("more", ["", "ENV HOME=/data\n"])
def test_a_volume_of_the_image_that_nobody_names_is_silent(make_project: Make, more: str) -> None:
    files = {"Dockerfile": VOLUME.replace("VOLUME", f"{more}VOLUME")}
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    ("image", "keys", "count"),
    [
        ("rustfs/rustfs:1", "BLOB_SECRET_KEY: b", 0),
        ("blobs/store", "BLOB_ACCESS_KEY: a, BLOB_SECRET_KEY: b", 0),
        ("blobs/store", "BLOB_SECRET_KEY: b", 1),
        ("blobs/store", "SECRET_KEY: b", 1),
    ],
)
def test_an_object_store_is_not_the_projects(
    make_project: Make, image: str, keys: str, count: int
) -> None:
    text = f"services:\n  blobs:\n    image: {image}\n    environment: {{{keys}}}\n{DATA}\n"
    assert len(found(make_project, RULE, {"compose.yml": text})) == count


WRITES = "from django.conf import settings\ndef f(n): open(settings.REPORTS_DIR + n, 'w')\n"
READS = WRITES.replace("'w'", "'r'")


@pytest.mark.parametrize(
    ("code", "more", "environment"),
    [
        (WRITES, {}, ""),
        (WRITES, {"LANGUAGES_DIR": "/app/lists"}, ""),
        (WRITES, {}, "    environment: {REPORTS_DIR: /app/reports}"),
    ],
)
def test_what_code_writes_there_alone_is_told_with_that(
    make_project: Make, code: str, more: dict[str, str], environment: str
) -> None:
    lines = [environment] if environment else []
    files = {"shop/a.py": code, **compose(*lines, "    volumes: ['reports:/app/reports']")}
    given = {"INSTALLED_APPS": [], "REPORTS_DIR": "/app/reports", **more}
    project = make_project(files, **given)
    assert list(RULE.find(project)) == []
    (finding,) = file_write.RULE.find(project)
    assert project.deploy.processes[0].volumes[0].location in finding.related


LISTED = "    env_file: [shop.env]"


@pytest.mark.parametrize(
    ("listed", "env", "inside"),
    [
        (LISTED, "REPORTS_DIR=/app/reports/\n", True),
        ("    env_file: shop.env", "# Shop\nexport REPORTS_DIR='/app/reports'\n", True),
        ("    env_file: [{path: shop.env}]", "REPORTS_DIR=/app/reports\n", True),
        (LISTED, "REPORTS_DIR=/app/other\n", False),
        (LISTED, "# REPORTS_DIR=/app/reports\n", False),
        ("    env_file: [../shop.env]", "REPORTS_DIR=/app/reports\n", False),
        ("    env_file: [missing.env]", "REPORTS_DIR=/app/reports\n", False),
        # What the file itself says counts more.
        (
            f"{LISTED}\n    environment: {{REPORTS_DIR: /app/x}}",
            "REPORTS_DIR=/app/reports\n",
            False,
        ),
    ],
)
def test_what_a_file_of_variables_names(
    make_project: Make, listed: str, env: str, inside: bool
) -> None:
    mounted = compose(listed, "    volumes: ['reports:/app/reports']")
    files = {"shop/a.py": WRITES, "shop.env": env, **mounted}
    # As the settings have it where nothing is set.
    project = make_project(files, INSTALLED_APPS=[], REPORTS_DIR="var")
    told = [finding.severity for finding in RULE.find(project)]
    assert told == ([] if inside else [Severity.INFO])
    (finding,) = file_write.RULE.find(project)
    assert (project.deploy.processes[0].volumes[0].location in finding.related) is inside


def test_a_file_of_variables_that_names_something_else_there(make_project: Make) -> None:
    env = "REPORTS_DIR=/app/data/reports\nINDEX_DIR=/app/data/index\n"
    files = {
        "shop/a.py": WRITES,
        "shop.env": env,
        **compose(LISTED, "    volumes: ['d:/app/data']"),
    }
    project = make_project(files, INSTALLED_APPS=[], REPORTS_DIR="var")
    assert [finding.severity for finding in RULE.find(project)] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("code", "more", "environment"),
    [
        # Nobody speaks of it, or it holds something else, too.
        (READS, {}, ""),
        (WRITES, {"LISTS_DIR": "/app/reports/lists"}, ""),
        (WRITES, {"LISTS_DIR": "/app/reports"}, ""),
        (WRITES, {}, "    environment: {LISTS_DIR: /app/reports/lists}"),
        (WRITES + "def g(n): open(f'/app/reports/{n}', 'a')\n", {}, ""),
    ],
)
def test_what_holds_more_than_code_writes_there_is_a_finding(
    make_project: Make, code: str, more: dict[str, str], environment: str
) -> None:
    lines = [environment] if environment else []
    files = {"shop/a.py": code, **compose(*lines, "    volumes: ['reports:/app/reports']")}
    given = {"INSTALLED_APPS": [], "REPORTS_DIR": "/app/reports", **more}
    assert len(found(make_project, RULE, files, **given)) == 1


ARCHIVE = "from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n"
ARCHIVES = {
    "shop/management/commands/archive.py": ARCHIVE + "  def handle(self, **options):\n"
    "    open('/app/backup/' + self.day, 'w').write(self.rows)\n",
}
NIGHTLY = {"crontab": "0 3 * * * root python manage.py archive\n"}
TASK = {
    "shop/tasks.py": "from celery import shared_task\n@shared_task\ndef archive(day):\n"
    "  open('/app/backup/' + day, 'w').write(rows(day))\n",
}


def backed_up(volume: str, *more: str) -> dict[str, str]:
    return compose("    volumes:", f"      - {volume}", *more)


READS = TASK["shop/tasks.py"].replace(", 'w').write(rows(day))", ").read()")
COPIES = backed_up("/srv/backup:/app/backup")
DUMPS = ("  db:", "    image: postgres", "    volumes:", "      - /srv/backup:/app/backup")


@pytest.mark.parametrize(
    "files",
    [
        {**COPIES, **ARCHIVES, **NIGHTLY},
        {**COPIES, **TASK},
        {**backed_up("backups:/app/backup"), **TASK},
        {**backed_up("/mnt/backup/shop:/app"), **TASK},
    ],
)
def test_backups_that_code_writes(make_project: Make, files: dict[str, str]) -> None:
    (finding,) = found(make_project, RULE, files, **PATHS)
    assert str(finding.location) == "docker-compose.yml:6"
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        COPIES,
        {**COPIES, **ARCHIVES},
        {**COPIES, "shop/tasks.py": READS},
        {**backed_up("/srv/backup:/backup"), **TASK},
        {**backed_up("/srv/backup:/app/backup:ro"), **TASK},
        {**compose(*DUMPS), **TASK},
        {**COPIES, "shop/tasks.py": "PATH = '/app/backup'\n"},
    ],
)
def test_backups_that_somebody_makes(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files, **PATHS) == []


def unit(options: str, image: str) -> dict[str, str]:
    """A unit that runs a container, over two lines."""
    line = f"ExecStart=/usr/bin/docker run --rm --name web \\\n    {options} \\\n    {image}\n"
    return {"deploy/web.service": f"[Service]\n{line}", "shop/settings.py": ""}


@pytest.mark.parametrize(
    ("options", "image"),
    [
        ("-v /srv/data:/usr/src/data", "shop:2"),
        ("-it --volume=/srv/data:/usr/src/data:rw -p 80:80", "hub.shop.com/us/shop gunicorn a"),
        ("-e SHOP_DATA=/srv -v {{ folder }}:/usr/src/data", "{{ more }} shop:{{ tag }}"),
        ("-e DATA_DIR=/data -v data:/data", "shop"),
    ],
)
def test_a_container_that_a_unit_runs(make_project: Make, options: str, image: str) -> None:
    (finding,) = found(make_project, RULE, unit(options, image), **PATHS)
    assert str(finding.location) == "deploy/web.service:3"
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("options", "image"),
    [
        # Another's image.
        ("-v /srv/data:/usr/src/data", "postgres:17"),
        ("-v /srv/data:/usr/src/data", "us/ledger:2"),
        ("-v /srv/data:/usr/src/data --name shop", "us/ledger:2"),
        ("-v /srv/data:/usr/src/data --entrypoint shop", "us/ledger shop"),
        ("-v /srv/data:/usr/src/data", "{{ image }}"),
        ("-v /srv/data:/usr/src/data", ""),
        # Nothing that is kept on the machine.
        ("-v /srv/data:/usr/src/data:ro", "shop:2"),
        ("-v /usr/src/data", "shop:2"),
        ("-v /etc/ssl/certs:/certs", "shop:2"),
        ("--rm", "shop -v /srv/data:/usr/src/data"),
    ],
)
def test_a_container_that_keeps_nothing_of_ours(
    make_project: Make, options: str, image: str
) -> None:
    assert found(make_project, RULE, unit(options, image), **PATHS) == []


@pytest.mark.parametrize(
    ("held", "count"),
    [
        ({}, 1),
        ({"data/.gitkeep": ""}, 1),
        ({"data/reports/.gitkeep": "", "data/log/.gitignore": "*"}, 1),
        ({"data/.cache/a": ""}, 1),
        ({"data/reports/readme.txt": "a"}, 0),
        ({"data/rates.csv": "a"}, 0),
        ({"data": "a"}, 0),
    ],
)
def test_a_folder_that_is_there_to_be_filled_is_no_code(
    make_project: Make, held: dict[str, str], count: int
) -> None:
    files = compose("    volumes: ['./data:/var/lib/shop']")
    assert len(found(make_project, RULE, {**files, **held}, **PATHS)) == count
