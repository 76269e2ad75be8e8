"""Other programs in the same repository: whose code no replica of the project runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.code.loading.load import load
from django_scaleready.checks.code.running.beside import folders_beside

SHOP = {
    "manage.py": "import django\n",
    "shop/models.py": "from django.db import models\n",
    "shop/views.py": "import requests\n",
}
CLIENT = {"client/setup.py": "", "client/shopkit/http.py": "import requests\n"}


def beside(folder: Path, files: dict[str, str]) -> tuple[str, ...]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folders_beside(load(folder, (), cached=False))


@pytest.mark.parametrize(
    "files",
    [
        CLIENT,
        {"client/requirements.txt": "flask\n", "client/app.py": "import flask\n"},
        {
            **CLIENT,
            "shop/stock.py": "import django\ndjango.setup()\nfrom django.test import client\n",
        },
        # Another such program may use it.
        {**CLIENT, "tools/plugins/sync.py": "import shopkit.http\n"},
    ],
)
def test_finds(tmp_path: Path, files: dict[str, str]) -> None:
    assert beside(tmp_path, {**SHOP, **files}) == ("client/",)


@pytest.mark.parametrize(
    "files",
    [
        {},
        # It says nowhere that it is one by itself.
        {"client/shopkit/http.py": "import requests\n"},
        {"client/Dockerfile": "FROM python\n", "client/start.py": "import requests\n"},
        # Django's, or a worker of the project's.
        {**CLIENT, "client/shopkit/models.py": "from django.db import models\n"},
        {**CLIENT, "client/shopkit/tasks.py": "from celery import shared_task\n"},
        # The project uses it.
        {**CLIENT, "shop/stock.py": "from shopkit import http\n"},
        {**CLIENT, "shop/stock.py": "import client.shopkit.http\n"},
        {**CLIENT, "shop/stock.py": "def f():\n  from shopkit.http import get\n"},
        {"setup.py": "", "requirements.txt": ""},
    ],
)
def test_leaves_alone(tmp_path: Path, files: dict[str, str]) -> None:
    assert beside(tmp_path, {**SHOP, **files}) == ()
