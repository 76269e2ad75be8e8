"""Variables that deploy files set are known where settings ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found as found_in
from support.scans import places

from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.static.given.environment import of_deployment
from django_scaleready.checks.static.scan import scan
from django_scaleready.checks.static.values.undecided import UNDECIDED

SETTINGS = """\
import os
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "urls"
DEBUG = True
if os.environ.get("SHOP_ENV") == "Production":
    DEBUG = False
"""


def compose(*services: str) -> str:
    return "services:\n" + "".join(
        f"  s{n}:\n    {service.replace(chr(10), chr(10) + '    ')}\n"
        for n, service in enumerate(services)
    )


def web(*variables: str, image: str = "image: shop") -> str:
    lines = "".join(f"\n  - {variable}" for variable in variables)
    return f"{image}\nenvironment:{lines}"


def found(folder: Path, name: str, text: str) -> dict[str, str]:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return of_deployment(folder, [name])


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ((web("SHOP_ENV=Production"),), {"SHOP_ENV": "Production"}),
        ((web("SHOP_ENV=prod"), web("SHOP_ENV=prod")), {"SHOP_ENV": "prod"}),
        ((web("SHOP_ENV=prod"), "image: redis"), {"SHOP_ENV": "prod"}),
        ((web("DJANGO_DEBUG=False"),), {"DJANGO_DEBUG": "False"}),
        ((web("PRODUCTION=1"),), {"PRODUCTION": "1"}),
        ((web("SHOP_ASYNC=True"),), {"SHOP_ASYNC": "True"}),
        ((web("CELERY_TASK_ALWAYS_EAGER=no"),), {"CELERY_TASK_ALWAYS_EAGER": "no"}),
        ((web("SHOP_ENV=prod", image="build: ."),), {"SHOP_ENV": "prod"}),
    ],
)
def test_the_mode_of_a_deployment_is_known(
    tmp_path: Path, services: tuple[str, ...], expected: dict[str, str]
) -> None:
    assert found(tmp_path, "docker-compose.yml", compose(*services)) == expected


@pytest.mark.parametrize(
    "services",
    [
        (web("SHOP_ENV=development"),),
        (web("SHOP_ENV=prod"), web("SHOP_ENV=live")),
        (web("SHOP_ENV=prod"), web("OTHER=1")),
        (web("DJANGO_DEBUG=True"),),
        (web("PRODUCTION=0"),),
        (web("SHOP_ASYNC=False"),),
        (web("SHOP_ASYNC_MAILS=True"),),
        (web("CELERY_TASK_ALWAYS_EAGER=1"),),
        (web("PRODUCTION_HOST=1"),),
        (web("CACHE_URL=redis://redis"),),
        (web("SHOP_DATABASE=postgres"),),
        (web("SECRET_ENV=s3:cret/it"),),
        (web("SHOP_ENV=$SHOP_ENV"),),
        ("image: shop",),
    ],
)
def test_what_is_of_one_machine_or_not_alike_is_not(
    tmp_path: Path, services: tuple[str, ...]
) -> None:
    assert found(tmp_path, "docker-compose.yml", compose(*services)) == {}


NAMED = "image: shop\nenv_file:\n  - shop.env"


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("SHOP_ASYNC=True\n", NAMED),
        ("# The workers\nexport SHOP_ASYNC='True'  # not inline\n", NAMED),
        ("SHOP_ASYNC=True # not inline\n", "image: shop\nenv_file: ./shop.env"),
        ("SHOP_ASYNC=True", "image: shop\nenv_file:\n  - path: shop.env\n    required: true"),
        ("SHOP_ASYNC=False\n", NAMED + "\nenvironment:\n  SHOP_ASYNC: 'True'"),
    ],
)
def test_what_a_file_of_variables_gives_all_services_is_known(
    tmp_path: Path, text: str, service: str
) -> None:
    (tmp_path / "shop.env").write_text(text)
    given = found(tmp_path, "docker-compose.yml", compose(service, service))
    assert given == {"SHOP_ASYNC": "True"}


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("SHOP_ASYNC=True\n", (NAMED, "image: shop")),
        ("SHOP_ASYNC=$ASYNC\n", (NAMED,)),
        ("#SHOP_ASYNC=True\n", (NAMED,)),
        ("SHOP_ASYNC=True\n", (NAMED.replace("shop.env", "../shop.env"),)),
        ("SHOP_ASYNC=True\n", (NAMED.replace("shop.env", "other.env"),)),
        ("SHOP_ASYNC=True\n", (NAMED + "\nenvironment:\n  SHOP_ASYNC: 'False'",)),
    ],
)
def test_what_such_a_file_does_not_say_is_not(
    tmp_path: Path, text: str, services: tuple[str, ...]
) -> None:
    (tmp_path / "shop.env").write_text(text)
    assert found(tmp_path, "docker-compose.yml", compose(*services)) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docker-compose.dev.yml", compose(web("SHOP_ENV=prod"))),
        ("docker-compose.yml", "services: ["),
        ("values.yaml", compose(web("SHOP_ENV=prod"))),
    ],
)
def test_only_compose_files_that_are_deployed_are_read(
    tmp_path: Path, name: str, text: str
) -> None:
    assert found(tmp_path, name, text) == {}


@pytest.mark.parametrize(("mode", "findings"), [("Production", 0), ("Stage", 1)])
def test_settings_of_that_mode_are_judged(tmp_path: Path, mode: str, findings: int) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "docker-compose.yml").write_text(compose(web(f"SHOP_ENV={mode}")))
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "debug"]) == findings


def pod(*variables: str, image: str = "shop", name: str = "web") -> str:
    env = "".join(
        f"\n        - {{name: {n}, value: '{v}'}}"
        for n, _, v in (e.partition("=") for e in variables)
    )
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n"
        f"    spec:\n      containers:\n      - name: {name}\n        image: {image}\n"
        f"        command: [gunicorn, shop.wsgi]\n        env:{env}\n---\n"
    )


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        (pod("S3_ENABLED=true"), {"S3_ENABLED": "true"}),
        (pod("S3_ENABLED=true") + pod("S3_ENABLED=true", name="b"), {"S3_ENABLED": "true"}),
        (pod("SHOP_ENV=live"), {"SHOP_ENV": "live"}),
        (pod("S3_ENABLED=true") + pod("S3_ENABLED=false", name="b"), {}),
        (pod("S3_ENABLED=true") + pod("OTHER=1", name="b"), {}),
        (pod("SHOP_ENV=staging"), {}),
        (pod("API_TOKEN=abc", "CACHE=redis://redis/0", "DJANGO_DEBUG=true"), {}),
    ],
)
def test_what_all_pods_have_is_known(tmp_path: Path, pods: str, expected: dict[str, str]) -> None:
    (tmp_path / "deploy.yaml").write_text(pods)
    assert of_deployment(tmp_path, ["deploy.yaml"], Deployment(tmp_path)) == expected


def asked(kind: str, more: str = "", name: str = "QUEUE_URL") -> str:
    """A pod with a variable from another object."""
    source = f"{{{kind}: {{name: queue, key: url{more}}}}}"
    return pod("A=1").replace(
        "\n---\n", f"\n        - {{name: {name}, valueFrom: {source}}}\n---\n"
    )


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        (asked("secretKeyRef"), {"QUEUE_URL": UNDECIDED}),
        (asked("secretKeyRef", ", optional: false"), {"QUEUE_URL": UNDECIDED}),
        (asked("configMapKeyRef"), {"QUEUE_URL": UNDECIDED}),
        (asked("secretKeyRef") * 2, {"QUEUE_URL": UNDECIDED}),
        # It starts without them.
        (asked("secretKeyRef", ", optional: true"), {}),
        (asked("configMapKeyRef", ", optional: true"), {}),
        (asked("secretKeyRef", ", optional: '$(OPTIONAL)'"), {}),
        (asked("fieldRef"), {}),
        # One pod has it, the other has not.
        (asked("secretKeyRef") + pod("A=1", name="b"), {}),
        (pod("A=1", name="b") + asked("secretKeyRef"), {}),
        (asked("secretKeyRef", name="SHOP_DEBUG"), {}),
    ],
)
def test_what_no_pod_starts_without_is_set(
    tmp_path: Path, pods: str, expected: dict[str, object]
) -> None:
    (tmp_path / "deploy.yaml").write_text(pods)
    found = of_deployment(tmp_path, ["deploy.yaml"], Deployment(tmp_path))
    assert {name: value for name, value in found.items() if name != "A"} == expected


EAGER = """
if os.environ.get("QUEUE_URL"):
    CELERY_BROKER_URL = "sqs://"
