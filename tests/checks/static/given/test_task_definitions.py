"""Terraform and task definitions of ECS say which variables a project's containers have."""

from __future__ import annotations

import pytest

from django_scaleready.checks.static.given.task_definitions import variables

# A container app whose environment is as many blocks as a map of the module has entries.
APP = """
resource "azurerm_container_app" "web" {
  dynamic "env" {
    # Only those that are there.
    for_each = { for k, v in local.secrets_of_app : k => v if v.exists }
    content {
      name        = env.value.env_name
      secret_name = env.key
    }
  }
  dynamic "env" {
    for_each = local.app_config
    content {
      name  = env.key
      value = env.value
    }
  }
}
"""
LOCALS = """
locals {
  folder         = "/srv/data"
  secrets_of_app = {
    "django-key"    = { env_name = "DJANGO_SECRET_KEY", exists = true },
    (var.mail_name) = { env_name = "MAIL_URL", exists = true },
  }
  app_config = {
    "CACHE_URL" = "redis://${local.host}:6379", # of the module
    LIMIT       = "5"
    DATA_DIR    = local.folder
  }
  tags = {
    TEAM = "shop"
  }
}
"""
ECS = """
locals { own = { DATABASE_URL = "postgres://${var.user}@db" } }
container_definitions = jsonencode([{
  command = ["gunicorn", "shop.wsgi"]
  environment = %s
}])
"""
MODULE = """
module "web" {
  source  = "./app"
  command = ["gunicorn", "shop.wsgi"]
  %s = {
    DATABASE_URL = "postgres://${var.user}@db"
  }
}
"""


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            {"infra/web.tf": APP, "infra/locals.tf": LOCALS},
            {
                "DJANGO_SECRET_KEY": None,
                "MAIL_URL": None,
                "CACHE_URL": None,
                "LIMIT": "5",
                "DATA_DIR": "/srv/data",
            },
        ),
        *(
            ({"web.tf": ECS % given}, {"DATABASE_URL": None})
            for given in (
                "[for k, v in local.own : { name = k, value = v }]",
                "merge(local.own, var.more)",
                'merge({ DATABASE_URL = "postgres://${var.user}" }, var.more)',
            )
        ),
        *(
            ({"web.tf": MODULE % name}, {"DATABASE_URL": None})
            for name in ("environment_variables", "secrets", "app_settings", "config_vars")
        ),
    ],
)
def test_finds(texts: dict[str, str], expected: dict[str, str | None]) -> None:
    assert dict(variables(texts)) == expected


@pytest.mark.parametrize(
    "texts",
    [
        # Another module's, or nobody's.
        {"infra/web.tf": APP, "other/locals.tf": LOCALS},
        {"locals.tf": LOCALS},
        {"web.tf": APP},
        {"web.tf": ECS % "[]"},
        {"web.tf": ECS % "local.environments.web"},
        {"web.tf": (ECS % "local.own").replace("own =", "owner =")},
        # Of another program.
        {"web.tf": (ECS % "merge(local.own)").replace("gunicorn", "metabase")},
        {"web.tf": (MODULE % "environment_variables").replace("gunicorn", "metabase")},
        {"web.tf": MODULE % "tags"},
        # What is opened is closed.
        {"web.tf": (MODULE % "environment_variables").replace("}", "")},
    ],
)
def test_stays_silent(texts: dict[str, str]) -> None:
    assert dict(variables(texts)) == {}


TASK = """[{"name": "WEB", "image": "shop", "command": ["gunicorn", "shop.wsgi"],
"portMappings": [{"containerPort": ${port}, "hostPort":${port}}],
"environment": [{"name": "LIMIT", "value": "5"}, {"value": "${url}", "name": "DATABASE_URL"}],
"secrets": [{"name": "KEY", "valueFrom": "arn:aws:key"}, {"name": "lower", "value": "1"}]}]"""


def test_json_is_read_as_such_in_whatever_order() -> None:
    expected = {"LIMIT": "5", "DATABASE_URL": None, "KEY": None}
    assert dict(variables({"task-definition.json": TASK})) == expected


@pytest.mark.parametrize("text", [TASK[:-1], "", TASK.replace("image", "picture")])
def test_what_is_no_definition_sets_nothing(text: str) -> None:
    assert dict(variables({"task-definition.json": text})) == {}
