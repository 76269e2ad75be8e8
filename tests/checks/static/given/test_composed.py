"""A database that compose files tell all containers of is the one that the settings come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.static.given.environment import of_deployment
from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.scan import scan
from django_scaleready.checks.static.values.undecided import UNDECIDED, Undecided

HEAD = "import os\nINSTALLED_APPS = ['shop']\nROOT_URLCONF = 'urls'\nSECRET_KEY = os.environ['K']\n"
ENV = "import environ\nenv = environ.Env()\n"
SQLITE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db'}}\n"
POSTGRES = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}\n"
URL = "DATABASE_URL=postgres://shop:secret@db:5432/shop"


def service(*variables: str, command: str = "gunicorn shop.wsgi", name: str = "web") -> str:
    lines = "".join(f"      - {variable}\n" for variable in variables)
    given = f"    environment:\n{lines}" if lines else ""
    return f"  {name}:\n    image: shop\n    command: {command}\n{given}"


def compose(*services: str) -> str:
    return f"services:\n{''.join(services)}  db:\n    image: postgres:16\n"


def told(
    folder: Path, text: str, name: str = "docker-compose.yml", **more: str
) -> dict[str, object]:
    (folder / name).write_text(text)
    for other, content in more.items():
        (folder / other.replace("_", ".")).write_text(content)
    return dict(of_deployment(folder, [name], Deployment(folder)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (compose(service(URL)), {URL.partition("=")[0]: URL.partition("=")[2]}),
        (
            compose(service("DB_USER=shop", "DB_PASS=secret")),
            {"DB_USER": "shop", "DB_PASS": UNDECIDED},
        ),
        (compose(service("POSTGRES_DB=${NAME:-shop}")), {"POSTGRES_DB": "shop"}),
        (compose(service("DATABASE_URL=${DATABASE_URL}")), {"DATABASE_URL": UNDECIDED}),
        # A worker may do without.
        (
            compose(
                service("DB_HOST=db"), service(name="queue", command="celery -A shop worker")
            ),
            {"DB_HOST": "db"},
        ),
        # Another service of the file, whatever the variable is called; a broker anywhere.
        (compose(service("STATE=redis:6379")) + "  redis:\n    image: redis\n",
         {"STATE": "redis:6379"}),
        # What is switched on is that other service.
        (compose(service("USE_REDIS=1", "SHOP_REDIS=true")) + "  redis:\n    image: redis\n",
         {"USE_REDIS": "1", "SHOP_REDIS": "true"}),
        (compose(service("QUEUE=amqp://mq.example.com")), {"QUEUE": "amqp://mq.example.com"}),
        # Two servers, each of its own.
        (
            compose(service("DB_HOST=db"), service("DB_HOST=other", name="api")),
            {"DB_HOST": UNDECIDED},
        ),
    ],
)  # fmt: skip
def test_what_tells_of_a_server_is_set(
    tmp_path: Path, text: str, expected: dict[str, object]
) -> None:
    assert told(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docker-compose.dev.yml", compose(service(URL))),
        # One that serves has none; one has SQLite.
        ("docker-compose.yml", compose(service(URL), service(name="api"))),
        (
            "docker-compose.yml",
            compose(service("DB_TYPE=sqlite3"), service("DB_TYPE=postgres", name="api")),
        ),
        ("docker-compose.yml", compose(service("DB_HOST=", "DB_NAME=${NAME:-}"))),
        ("docker-compose.yml", compose(service(command="runserver"))),
        ("docker-compose.yml", compose(service(command="nginx"), service(URL, command="sh x"))),
        # Of that machine alone.
        ("docker-compose.yml", compose(service("HOST=shop.example.com", "LIMIT=5"))),
        ("docker-compose.yml", compose(service("SITE=https://shop.example.com"))),
        # Nothing of that name is beside, or it is off.
        ("docker-compose.yml", compose(service("USE_REDIS=1", "LIMIT=1", "EMAILS=on"))),
        (
            "docker-compose.yml",
            compose(service("USE_REDIS=0")) + "  redis:\n    image: redis\n",
        ),
        (
            "docker-compose.yml",
            compose(service("USE_REDIS=1"), service(name="api")) + "  redis:\n    image: redis\n",
        ),
        ("docker-compose.yml", compose(service("CACHE=locmem", "MEDIA=/data/media"))),
    ],
)
def test_what_is_of_one_machine_or_of_some_containers_is_not(
    tmp_path: Path, name: str, text: str
) -> None:
    assert told(tmp_path, text, name) == {}


LISTED = "    env_file: ['shop.env${SUFFIX:-}']\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("shop.env.production", "UPLOADS_BUCKET=shop\n", {"UPLOADS_BUCKET": "shop"}),
        ("shop.env.prod", "AWS_BUCKET_NAME=shop\n", {"AWS_BUCKET_NAME": "shop"}),
        ("shop.env.production", f"{URL}\n", {URL.partition("=")[0]: URL.partition("=")[2]}),
        ("shop.env.production", "UPLOADS_BUCKET=\n", {}),
        ("shop.env.production", "BUCKETS=9\nLIMIT=5\n", {}),
        ("shop.env.staging", "UPLOADS_BUCKET=shop\n", {}),
        ("shop.env.local", f"{URL}\n", {}),
        ("other.env.production", "UPLOADS_BUCKET=shop\n", {}),
    ],
)
def test_a_file_for_production_says_what_is_there(
    tmp_path: Path, name: str, text: str, expected: dict[str, object]
) -> None:
    assert told(tmp_path, compose(service() + LISTED), **{name.replace(".", "_"): text}) == expected


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("UPLOADS_BUCKET=shop", {"UPLOADS_BUCKET": "shop"}),
        ("UPLOADS_BUCKET=${UPLOADS_BUCKET}", {}),
        ("UPLOADS_BUCKET=", {}),
        ("BUCKET_LIMIT=5", {}),
    ],
)
def test_a_bucket_with_a_name_is_there(
    tmp_path: Path, variable: str, expected: dict[str, object]
) -> None:
    assert told(tmp_path, compose(service(variable))) == expected


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: web, image: shop, command: [gunicorn, shop.wsgi], env: [%s]}
"""


