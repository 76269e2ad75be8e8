"""enqueue-before-commit: the worker may be faster than the commit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.enqueue_before_commit import RULE

HEAD = """from django.db import transaction
from shop.tasks import load
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(o):\n  with transaction.atomic(): load.delay(o)",
        "@transaction.atomic\ndef f(o): load.apply_async([o])",
        "def f(o):\n  with transaction.atomic():\n    if o: load.delay(o)",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("o = Order.objects.create()\n    load.delay(o.pk)", Severity.WARNING),
        ("o.save()\n    load.apply_async(kwargs={'order': o.id})", Severity.WARNING),
        ("o = form.save()\n    load.delay(str(o.id))", Severity.WARNING),
        ("load.delay(o.pk)\n    o.save()", Severity.INFO),
        ("o.save()\n    load.delay(p.pk)", Severity.INFO),
        ("form.instance.save()\n    load.delay(p.order.pk)", Severity.INFO),
        ("o = Order.objects.get()\n    load.delay(o.pk)", Severity.INFO),
    ],
)
def test_what_was_just_saved_is_a_warning(
    make_project: Callable[..., Project], body: str, severity: Severity
) -> None:
    code = f"def f(o, p, form):\n  with transaction.atomic():\n    {body}\n"
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is severity


@pytest.mark.parametrize(("name", "severity"), [("apply_async", "info"), ("run", "warning")])
def test_a_task_class_may_wait_for_the_commit_by_itself(
    make_project: Callable[..., Project], name: str, severity: str
) -> None:
    task = (
        "from celery import Task\nfrom django.db import transaction\nclass Late(Task):\n"
        f"  def {name}(self, *args):\n"
        "    transaction.on_commit(lambda: super().apply_async(*args))\n"
    )
    code = f"{HEAD}def f(o):\n  with transaction.atomic():\n    o.save()\n    load.delay(o.pk)\n"
    (finding,) = RULE.find(make_project({"shop/code.py": code, "shop/base.py": task}))
    assert finding.severity == severity


SIGNALS = """from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from shop.models import Order
"""


@pytest.mark.parametrize(
    "code",
    [
        "@receiver(post_save, sender=Order)\ndef f(instance, **kw): load.delay(instance.pk)",
        "@receiver([post_save, post_delete])\ndef f(instance, **kw): load.delay([instance.id])",
        "def f(instance, **kw): load.delay(instance.pk)\npost_save.connect(f, sender=Order)",
        (
            "@receiver(post_save)\ndef f(sender, **kwargs):\n  instance = kwargs['instance']\n"
            "  if instance.paid: load.apply_async(kwargs={'order': instance.pk})"
        ),
        (
            "@receiver(post_save)\ndef f(instance, **kw): load.delay(instance.pk)\n"
            "@receiver(post_save)\ndef g(instance, **kw): load.delay(instance.pk)"
        ),
    ],
)
def test_a_receiver_is_told_before_the_commit(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = RULE.find(make_project({"shop/signals.py": HEAD + SIGNALS + code}))
    assert finding.severity is Severity.WARNING
    assert "signal" in finding.message


@pytest.mark.parametrize(
    "code",
    [
        "@receiver(post_delete)\ndef f(instance, **kw): load.delay(instance.pk)",
        "@receiver(post_save)\ndef f(instance, **kw): load.delay_on_commit(instance.pk)",
        "@receiver(post_save)\ndef f(instance, **kw): load.delay()",
        "@receiver(post_save)\n@on_commit\ndef f(instance, **kw): load.delay(instance.pk)",
        "@receiver(post_save)\ndef f(instance, **kw): load.apply_async([instance.pk], countdown=9)",
        (
            "@receiver(post_save)\ndef f(instance, **kw):\n"
            "  transaction.on_commit(lambda: load.delay(instance.pk))"
        ),
        "def f(instance): load.delay(instance.pk)",
        "@receiver(order_paid)\ndef f(instance, **kw): load.delay(instance.pk)",
    ],
)
def test_leaves_other_receivers_alone(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/signals.py": HEAD + SIGNALS + code}))) == []


def test_the_tasks_of_a_function_are_one_finding(make_project: Callable[..., Project]) -> None:
    sent = "    load.delay(o.pk)\n"
    code = f"def f(o):\n  with transaction.atomic():\n    o.save()\n{sent}{sent}"
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert [place.line for place in (finding.location, *finding.related)] == [6, 7]


@pytest.mark.parametrize(
    "code",
    [
        "def f(o):\n  with transaction.atomic(): load.delay_on_commit(o)",
        "def f(o):\n  with transaction.atomic(): transaction.on_commit(lambda: load.delay(o))",
        "def f(o): load.delay(o)",
        "def f(o):\n  with transaction.atomic(): ...\n  load.delay(o)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "def f(o):\n  with transaction.atomic(): load.delay(o)"
    }
    assert list(RULE.find(make_project(files))) == []