else:
    CELERY_TASK_ALWAYS_EAGER = True
"""


@pytest.mark.parametrize(("more", "findings"), [("", 0), (", optional: true", 1)])
def test_the_branch_without_a_secret_is_nobodys(tmp_path: Path, more: str, findings: int) -> None:
    (tmp_path / "settings.py").write_text(f"import os\n{SETTINGS}{EAGER}")
    (tmp_path / "celery.py").write_text(
        "from celery import Celery\napp = Celery('shop')\n"
        "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
    )
    (tmp_path / "deploy.yaml").write_text(asked("secretKeyRef", more))
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "celery-eager"]) == findings


def test_a_mode_from_a_secret_is_one(tmp_path: Path) -> None:
    text = "if os.environ.get('SHOP_ENV'):\n    DEBUG = False\nelse:\n    DEBUG = True\n"
    (tmp_path / "settings.py").write_text(f"import os\n{SETTINGS}{text}")
    (tmp_path / "deploy.yaml").write_text(asked("secretKeyRef", name="SHOP_ENV"))
    assert not [f for f in scan(tmp_path).found if f.rule.slug == "debug"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"env": {"EAGER": {"value": "False"}}}', {"EAGER": "False"}),
        ('{"env": {"EAGER": "False"}}', {"EAGER": "False"}),
        ('{"env": {"EAGER": {"description": "Tasks"}}}', {}),
        ('{"env": {"DEBUG": "True", "HOST": "a.b"}}', {}),
        # That it is set is known, and to nobody what to.
        ('{"env": {"SECRET_KEY": {"value": "x"}}}', {"SECRET_KEY": UNDECIDED}),
        ('{"env": {"SHOP_ENV": "development"}}', {}),
        ('{"expo": {"name": "shop"}}', {}),
        ('["env"]', {}),
        ("{", {}),
    ],
)
def test_what_heroku_s_button_sets_is_known(
    tmp_path: Path, text: str, expected: dict[str, str]
) -> None:
    assert found(tmp_path, "app.json", text) == expected


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        ("import os", "os.environ.get('EAGER', 'True') != 'False'"),
        ("import environ\nenv = environ.Env(EAGER=(bool, True))", "env('EAGER')"),
        ("import environ\nenv = environ.Env()", "env.bool('EAGER', True)"),
        ("from decouple import config", "config('EAGER', default=True, cast=bool)"),
        ("from own import get_bool", "get_bool(name='EAGER', default=True)"),
        ("from own import envs", "envs.get_bool('EAGER', True)"),
    ],
)
@pytest.mark.parametrize(("value", "findings"), [("False", 0), ("True", 1)])
def test_readers_of_options_read_it(
    tmp_path: Path, head: str, asked: str, value: str, findings: int
) -> None:
    celery = "from celery import Celery\napp = Celery('shop')\n"
    configured = "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
    (tmp_path / "settings.py").write_text(f"{SETTINGS}{head}\nCELERY_TASK_ALWAYS_EAGER = {asked}\n")
    (tmp_path / "celery_app.py").write_text(celery + configured)
    (tmp_path / "app.json").write_text(f'{{"env": {{"EAGER": "{value}"}}}}')
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "celery-eager"]) == findings


ENV = "import environ\nenv = environ.Env()\n"
DATABASE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'd'}}\n"
BY_URL = "DATABASES = {'default': %s(default='sqlite:///db')}\n"
DATABASES = [
    ENV + BY_URL % "env.db",
    ENV + "DATABASES = {'default': env.db_url('DATABASE_URL', default='sqlite:///db')}\n",
    "import dj_database_url\n" + BY_URL % "dj_database_url.config",
    "if 'DATABASE_URL' not in os.environ:\n    " + DATABASE,
    DATABASE + "if os.environ.get('DATABASE_URL'):\n    DATABASES = {'default': parsed()}\n",
]
STARTS = 'if [ -z "${}" ]; then\n  echo missing\n  exit {}\nfi\nexec gunicorn shop.wsgi\n'


def judged(folder: Path, databases: str, script: str) -> list[str]:
    (folder / "settings.py").write_text(SETTINGS + databases)
    (folder / "Dockerfile").write_text("FROM python\nCOPY . /app\nCMD /app/start.sh\n")
    (folder / "start.sh").write_text(script)
    return [f.rule.slug for f in scan(folder).found if f.rule.slug == "db-sqlite"]


@pytest.mark.parametrize("databases", DATABASES)
def test_a_default_for_what_a_start_script_requires_never_runs(
    tmp_path: Path, databases: str
) -> None:
    assert judged(tmp_path, databases, STARTS.format("DATABASE_URL", 1)) == []


@pytest.mark.parametrize("databases", DATABASES)
@pytest.mark.parametrize(("name", "code"), [("REDIS_URL", 1), ("DATABASE_URL", 0)])
def test_a_default_for_what_may_be_missing_does(
    tmp_path: Path, databases: str, name: str, code: int
) -> None:
    assert judged(tmp_path, databases, STARTS.format(name, code)) == ["db-sqlite"]


@pytest.mark.parametrize("name", ["DEBUG", "SHOP_DEBUG"])
def test_debug_is_off_although_a_start_script_requires_it(tmp_path: Path, name: str) -> None:
    settings = f"{ENV}DEBUG = env.bool('{name}', default=False)\nif not DEBUG:\n    {DATABASE}"
    assert judged(tmp_path, settings, STARTS.format(name, 1)) == ["db-sqlite"]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ('{"addons": ["heroku-postgresql:mini"]}', 0),
        ('{"addons": [{"plan": "heroku-postgresql"}]}', 0),
        ('{"addons": ["heroku-redis"]}', 1),
        ('{"addons": "heroku-postgresql"}', 1),
        ('{"addons": [null, {}]}', 1),
        ("[]", 1),
    ],
)
def test_a_database_that_heroku_adds_is_the_one_that_runs(
    tmp_path: Path, text: str, findings: int
) -> None:
    (tmp_path / "manage.py").write_text("")
    (tmp_path / "settings.py").write_text(f"import os\n{SETTINGS}{DATABASES[0]}")
    (tmp_path / "app.json").write_text(text)
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "db-sqlite"]) == findings


@pytest.mark.parametrize(("addon", "findings"), [("heroku-postgresql", 0), ("heroku-redis", 1)])
def test_a_database_that_is_put_over_another_is_the_one_that_runs(
    tmp_path: Path, addon: str, findings: int
) -> None:
    put = "DATABASES['default'].update(dj_database_url.config())\n"
    kept = "DATABASES['default']['ATOMIC_REQUESTS'] = True\n"
    sqlite = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a'}}\n"
    (tmp_path / "manage.py").write_text("")
    (tmp_path / "settings.py").write_text(f"import dj_database_url\n{SETTINGS}{sqlite}{put}{kept}")
    (tmp_path / "app.json").write_text(f'{{"addons": ["{addon}"]}}')
    assert len([f for f in scan(tmp_path).found if f.rule.slug == "db-sqlite"]) == findings


GUNICORN = """
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([{
    command     = ["gunicorn", "shop.wsgi"]
    environment = [
      {
        name  = "DATABASE_URL"
        value = local.db_connection
      },
      { name = "EMPTY", value = "" },
      { name = "DEBUG", value = "True" },
      { name = "APP_ENV", value = "dev" }
    ]
    secrets = [{ name = "CACHE_URL", valueFrom = data.secret.arn }]
  }])
}
"""
RUN = """
resource "google_cloud_run_service" "web" {
  containers {
    args = ["gunicorn", "shop.wsgi"]
    env {
      name  = "DATABASE_URL"
      value = google_sql.url
    }
  }
}
"""
APP_RUNNER = """
image_configuration {
  start_command = "gunicorn shop.wsgi"
  runtime_environment_variables = {
    DATABASE_URL = local.db
  }
}
"""
TASK = (
    '[{"image": "shop", "command": ["gunicorn", "shop.wsgi"], "environment":'
    ' [{"name": "DATABASE_URL", "value": "${db}"}]}]'
)

PULUMI = """
.db: &DB {name: "DATABASE_URL", valueFrom: "arn:aws:secretsmanager:db"}
resources:
  shop:
    container_definitions:
      - name: web
        image: registry.example.com/shop:1
        secrets: [*DB]
      - name: worker
        image: registry.example.com/shop:1
        command: [celery, worker]
        environment:
          - {name: SENDS, value: "False"}
      - name: login
        image: keycloak
        environment:
          - {name: KC_DB, value: "postgres"}
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("infra/web.tf", GUNICORN, {"DATABASE_URL", "CACHE_URL"}),
        ("pulumi/config.prod.yaml", PULUMI, {"DATABASE_URL", "SENDS"}),
        ("deploy/task-definition.yml", PULUMI, {"DATABASE_URL", "SENDS"}),
        ("shop/task_def.yml", PULUMI.replace("celery", "java"), set()),
        ("shop/task_def.yml", PULUMI.replace("container_definitions", "items"), set()),
        ("shop/task_def.yml", PULUMI.replace("keycloak", "!Sub keycloak"), set()),
        ("shop/fixtures.yaml", PULUMI, set()),
        ("infra/run.tf", RUN, {"DATABASE_URL"}),
        ("infra/runner.tf", APP_RUNNER, {"DATABASE_URL"}),
        (".aws/task-definition.json", TASK, {"DATABASE_URL"}),
        ("deploy/task-definitions/app_cli.json", TASK, {"DATABASE_URL"}),
        # Of another program.
        ("infra/redis.tf", GUNICORN.replace("gunicorn", "redis-server"), set()),
        ("infra/web.tf", GUNICORN.replace("local.db_connection", '""'), {"CACHE_URL"}),
        ("shop/words.json", TASK, set()),
    ],
)
def test_what_a_task_definition_sets_is_set(
    tmp_path: Path, name: str, text: str, expected: set[str]
) -> None:
    assert set(found(tmp_path, name, text)) == expected


