"""django-rq sends a job when the transaction is committed, since 4.0."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found

SETTINGS = """INSTALLED_APPS = ["django_rq", "shop"]
ROOT_URLCONF = "urls"
MIDDLEWARE = []
RQ_QUEUES = {"default": {"URL": "redis://redis"}}
"""
PLACES = """import django_rq
from django.db import transaction
from shop.jobs import load
from shop.models import Order
def place(cart):
  with transaction.atomic():
    order = Order.objects.create(cart=cart)
    django_rq.enqueue(load, order.pk)
"""
QUEUE = PLACES.replace("django_rq.enqueue(", "django_rq.get_queue('low').enqueue(")
BOUND = PLACES.replace("django_rq.enqueue(", "q = django_rq.get_queue()\n    q.enqueue(")
DELAYED = PLACES.replace("django_rq.enqueue(load, ", "load.delay(")
NEW = "django-rq==4.1.0\n"


def slugs(folder: Path, code: str, asked: str = NEW, more: str = "") -> list[str]:
    files = {
        "settings.py": SETTINGS + more,
        "urls.py": "import shop.orders\nurlpatterns = []\n",
        "requirements.txt": asked,
        "shop/orders.py": code,
        "shop/queues.py": "from django_rq.queues import DjangoRQ\nclass Own(DjangoRQ): ...\n",
        "shop/others.py": "from rq import Queue\nclass Own(Queue): ...\n",
        "shop/jobs.py": "from django_rq import job\n@job\ndef load(pk): pass\n",
    }
    return [each["slug"] for each in found(folder, files)["findings"]]


@pytest.mark.parametrize("code", [PLACES, QUEUE, BOUND, DELAYED])
@pytest.mark.parametrize("asked", [NEW, "django-rq\n", "django-rq>=2.4\n"])
def test_waits(tmp_path: Path, code: str, asked: str) -> None:
    assert "enqueue-before-commit" not in slugs(tmp_path, code, asked)


@pytest.mark.parametrize("code", [PLACES, QUEUE, BOUND, DELAYED])
@pytest.mark.parametrize("asked", ["django-rq==3.2.1\n", "django-rq>=2,<4\n"])
def test_an_older_one_does_not(tmp_path: Path, code: str, asked: str) -> None:
    assert "enqueue-before-commit" in slugs(tmp_path, code, asked)


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ('RQ = {"COMMIT_MODE": "on_db_commit"}\n', NEW),
        ('RQ = {"COMMIT_MODE": "request_finished"}\n', NEW),
        ('RQ = {"AUTOCOMMIT": False}\n', "django-rq==2.5\n"),
        ('RQ = {"QUEUE_CLASS": "shop.queues.Own"}\n', NEW),
        ('RQ = {"QUEUE_CLASS": "django_rq.queues.DjangoRQ"}\n', NEW),
    ],
)
def test_settings_that_make_it_wait(tmp_path: Path, more: str, asked: str) -> None:
    assert "enqueue-before-commit" not in slugs(tmp_path, PLACES, asked, more)


@pytest.mark.parametrize(
    "more",
    [
        'RQ = {"COMMIT_MODE": "auto"}\n',
        'RQ = {"AUTOCOMMIT": True}\n',
        'RQ = {"QUEUE_CLASS": "shop.others.Own"}\n',
        'RQ_QUEUES["default"]["QUEUE_CLASS"] = "rq.Queue"\n',
    ],
)
def test_settings_that_send_it_at_once(tmp_path: Path, more: str) -> None:
    assert "enqueue-before-commit" in slugs(tmp_path, PLACES, NEW, more)


def test_another_queue_does_not_wait(tmp_path: Path) -> None:
    celery = "from celery import shared_task\n@shared_task\ndef load(pk): pass\n"
    code = celery + DELAYED.replace("from shop.jobs import load\n", "")
    assert "enqueue-before-commit" in slugs(tmp_path, code)