@pytest.mark.parametrize(
    ("variable", "known"),
    [
        ("{name: DATABASE_URL, value: 'mysql://db/shop'}", True),
        ("{name: DATABASE_URL, valueFrom: {secretKeyRef: {name: a, key: b}}}", True),
        ("{name: CACHE_URL, value: 'redis://redis'}", False),
    ],
)
def test_pods_that_lack_it_are_deployed_without(tmp_path: Path, variable: str, known: bool) -> None:
    found = told(tmp_path, compose(service(URL)), pod_yaml=POD % variable)
    assert ("DATABASE_URL" in found) == known


FOREIGN = POD.replace("image: shop, command: [gunicorn, shop.wsgi]", "image: ''")
CLOCK = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - {name: backup, image: postgres-backup, env: [%s]}
"""


@pytest.mark.parametrize(
    ("variable", "pod", "known"),
    [
        ("DB_SERVICE=postgresql", FOREIGN % "{name: DB_SERVICE, value: '${SERVICE}'}", True),
        ("DB_SERVICE=postgresql", FOREIGN % "{name: DB_NAME, value: shop}", False),
        ("DB_SERVICE=postgresql", CLOCK % "{name: DB_SERVICE, value: '${SERVICE}'}", False),
        ("DB_SERVICE=sqlite", FOREIGN % "{name: DB_SERVICE, value: '${SERVICE}'}", False),
        ("SERVICE=postgresql", FOREIGN % "{name: SERVICE, value: '${SERVICE}'}", False),
    ],
)
def test_pods_of_other_images_are_told_by_the_same_name(
    tmp_path: Path, variable: str, pod: str, known: bool
) -> None:
    # It is the project's, and what it starts besides is not read here.
    text = compose(service(variable, command="python manage.py migrate"))
    assert bool(told(tmp_path, text, pod_yaml=pod)) == known


ASKED = """\
def from_env(name, *, default=None):
    try:
        return os.environ[name]
    except KeyError:
        return default