OTHER = PULUMI.replace('"False"', '"True"')


@pytest.mark.parametrize(
    ("texts", "off"), [([PULUMI], True), ([OTHER], False), ([PULUMI, OTHER], False)]
)
def test_what_all_task_definitions_have_off_is_off(
    tmp_path: Path, texts: list[str], off: bool
) -> None:
    listed = [f"pulumi/{number}.yaml" for number in range(len(texts))]
    (tmp_path / "pulumi").mkdir()
    for name, text in zip(listed, texts, strict=True):
        (tmp_path / name).write_text(text)
    assert of_deployment(tmp_path, listed)["SENDS"] == ("False" if off else UNDECIDED)


@pytest.mark.parametrize(("value", "findings"), [("local.db", 0), ('""', 1)])
def test_the_default_for_what_a_task_definition_sets_never_runs(
    tmp_path: Path, value: str, findings: int
) -> None:
    (tmp_path / "web.tf").write_text(GUNICORN.replace("local.db_connection", value))
    (tmp_path / "settings.py").write_text(
        "import environ\nenv = environ.Env()\nSECRET_KEY = env('K')\nINSTALLED_APPS = []\n"
        "DATABASES = {'default': env.db('DATABASE_URL', default='sqlite:///db.sqlite3')}\n"
    )
    (tmp_path / "manage.py").write_text(
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n"
    )
    slugs = [each.rule.slug for each in scan(tmp_path).found]
    assert slugs.count("db-sqlite") == findings


DRAWN = """import os
from django.core.management.utils import get_random_secret_key
INSTALLED_APPS = []
MIDDLEWARE = []
SECRET_KEY = os.environ.get("SHOP_SECRET", get_random_secret_key())
"""


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        ('{"generator": "secret"}', 0),
        ('{"description": "of this shop alone", "required": true}', 0),
        ('"a key of the demo"', 0),
        ('{"required": false}', 1),
        ('{"description": "made anew without it"}', 1),
        ("null", 1),
    ],
)
def test_a_secret_that_heroku_makes_up_is_the_same_in_all_dynos(
    tmp_path: Path, entry: str, number: int
) -> None:
    button = f'{{"env": {{"SHOP_SECRET": {entry}}}}}'
    files = {"settings.py": DRAWN, "manage.py": "", "app.json": button}
    assert len(places(found_in(tmp_path, files), "secret-random")) == number


def test_a_secret_beside_another_that_is_given_is_made_anew(tmp_path: Path) -> None:
    button = '{"env": {"OTHER_SECRET": {"generator": "secret"}}}'
    files = {"settings.py": DRAWN, "manage.py": "", "app.json": button}
    assert places(found_in(tmp_path, files), "secret-random") == ["settings.py:5"]


def playbook(task: str, unit: str = "gunicorn shop.wsgi") -> str:
    lines = task.replace("\n", "\n        ")
    return f"- hosts: all\n  tasks:\n    - name: Start {unit}\n      {lines}\n"