if from_env("UPLOADS_BUCKET") is not None:
    X = "bucket"
else:
    X = "disk"
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"UPLOADS_BUCKET": "shop"}, "bucket"),
        ({}, "disk"),
        ({"UPLOADS": "shop"}, "disk"),
    ],
)
def test_a_variable_that_is_set_raises_no_error(
    tmp_path: Path, given: dict[str, str | Undecided], expected: str
) -> None:
    (tmp_path / "settings.py").write_text(HEAD + ASKED)
    reader = Reader(lambda *_: None, environment=given, root=tmp_path)
    assert reader.read(tmp_path / "settings.py").names["X"] == expected


BY_URL = "import dj_database_url\nfrom decouple import config\nDATABASES = {'default': %s}\n"
CAST = "config('DATABASE_URL', default='sqlite:///db', cast=dj_database_url.parse)"
CHOSEN = "if env('DATABASE_URL', default=None):\n    DATABASES = {'default': env.db()}\nelse:\n    "
DEFAULTS = [
    ENV + CHOSEN + SQLITE,
    ENV + "DATABASES = {'default': env.db('DATABASE_URL', default='sqlite:///db')}\n",
    BY_URL % "dj_database_url.config(default='sqlite:///db')",
    BY_URL % CAST,
    f"{SQLITE}if 'DATABASE_URL' in os.environ:\n    {POSTGRES}",
]


def slugs(folder: Path, settings: str, text: str) -> list[str]:
    (folder / "settings.py").write_text(HEAD + settings)
    (folder / "manage.py").write_text(
        "import os\nos.environ['DJANGO_SETTINGS_MODULE']='settings'\n"
    )
    (folder / "docker-compose.yml").write_text(text)
    return [each.rule.slug for each in scan(folder).found]


@pytest.mark.parametrize("settings", DEFAULTS)
def test_the_default_that_no_container_takes_is_nobodys(tmp_path: Path, settings: str) -> None:
    assert "db-sqlite" not in slugs(tmp_path, settings, compose(service(URL)))


@pytest.mark.parametrize("settings", DEFAULTS)
@pytest.mark.parametrize("variable", ["OTHER=postgres", "DATABASE_URL="])
def test_the_default_that_containers_take_is_judged(
    tmp_path: Path, settings: str, variable: str
) -> None:
    assert "db-sqlite" in slugs(tmp_path, settings, compose(service(variable)))


def test_sqlite_that_all_containers_are_told_of_is_what_runs(tmp_path: Path) -> None:
    url = "DATABASE_URL=sqlite:////data/shop.db"
    settings = ENV + "DATABASES = {'default': env.db(default='postgres://localhost/shop')}\n"
    assert "db-sqlite" in slugs(tmp_path, settings, compose(service(url)))


EXAMPLE = "FROM python\nCOPY . /app\nCOPY docker/settings.py /app/%s/\nCMD gunicorn conf.wsgi\n"


@pytest.mark.parametrize(("place", "expected"), [("conf", []), ("other", ["db-sqlite"])])
def test_an_example_in_whose_place_an_image_has_settings_is_nobodys(
    tmp_path: Path, place: str, expected: list[str]
) -> None:
    files = {
        "conf/base.py": HEAD,
        "conf/example_settings.py": f"from conf.base import *\n{SQLITE}",
        "docker/settings.py": f"from conf.base import *\n{POSTGRES}",
        "Dockerfile": EXAMPLE % place,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = [each.rule.slug for each in scan(tmp_path).found]
    assert [slug for slug in found if slug == "db-sqlite"] == expected