COPIED = (
    'copy:\n  dest: "{{ app }}/.env"\n  content: |\n    DB_URL=postgres://{{ db }}\n    DEBUG=off'
)
ONE_LINE = (
    "ansible.builtin.lineinfile: {path: /etc/default/shop, line: 'DB_URL=mysql://db/{{ n }}'}"
)
BLOCK = (
    "blockinfile:\n  path: /srv/env_file\n  block: |\n    export DB_URL={{ url }}\n    MEDIA=/srv/m"
)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ansible/site.yml", playbook(COPIED), {"DB_URL": UNDECIDED}),
        ("playbook.yml", playbook(ONE_LINE), {"DB_URL": UNDECIDED}),
        ("roles/web/tasks/main.yml", playbook(BLOCK), {"DB_URL": UNDECIDED, "MEDIA": "/srv/m"}),
        ("roles/web/templates/env.j2", "DB_URL={{ url }}\nDJANGO_X=\n", {"DB_URL": UNDECIDED}),
        # Another program's, another file's, another task's, and what is no playbook.
        ("ansible/site.yml", playbook(COPIED, unit="mastodon"), {}),
        ("ansible/site.yml", playbook(COPIED.replace(".env", "shop.sh")), {}),
        ("ansible/site.yml", playbook(COPIED.replace("copy:", "debug:")), {}),
        ("ansible/site.yml", playbook(COPIED.replace("DB_URL", "# DB_URL")), {}),
        ("ansible/site.yml", playbook(ONE_LINE.replace("{path", "{state: absent, path")), {}),
        ("roles/web/tasks/main.yml", "gunicorn: {{ broken }}\ncontent: [", {}),
        ("shop/fixtures.yml", playbook(COPIED), {}),
    ],
)
def test_what_a_playbook_writes_is_set(
    tmp_path: Path, name: str, text: str, expected: dict[str, str]
) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert of_deployment(tmp_path, [name], Deployment(tmp_path)) == expected


def test_pods_do_not_have_what_a_playbook_writes(tmp_path: Path) -> None:
    (tmp_path / "playbook.yml").write_text(playbook(COPIED))
    (tmp_path / "deploy.yaml").write_text(pod("S3_ENABLED=true"))
    told = of_deployment(tmp_path, ["deploy.yaml", "playbook.yml"], Deployment(tmp_path))
    assert told == {"S3_ENABLED": "true"}
