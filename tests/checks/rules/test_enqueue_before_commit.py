"""enqueue-before-commit: the worker may be faster than the commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.enqueue_before_commit import RULE
from django_scaleready.checks.static.scan import scan

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
        ("o.save()\n    load.delay(o.uuid)", Severity.WARNING),
        ("g = Form(p, instance=o)\n    g.save()\n    load.delay(o.pk)", Severity.WARNING),
        ("s = get_serializer(o, data=p)\n    s.save()\n    load.delay(o.pk)", Severity.WARNING),
        ("g = Form(p, o)\n    g.save()\n    load.delay(o.pk)", Severity.WARNING),
        ("g = Form(p, instance=o)\n    load.delay(o.pk)\n    g.save()", Severity.INFO),
        ("o.save()\n    load.delay(o.customer_id)", Severity.WARNING),
        ("load.delay(o.pk)\n    o.save()", Severity.WARNING),
        ("t = load.delay(o.pk)\n    o.task = t.id\n    o.save()", Severity.INFO),
        ("o.save()\n    load.delay(p.pk)", Severity.WARNING),
        ("form.instance.save()\n    load.delay(p.order.pk)", Severity.WARNING),
        ("o = Order.objects.get()\n    load.delay(o.pk)", Severity.INFO),
    ],
)
def test_what_was_just_saved_is_a_warning(
    make_project: Callable[..., Project], body: str, severity: Severity
) -> None:
    code = f"def f(o, p, form):\n  with transaction.atomic():\n    {body}\n"
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("o.save()\n    load.delay()", Severity.WARNING),
        ("Order.objects.bulk_create(p)\n    load.delay(p)", Severity.WARNING),
        ("Order.objects.filter(pk=o).update(paid=True)\n    load.delay(p)", Severity.WARNING),
        ("super().save(o, p)\n    load.delay(p)", Severity.WARNING),
        ("o.save()\n    load.apply_async(countdown=5)", Severity.INFO),
        ("o.save()\n    f.delay()", Severity.INFO),
        ("o.save(commit=False)\n    load.delay()", Severity.INFO),
        ("form.file.save(p)\n    load.delay()", Severity.INFO),
        ("cache.delete(p)\n    load.delay()", Severity.INFO),
        ("{}.copy().update(p)\n    p.update(a=1)\n    load.delay()", Severity.INFO),
        ("if o:\n      o.save()\n      return\n    load.delay()", Severity.INFO),
        ("try: o.read()\n    except OSError: o.save()\n    load.delay()", Severity.INFO),
        ("each = lambda: o.save()\n    load.delay()", Severity.INFO),
    ],
)
def test_who_has_changed_rows_sends_a_task_about_them(
    make_project: Callable[..., Project], body: str, severity: Severity
) -> None:
    code = f"def f(o, p, form):\n  with transaction.atomic():\n    {body}\n"
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("traced_atomic_transaction", 1),
        ("immediate_atomic", 1),
        ("atomic_write", 0),
        ("write_atomic", 0),
        ("non_atomic_requests", 0),
        ("traced", 0),
    ],
)
@pytest.mark.parametrize(
    "code", ["def f(o):\n  with {}():\n    load.delay(o)", "@{}\ndef f(o): load.delay(o)"]
)
def test_a_projects_own_transaction_is_called_after_djangos(
    make_project: Callable[..., Project], code: str, name: str, count: int
) -> None:
    head = f"from shop.base import {name}\nfrom shop.tasks import load\n"
    project = make_project({"shop/code.py": head + code.format(name)})
    assert len(list(RULE.find(project))) == count


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


MODEL = """from django.contrib import admin
from django.db import models
class Order(models.Model):
  def save(self, *args, **options):
    super().save(*args, **options)
    {}
"""
VIEW = "class F(CreateView):\n  def form_valid(self, form):\n    o = form.save()\n    {}\n"
ADMIN = "class A(admin.ModelAdmin):\n  def save_model(self, request, obj, form, change):\n    {}\n"
HOOK = "class A(admin.ModelAdmin):\n  def {}(self, request, {}):\n    {}\n"
REGISTERED = "from django.contrib import admin\nfrom shop.models import {0}\n"
OF_ORDER = "@receiver(post_save, sender=Order)\ndef f(**kw): {}\n"


@pytest.mark.parametrize(
    "code",
    [
        MODEL.format("load.delay(self.pk)"),
        ADMIN.format("obj.save()\n    load.delay(obj.pk)"),
        HOOK.format("save_form", "form, change", "load.delay(form.instance.pk)"),
        HOOK.format("save_form", "form, change", "o = form.instance\n    load.delay(o.pk)"),
        HOOK.format("save_related", "form, sets, change", "load.delay(form.instance.pk)"),
        HOOK.format("response_add", "obj, url=None", "load.delay(obj.pk)"),
        HOOK.format("save_model", "obj, form, change", "load.delay(order=obj)"),
        HOOK.format("save_model", "obj, form, change", "o = Log.create()\n    load.delay(o.pk)"),
        SIGNALS + OF_ORDER.format("load.delay(kw['instance'].pk)"),
        SIGNALS + OF_ORDER.format("\n  o = kw.get('instance')\n  load.delay(o.pk)"),
        MODEL.format("load.delay(self.pk)") + "admin.site.register(Order)",
    ],
)
def test_what_the_admin_saves_is_not_committed_yet(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "code",
    [
        MODEL.format("load.delay_on_commit(self.pk)"),
        MODEL.format("transaction.on_commit(lambda: load.delay(self.pk))"),
        MODEL.format("load.apply_async([self.pk], countdown=9)"),
        MODEL.format("load.delay()"),
        MODEL.replace("super().save(*args, **options)\n    {}", "load.delay(self.pk)"),
        MODEL.replace("def save", "def send").format("load.delay(self.pk)"),
        ADMIN.format("load.delay(request.user.pk)"),
        ADMIN.replace("admin.ModelAdmin", "Other").format("load.delay(obj.pk)"),
        HOOK.format("save_form", "form, change", "load.delay(form.user.pk)"),
        HOOK.format("save_form", "form, change", "load.apply_async([form.instance.pk], eta=t)"),
        HOOK.format("save_model", "obj, form, change", "load.delay(of=request.user)"),
        HOOK.format("delete_model", "obj", "load.delay(obj.pk)"),
        HOOK.format("changelist_view", "obj", "load.delay(obj.pk)"),
        HOOK.format("save_form", "", "load.delay(form.instance.pk)"),
        SIGNALS + OF_ORDER.format("load.delay(kw['other'].pk)"),
    ],
)
def test_leaves_what_others_save_alone(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


@pytest.mark.parametrize(("model", "severity"), [("Order", "warning"), ("Customer", "info")])
@pytest.mark.parametrize(
    "admin",
    [
        "admin.site.register({0})",
        "@admin.register({0})\nclass A: ...",
        "X.register([{0}], A)",
        "class I(admin.TabularInline):\n  model = {0}",
    ],
)
@pytest.mark.parametrize(
    "code",
    [
        MODEL.format("load.delay(self.pk)"),
        SIGNALS + OF_ORDER.format("load.delay(kw['instance'].pk)"),
    ],
)
def test_a_model_that_no_admin_knows_is_information(
    make_project: Callable[..., Project], code: str, admin: str, model: str, severity: str
) -> None:
    files = {"shop/code.py": HEAD + code, "shop/admin.py": (REGISTERED + admin).format(model)}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity == severity


GONE = "def f(sender, instance, **kw): {}\n"
DELETED = "from shop.code import f\npost_delete.connect(f, sender=Order)\n"


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [
        ("@receiver(post_delete)\ndef f(instance, **kw): load.delay(instance.cart_id)", ""),
        ("@receiver(pre_delete)\ndef f(instance, **kw): load.delay(instance.cart.pk)", ""),
        ("@receiver(post_delete)\ndef f(instance, **kw): load.delay()", ""),
        (GONE.format("load.delay(instance.cart.pk)"), DELETED),
        (GONE.format("load.delay(instance.pk)"), DELETED.replace("delete", "save")),
        (
            GONE.format("load.delay(instance.pk)"),
            DELETED.replace("delete", "save").replace("sender=", ""),
        ),
    ],
)
def test_django_deletes_in_a_transaction_where_somebody_listens(
    make_project: Callable[..., Project], code: str, elsewhere: str
) -> None:
    files = {"shop/code.py": HEAD + SIGNALS + code, "shop/apps.py": SIGNALS + elsewhere}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is Severity.WARNING
    assert "signal" in finding.message


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [
        ("@receiver(post_delete)\ndef f(instance, **kw): load.delay(instance.file.name)", ""),
        ("@receiver(pre_delete)\ndef f(instance, **kw): load.delay(instance.email, NEWS)", ""),
        ("@receiver(pre_delete)\ndef f(instance, **kw): load.delay(told=bundle(instance.x))", ""),
        (GONE.format("load.delay(instance.file.name)"), DELETED),
    ],
)
def test_only_tells_of_a_task_that_is_given_what_it_needs(
    make_project: Callable[..., Project], code: str, elsewhere: str
) -> None:
    files = {"shop/code.py": HEAD + SIGNALS + code, "shop/apps.py": SIGNALS + elsewhere}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is Severity.INFO
    assert "signal" in finding.message


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [
        (
            "@receiver(post_delete)\ndef f(instance, **kw): load.delay(instance.id, instance.url)",
            "",
        ),
        ("@receiver(post_delete)\ndef f(instance, **kw): load.delay(order=instance)", ""),
        ("@receiver(post_delete)\ndef f(instance, **kw): remove_order.delay(instance.cart.pk)", ""),
        ("@receiver(post_delete)\ndef f(instance, **kw): load.delay_on_commit(instance.url)", ""),
        ("@receiver(pre_save)\ndef f(instance, **kw): load.delay(instance.url)", ""),
        (GONE.format("load.delay(instance.url)"), ""),
        (GONE.format("load.delay(instance.url)"), DELETED.replace("delete", "save")),
        (GONE.format("load.delay(instance.pk)"), DELETED),
        (GONE.format("load.delay(instance.pk)"), DELETED.replace("post_delete", "order_paid")),
    ],
)
def test_leaves_what_is_told_of_a_row_that_is_gone_alone(
    make_project: Callable[..., Project], code: str, elsewhere: str
) -> None:
    files = {"shop/code.py": HEAD + SIGNALS + code, "shop/apps.py": SIGNALS + elsewhere}
    assert list(RULE.find(make_project(files))) == []


BEFORE = "def f(o, p):\n  {}\n"
LOADED = "o = Order.objects.get(pk=p)"


@pytest.mark.parametrize(
    "code",
    [
        BEFORE.format("o.paid = True\n  load.delay(o.pk)\n  o.save()"),
        BEFORE.format("load.delay(o.pk)\n  o.save()"),
        BEFORE.format(f"{LOADED}\n  o.paid = True\n  load.delay(o.pk)\n  o.save()"),
        BEFORE.format(f"{LOADED}\n  pay(o)\n  load.delay(o.pk)\n  o.save()"),
        BEFORE.format(f"{LOADED}\n  o.pay()\n  load.delay(o.pk)\n  o.save()"),
        BEFORE.format(f"{LOADED}\n  if p: o = p\n  load.delay(o.pk)\n  o.save()"),
        BEFORE.format("if p:\n    load.delay(o.pk)\n  if o.paid:\n    o.save()"),
        BEFORE.format("for each in p:\n    load.apply_async([o.cart.pk])\n  o.cart.save()"),
        MODEL.replace(
            "super().save(*args, **options)\n    {}", "load.delay(self.pk)\n    super().save()"
        ),
        (
            "class F(Mutation):\n  @classmethod\n  def save(cls, info, o):\n"
            "    load.delay(o.pk)\n    super().save(info, o)"
        ),
    ],
)
def test_a_task_is_sent_before_its_row_is_saved(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is Severity.WARNING
    assert "after the save" in finding.hint


@pytest.mark.parametrize(
    "body",
    [
        "t = load.delay(o.pk)\n  o.task = t.id\n  o.save()",
        "o.task = load.delay(o.pk).id\n  o.save()",
        "load.delay(o.pk)\n  o.sent = True\n  o.save()",
        f"{LOADED}\n  load.delay(o.pk)\n  o.save()",
        f"{LOADED}\n  if o.cart.pk: k = {{'pk': o.pk}}\n  load.delay(o.pk)\n  o.save()",
        "load.delay(o.pk)\n  o.save(update_fields=['sent'])",
        "load.delay(o.pk)\n  p.save()",
        "load.delay(o.cart.pk)\n  o.save()",
        "o.save()\n  load.delay(o.pk)\n  o.save()",
        "if p: load.delay(o.pk)\n  else: o.save()",
        "if p:\n    load.delay(o.pk)\n    return\n  o.save()",
        "load.delay(1)\n  o.save()",
        "load.delay_on_commit(o.pk)\n  o.save()",
        "load.apply_async([o.pk], countdown=60)\n  o.save()",
    ],
)
def test_leaves_what_is_saved_below_alone(make_project: Callable[..., Project], body: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + BEFORE.format(body)}))) == []


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("load.enqueue(o.pk)", 1),
        ("queue.enqueue(load, o.pk)", 1),
        ("async_task('shop.tasks.load', o.pk)", 1),
        ("batch.submit_job(parameters={'order': o.pk})", 1),
        ("load.call_local(o.pk)", 0),
        ("transaction.on_commit(lambda: queue.enqueue(load, o.pk))", 0),
        ("load(o.pk)", 0),
        ("batch.list_jobs(o.pk)", 0),
    ],
)
def test_other_queues_than_celerys(
    make_project: Callable[..., Project], call: str, count: int
) -> None:
    project = make_project({"shop/code.py": HEAD + PLACE.format(call)})
    assert len(list(RULE.find(project))) == count


FOLLOWED = SIGNALS + OF_ORDER.format("load.delay(kw['instance'].pk)")
LED = SIGNALS + "@receiver(post_save, sender=Order)\ndef f(instance, **kw): {}\n"
MAKES = "class Order:\n  @classmethod\n  def at(cls): return cls.objects.get_or_create()\n"


@pytest.mark.parametrize(
    ("code", "made", "severities"),
    [
        (FOLLOWED, "def g(): Order.objects.update_or_create(pk=1)", ["warning"]),
        (FOLLOWED, MAKES, ["warning"]),
        (FOLLOWED, "def g(): Order.objects.create(pk=1)", ["info"]),
        (FOLLOWED, "def g(): Cart.objects.get_or_create(pk=1)", ["info"]),
        (FOLLOWED, "def g(order): order.lines.get_or_create(pk=1)", ["info"]),
        (LED.format("load.delay(instance.cart.id)"), MAKES, ["warning"]),
        (LED.format("load.delay(instance.cart.id)"), "", []),
        (LED.format("load.delay_on_commit(instance.cart.id)"), MAKES, []),
        (LED.format("load.apply_async([instance.cart.id], countdown=9)"), MAKES, []),
        (LED.format("load.delay(instance.cart.id)"), MAKES.replace("Order", "Cart"), []),
    ],
)
def test_django_makes_some_rows_in_a_transaction_of_its_own(
    make_project: Callable[..., Project], code: str, made: str, severities: list[str]
) -> None:
    files = {
        "shop/signals.py": HEAD + code,
        "shop/made.py": made,
        "shop/admin.py": REGISTERED.format("Customer") + "admin.site.register(Customer)",
    }
    assert [found.severity for found in RULE.find(make_project(files))] == severities


@pytest.mark.parametrize(("atomic", "count"), [(True, 1), (False, 0)])
@pytest.mark.parametrize(
    "code",
    [
        VIEW.format("load.delay(o.pk)"),
        "def f(request):\n  o, made = Order.objects.get_or_create()\n  load.delay(o.pk)",
    ],
)
def test_a_request_may_be_one_transaction(
    make_project: Callable[..., Project], code: str, atomic: bool, count: int
) -> None:
    databases = {"default": {"ENGINE": "django.db.backends.dummy", "ATOMIC_REQUESTS": atomic}}
    project = make_project({"shop/views.py": HEAD + code}, DATABASES=databases)
    assert len(list(RULE.find(project))) == count


NOTIFY = "def notify(o): load.delay(o.pk)\n"
PLACE = "def place():\n  with transaction.atomic():\n    o = Order.objects.create()\n    {}\n"
OUTER = "@transaction.atomic\ndef outer(): inner()\n"
BY_ADMIN = (
    "class A(admin.ModelAdmin):\n  def save_model(self, request, obj, form, change):\n"
    "    super().save_model(request, obj, form, change)\n    {}\n"
)
WRAPPED = (
    "def in_one(f):\n  def g(*args):\n    with transaction.atomic(): return f(*args)\n  return g\n"
)
INNER = "def inner():\n  o = Order.objects.create()\n  {}\n"


@pytest.mark.parametrize(
    "code",
    [
        NOTIFY + PLACE.format("notify(o)"),
        NOTIFY + PLACE.format("notify(o=o)"),
        "def notify(o):\n  data = {'order': o.id}\n  load.delay(data)\n"
        + PLACE.format("notify(o)"),
        "class Order(Model):\n  def notify(self): load.delay(self.pk)\n"
        + PLACE.format("o.notify()"),
        OUTER + INNER.format("load.delay(o.pk)"),
        OUTER
        + "def inner(): place()\n"
        + INNER.format("load.delay(o.pk)").replace("inner", "place"),
        OUTER + INNER.format("notify(o)") + NOTIFY,
        MODEL.format("self.notify()\n  def notify(self): load.delay(self.pk)"),
        NOTIFY + BY_ADMIN.format("notify(obj)"),
        OUTER + INNER.format("load.apply_async([o.pk], countdown=1)"),
        OUTER
        + INNER.format("load.apply_async([o.pk], countdown=wait)").replace("()", "(wait=2)", 1),
        OUTER + INNER.format("load.delay()"),
        OUTER + INNER.replace("o = Order.objects.create()", "cart.save()").format("load.delay()"),
        NOTIFY + BY_ADMIN.format("o = Log.objects.create()\n    notify(o)"),
        NOTIFY.replace("o.pk", "o.cart.pk") + PLACE.format("notify(o)"),
        NOTIFY + PLACE.format("notify(other)"),
        "def notify(o, p): load.delay(p.pk)\n" + PLACE.format("notify(o, other)"),
        "def far(o): close(o)\ndef close(o): notify(o)\n" + NOTIFY + PLACE.format("far(o)"),
        "def made(): return Order.objects.create()\n"
        + NOTIFY
        + PLACE.replace("Order.objects.create", "made").format("notify(o)"),
        "class ShopCart(Model):\n  def tell(self): load.delay(self.pk)\n"
        "class Order(Model):\n  def tell(self): ...\n" + PLACE.format("o.cart.tell()"),
        "class Notice:\n  def __init__(self, o): load.delay(o.pk)\n" + PLACE.format("Notice(o)"),
        WRAPPED + "@in_one\n" + INNER.format("load.delay(o.pk)"),
        WRAPPED + "@in_one\ndef outer(): inner()\n" + INNER.format("load.delay()"),
        WRAPPED.replace("with transaction.atomic(): return f(*args)", "return f(*args)").replace(
            "  def g", "  @transaction.atomic\n  def g"
        )
        + "@in_one\n"
        + INNER.format("load.delay(o.pk)"),
    ],
)
def test_a_caller_may_have_begun_the_transaction(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is Severity.WARNING
    assert finding.related


@pytest.mark.parametrize(
    "code",
    [
        NOTIFY + PLACE.format("transaction.on_commit(lambda: notify(o))"),
        NOTIFY + PLACE.format("later = o\n  notify(o)"),
        INNER.format("load.delay()"),
        OUTER + INNER.replace("create", "get").format("load.delay()"),
        OUTER + INNER.format("load.apply_async(countdown=9)"),
        OUTER + INNER.format("load.apply_async(countdown=wait)").replace("()", "(wait)", 1),
        OUTER + INNER.format("load.apply_async(countdown=wait)").replace("()", "(wait=60)", 1),
        NOTIFY + PLACE.replace("create", "get").format("notify(other)"),
        NOTIFY + PLACE.replace("create", "get").format("notify(o)"),
        NOTIFY.replace("load.delay", "load.delay_on_commit") + PLACE.format("notify(o)"),
        OUTER + INNER.format("transaction.on_commit(lambda: load.delay(o.pk))"),
        OUTER.replace("inner()", "transaction.on_commit(lambda: inner())")
        + INNER.format("load.delay(o.pk)"),
        OUTER.replace("inner()", "transaction.on_commit(inner)") + INNER.format("load.delay(o.pk)"),
        OUTER + INNER.replace("create", "get").format("load.delay(o.pk)"),
        NOTIFY + BY_ADMIN.format("transaction.on_commit(lambda: notify(obj))"),
        NOTIFY + BY_ADMIN.replace("(admin.ModelAdmin)", "").format("notify(obj)"),
        "class Order(Model):\n  def notify(self): load.delay(self.pk)\n"
        "class Cart(Model):\n  def notify(self): ...\n" + PLACE.format("o.notify()"),
        "def f1(o): f2(o)\ndef f2(o): f3(o)\ndef f3(o): notify(o)\n"
        + NOTIFY.replace("o.pk", "1")
        + PLACE.format("f1(o)"),
        "def read(): return Order.objects.get()\n"
        + NOTIFY
        + PLACE.replace("Order.objects.create", "read").format("notify(o)"),
        "def notify(o):\n  try: o.send()\n  except OSError: load.delay()\n"
        + PLACE.format("notify(o)"),
        "def notify(task): task.delay()\n" + PLACE.format("notify(load)"),
        "def notify(work): queue.enqueue(work)\n" + PLACE.format("notify(load)"),
        "class Unsent(Model):\n  def repeat(self): app.send_task(self.name)\n"
        + PLACE.format("unsent.repeat()"),
        "class Safe(Task):\n  def again(self): super().apply_async()\n"
        + PLACE.format("safe.again()"),
        "def notify(work): queue.enqueue(function=work)\n" + PLACE.format("notify(load)"),
        NOTIFY.replace("o.pk", "LIMIT") + PLACE.format("notify(o)"),
        NOTIFY.replace("o.pk", "o.url") + BY_ADMIN.format("notify(obj)"),
        "def notify(o): send_email.delay(order_id)\n" + PLACE.format("notify(o)"),
        OUTER + INNER.format("mails.send.delay(token)"),
        "def notify(o): actual_removal.delay(order_id)\n" + PLACE.format("notify(o)"),
        "class ShopCart(Model):\n  def tell(self): load.delay()\n"
        "class Cart(Model):\n  def tell(self): ...\n" + PLACE.format("o.cart.tell()"),
        "class ShopCart(Model):\n  def tell(self): load.delay()\n"
        + PLACE.format("o.cart.tell(mail=False)"),
        "class ShopCart(Model):\n  def save(self): load.delay()\n" + PLACE.format("o.cart.save()"),
        WRAPPED.replace("with transaction.atomic(): ", "")
        + "@in_one\n"
        + INNER.format("load.delay()"),
        WRAPPED.replace("return f(*args)", "log(args)\n    return f(*args)")
        + "@in_one\n"
        + INNER.format("load.delay()"),
        WRAPPED + INNER.format("load.delay(o.pk)"),
        WRAPPED + "@other\n" + INNER.format("load.delay(o.pk)"),
    ],
)
def test_leaves_what_no_transaction_of_a_caller_holds_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


SHELVED = (
    "class Base(Model):\n  def shelve(self):\n    {}\n"
    "class Order(Base):\n  @transaction.atomic\n  def shelve(self):\n    {}\n"
)


@pytest.mark.parametrize(
    ("base", "body", "severity"),
    [
        ("self.save()", "super().shelve()\n    load.delay(self.pk)", Severity.WARNING),
        ("...", "super().shelve()\n    load.delay(self.pk)", Severity.INFO),
        ("self.save()", "load.delay(self.pk)\n    super().shelve()", Severity.INFO),
        ("self.save()", "super().shelve()\n    load.delay(self.cart.pk)", Severity.INFO),
        ("self.save()", "super().other()\n    load.delay(self.pk)", Severity.INFO),
    ],
)
def test_the_method_of_a_base_class_may_save_the_row(
    make_project: Callable[..., Project], base: str, body: str, severity: Severity
) -> None:
    files = {"shop/code.py": HEAD + SHELVED.format(base, body)}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is severity


def test_a_method_of_that_name_elsewhere_says_nothing(make_project: Callable[..., Project]) -> None:
    other = "class Other(Model):\n  def shelve(self):\n    self.save()\n"
    code = SHELVED.format("...", "super().shelve()\n    load.delay(self.pk)")
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + other + code}))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(("base", "count"), [("self.save()", 1), ("...", 0)])
def test_a_caller_may_hold_what_a_base_class_has_saved(
    make_project: Callable[..., Project], base: str, count: int
) -> None:
    code = SHELVED.replace("  @transaction.atomic\n", "").format(
        base, "super().shelve()\n    load.delay(self.pk)"
    )
    code += "  @transaction.atomic\n  def close(self): self.shelve()\n"
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == count


MAKES = "def made(r): r.order.save()\ndef f(r):\n  {}"
TELLS = "def tell(order_id): load.delay(order_id)\n"
ATOMIC = {"default": {"ENGINE": "django.db.backends.dummy", "ATOMIC_REQUESTS": True}}


@pytest.mark.parametrize(
    "code",
    [
        VIEW.format("super().form_valid(form)\n    load.delay(self.object.pk)"),
        VIEW.format("form.save()\n    load.delay(form.instance.pk)"),
        VIEW.replace("form.save()", "super().form_valid(form)").format(
            "load.delay(form.instance.pk)"
        ),
        "def f(r):\n  Order.objects.filter(user=r.user).delete()\n  load.delay(r.user.pk)",
        "class F(UpdateView):\n  def post_save(self, obj): load.delay(obj.pk)",
        "class F(UpdateView):\n  def after_save(self, obj): load.delay(obj.pk)",
        "def register(name):\n  o = Order.objects.create()\n  app.send_task('load', [o.pk])",
        "def register(name):\n  o = Order.objects.create(name=name)\n  load.delay(o.pk)",
        NOTIFY + "def register(o):\n  o.save()\n  notify(o)",
        "def notify(order_id): load.delay(order_id)\ndef register(o):\n  o.save()\n  notify(1)",
        (
            "@transaction.non_atomic_requests\ndef g(r): ...\n"
            "def f(r):\n  o = Order.objects.create()\n  load.delay(o.pk)"
        ),
        # What is called above has changed the rows.
        MAKES.format("made(r)\n  load.delay(order_ids)"),
        TELLS + MAKES.format("made(r)\n  tell(1)"),
        TELLS
        + "def made(r): make(r)\ndef make(r): r.order.save()\ndef f(r):\n  made(r)\n  tell(1)",
        TELLS + "class F(View):\n  def post(self, r):\n    self.perform_create(r)\n    tell(1)",
        TELLS + "class F(View):\n  def post(self, r):\n    self.make(r)\n    self.inform()\n"
        "  def make(self, r): self.perform_update(r)\n  def inform(self): tell(1)",
    ],
)
def test_a_request_in_a_transaction_sends_what_it_has_saved(
    make_project: Callable[..., Project], code: str
) -> None:
    project = make_project({"shop/views.py": HEAD + code}, DATABASES=ATOMIC)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.WARNING
    assert "ATOMIC_REQUESTS" in finding.message


LISTED = (
    "@receiver(post_save, sender=Order)\ndef f(sender, instance, **kwargs):\n"
    "  others = []\n  rows = []\n  {}\n  load.delay(rows)"
)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("rows.append(instance.pk)", 1),
        ("rows.append(('order', instance.pk))", 1),
        ("rows.append(instance.name)", 0),
        ("others.append(instance.pk)", 0),
    ],
)
def test_a_row_may_be_told_in_a_list(
    make_project: Callable[..., Project], line: str, count: int
) -> None:
    code = HEAD + SIGNALS + LISTED.format(line)
    assert len(list(RULE.find(make_project({"shop/signals.py": code})))) == count


OF_VISITOR = (
    "def place(request):\n  with transaction.atomic():\n    o.save()\n    tell(request, o.pk)\n"
    "def tell(request, order_id):\n  user = request.user\n  load.delay({})\n"
)


@pytest.mark.parametrize("given", ["request.user.pk", "user.id", "user_id=user.id", "[user.pk], 1"])
def test_who_is_logged_in_was_saved_long_ago(
    make_project: Callable[..., Project], given: str
) -> None:
    project = make_project({"shop/code.py": HEAD + OF_VISITOR.format(given)})
    assert [finding.severity for finding in RULE.find(project)] == [Severity.INFO]


@pytest.mark.parametrize(
    "given", ["request.user.pk, order_id", "order_id", "request.order.pk", "user.cart.pk"]
)
def test_finds_what_else_a_caller_may_have_saved(
    make_project: Callable[..., Project], given: str
) -> None:
    project = make_project({"shop/code.py": HEAD + OF_VISITOR.format(given)})
    assert [finding.severity for finding in RULE.find(project)] == [Severity.WARNING]


REVISIONS = ["reversion.middleware.RevisionMiddleware"]


@pytest.mark.parametrize(
    "code",
    [
        VIEW.format("form.save()\n    load.delay(form.instance.pk)"),
        "class F(View):\n  def post(self, r):\n    o.save()\n    load.delay(o.pk)",
        TELLS + MAKES.format("made(r)\n  tell(1)"),
    ],
)
def test_a_request_that_makes_a_revision_is_a_transaction(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = RULE.find(make_project({"shop/views.py": HEAD + code}, MIDDLEWARE=REVISIONS))
    assert finding.severity is Severity.WARNING
    assert "RevisionMiddleware" in finding.message
    assert "ATOMIC_REQUESTS" not in finding.message


@pytest.mark.parametrize(
    ("code", "middleware"),
    [
        ("class F(View):\n  def get(self, r):\n    o.save()\n    load.delay(o.pk)", REVISIONS),
        (
            TELLS + "class F(View):\n  def get(self, r):\n    r.order.save()\n    tell(1)",
            REVISIONS,
        ),
        (
            "class F(View):\n  def post(self, r):\n    o.save()\n    load.delay(o.pk)",
            ["shop.middleware.RevisionMiddleware"],
        ),
        (TELLS + MAKES.format("tell(1)"), REVISIONS),
    ],
)
def test_leaves_alone_a_request_that_makes_no_revision(
    make_project: Callable[..., Project], code: str, middleware: list[str]
) -> None:
    project = make_project({"shop/views.py": HEAD + code}, MIDDLEWARE=middleware)
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    "code",
    [
        VIEW.replace("save", "clean").format("load.delay(self.object.pk)"),
        VIEW.replace("save()", "save(commit=False)").format("load.delay(self.object.pk)"),
        VIEW.replace("save", "clean").format("load.delay(form.instance.pk)"),
        "def f(r):\n  if r.old: return Order.objects.all().delete()\n  load.delay(r.user.pk)",
        "class F(Hooks):\n  def post_save(self, obj): load.delay(obj.pk)",
        "class F(UpdateView):\n  def pre_save(self, obj): load.delay(obj.pk)",
        "class F(UpdateView):\n  def post_save(self, obj): load.delay(self.pk)",
        "@shared_task\ndef register(name):\n  o = Order.objects.create()\n  load.delay(o.pk)",
        (
            "@transaction.non_atomic_requests\ndef f(r):\n  o = Order.objects.create()\n"
            "  load.delay(o.pk)"
        ),
        (
            "class F(View):\n  @transaction.non_atomic_requests\n  def dispatch(self, r): ...\n"
            "  def post(self, r):\n    o = Order.objects.create()\n    load.delay(o.pk)"
        ),
        (
            "def f(r):\n  o = Order.objects.create()\n  load.delay(o.pk)\n"
            "page = transaction.non_atomic_requests(f)"
        ),
        NOTIFY + "def register(o):\n  notify(o)\n  o.save()",
        "def notify(url): load.delay(url)\ndef register(o):\n  o.save()\n  notify(o.url)",
        "def notify(o): load.delay(o.client_id)\ndef register(o):\n  o.save()\n  notify(1)",
        (
            "def notify(order_id): load.delay(order_id)\n"
            "@shared_task\ndef register(o):\n  o.save()\n  notify(1)"
        ),
        # Nothing is changed above, or nothing that leads there.
        MAKES.format("load.delay(order_ids)\n  made(r)"),
        TELLS + MAKES.format("tell(1)\n  made(r)"),
        TELLS + MAKES.replace("save", "load").format("made(r)\n  tell(1)"),
        TELLS + MAKES.format("on_commit(lambda: made(r))\n  tell(1)"),
        TELLS + "class F(View):\n  def post(self, r):\n    r.perform_create(r)\n    tell(1)",
        "@shared_task\n"
        + MAKES.replace("def f", "@shared_task\ndef f").format("made(r)\n  load.delay(order_ids)"),
    ],
)
def test_leaves_what_a_request_has_not_saved_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    project = make_project({"shop/views.py": HEAD + code}, DATABASES=ATOMIC)
    assert list(RULE.find(project)) == []


FILLS = "def fill(o): o.cart.save()\ndef read(o): return o.cart.get()\n"
IN_ONE = "def f(o):\n  with transaction.atomic():\n    {}\n"


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("fill(o)\n    load.delay(order_id)", Severity.WARNING),
        ("fill(o)\n    queue.enqueue('load', order_id)", Severity.WARNING),
        ("fill(o)\n    app.control.broadcast('refresh', pk=o.pk)", Severity.WARNING),
        ("o.save()\n    app.control.broadcast('refresh')", Severity.WARNING),
        ("read(o)\n    load.delay(order_id)", Severity.INFO),
        ("load.delay(order_id)\n    fill(o)", Severity.INFO),
        ("fill(o)\n    load.delay(o.url)", Severity.INFO),
        ("fill(o)\n    send_mail.delay(order_id)", Severity.INFO),
        ("fill(o)\n    load.apply_async([order_id], countdown=9)", Severity.INFO),
        ("on_commit(lambda: fill(o))\n    load.delay(order_id)", Severity.INFO),
        ("read(o)\n    app.control.broadcast('refresh', pk=o.pk)", Severity.INFO),
    ],
)
def test_what_is_called_in_the_transaction_may_change_rows(
    make_project: Callable[..., Project], body: str, severity: Severity
) -> None:
    code = HEAD + FILLS + IN_ONE.format(body)
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert finding.severity is severity


def test_what_is_called_before_the_transaction_changes_no_rows_in_it(
    make_project: Callable[..., Project],
) -> None:
    code = HEAD + FILLS + IN_ONE.replace("\n", "\n  fill(o)\n", 1).format("load.delay(order_id)")
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "code",
    [
        IN_ONE.format("o.save()\n    app.control.broadcast('shutdown')"),
        IN_ONE.format("o.save()\n    app.control.broadcast('rate_limit', {'rate': o.rate})"),
        IN_ONE.format("o.save()\n    channel.broadcast('refresh', o.pk)"),
        IN_ONE.format("o.save()\n    on_commit(lambda: app.control.broadcast('refresh'))"),
        "def f(o):\n  o.save()\n  app.control.broadcast('refresh')",
        (
            "@receiver(pre_delete, sender=Order)\ndef f(instance, **k):\n"
            "  app.control.broadcast('discard', slug=instance.slug)"
        ),
    ],
)
def test_leaves_what_workers_are_told_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


# A decorator that runs its function later, in a thread of this process.
LATER = """from functools import partial
def merged(ttl=5):
  def delay(func, *args): run_later(ttl, func, args)
  def inner(func):
    func.delay = partial(delay, func)
    return func
  return inner
def run_later(ttl, func, args): POOL.submit(func, *args)
"""
FORGET = """from django.db import transaction
from shop.later import merged, other
@merged(ttl=30)
def forget(pk): ...
"""
FORGETS = "def f(o):\n  with transaction.atomic():\n    o.save()\n    forget.delay(o.pk)\n"


@pytest.mark.parametrize(
    ("later", "forget"),
    [
        (LATER, FORGET),
        (LATER.replace("func.delay", "func.apply = func.delay"), FORGET),
        (LATER.replace("return func", "def call(*a): func(*a)\n    return call"), FORGET),
        (LATER + "def more(o): load.delay(o)\n", FORGET),
    ],
)
def test_a_delay_of_the_projects_own_is_no_task(
    make_project: Callable[..., Project], later: str, forget: str
) -> None:
    files = {"shop/later.py": later, "shop/code.py": forget + FORGETS}
    assert list(RULE.find(make_project(files))) == []
    elsewhere = HEAD + "from shop.code import forget\n" + FORGETS
    assert list(RULE.find(make_project({**files, "shop/views.py": elsewhere}))) == []


@pytest.mark.parametrize(
    ("later", "forget"),
    [
        # It hands the function to a queue, or another one has set it.
        (LATER.replace("POOL.submit(func, *args)", "run.delay(func.__name__)"), FORGET),
        (LATER.replace("partial(delay, func)", "app.task(func).delay"), FORGET),
        (LATER.replace("POOL.submit", "send_later"), FORGET),
        (LATER.replace("func.delay", "func.later"), FORGET),
        (LATER, FORGET.replace("@merged", "@shared_task\n@merged")),
        (LATER, FORGET.replace("@merged(ttl=30)", "@other")),
    ],
)
def test_a_decorator_of_the_project_may_make_a_task(
    make_project: Callable[..., Project], later: str, forget: str
) -> None:
    files = {"shop/later.py": later, "shop/code.py": forget + FORGETS}
    assert len(list(RULE.find(make_project(files)))) == 1


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


NAMED = """
import environ
env = environ.Env()
ROOT_URLCONF = "urls"
INSTALLED_APPS = []
DATABASES = {"default": env.db("DATABASE_URL")}
"""
ON = 'DATABASES["default"]["ATOMIC_REQUESTS"] = True\n'
AGE = 'DATABASES["default"]["CONN_MAX_AGE"] = 60\n'


@pytest.mark.parametrize(
    ("more", "count"),
    [
        (ON, 1),
        (ON + AGE, 1),
        (AGE, 0),
        (ON.replace("True", "False"), 0),
        (ON + ON.replace("True", "False"), 0),
        (ON + 'DATABASES["default"] = env.db("OTHER_URL")\n', 0),
        (ON + 'DATABASES = {"default": env.db("OTHER_URL")}\n', 0),
    ],
)
def test_a_database_that_the_environment_names(tmp_path: Path, more: str, count: int) -> None:
    (tmp_path / "settings.py").write_text(NAMED + more)
    code = "def register(name):\n  o = Order.objects.create(name=name)\n  load.delay(o.pk)\n"
    (tmp_path / "urls.py").write_text("from views import register\nPAGE = register\n")
    (tmp_path / "views.py").write_text(HEAD + code)
    assert len(scan(tmp_path, [RULE]).found) == count


ENTRY = 'db = env.db("DATABASE_URL")\ndb["{}"] = True\n'
GIVES = "def config():\n  return {{'ENGINE': env('E'), '{}': True}}\n"
OF_FUNCTION = 'DATABASES = {"default": database.config()}\n'


@pytest.mark.parametrize(
    ("more", "beside", "count"),
    [
        (ENTRY.format("ATOMIC_REQUESTS") + 'DATABASES = {"default": db}\n', "", 1),
        (ENTRY.format("AUTOCOMMIT") + 'DATABASES = {"default": db}\n', "", 0),
        (ENTRY.format("ATOMIC_REQUESTS") + 'DATABASES = {"default": env.db("B")}\n', "", 0),
        ("import database\n" + OF_FUNCTION, GIVES.format("ATOMIC_REQUESTS"), 1),
        (
            'from database import config as db\nDATABASES = {"default": db()}\n',
            GIVES.format("ATOMIC_REQUESTS"),
            1,
        ),
        ("import database\n" + OF_FUNCTION, GIVES.format("AUTOCOMMIT"), 0),
        (
            "import database\n" + OF_FUNCTION,
            GIVES.format("ATOMIC_REQUESTS").replace("  return", "  if LOCAL: return {}\n  return"),
            0,
        ),
    ],
)
def test_a_database_that_is_put_together_elsewhere(
    tmp_path: Path, more: str, beside: str, count: int
) -> None:
    test_a_database_that_the_environment_names(tmp_path, "", 0)
    (tmp_path / "database.py").write_text("import environ\nenv = environ.Env()\n" + beside)
    settings = NAMED.replace('DATABASES = {"default": env.db("DATABASE_URL")}\n', more)
    (tmp_path / "settings.py").write_text(settings)
    assert len(scan(tmp_path, [RULE]).found) == count


PIKA = """import pika
from django.db import transaction
def notify(order):
  channel = pika.BlockingConnection(P).channel()
  channel.basic_publish(exchange="", routing_key="orders", body=str(order.pk))
"""
NESTED = PIKA.replace("\n  ", "\n    ").replace("(order):", "(order):\n  def send():")
BOTO = """import boto3
from django.db import transaction
def notify(order):
  boto3.client("{}").{}
"""
PLACE = """def place(cart):
  with transaction.atomic():
    order = Order.objects.create(cart=cart)
    {}
"""


@pytest.mark.parametrize(
    "code",
    [
        PIKA,
        BOTO.format("sqs", "send_message(QueueUrl=URL, MessageBody=str(order.pk))"),
        BOTO.format("sns", "publish(TopicArn=ARN, Message=str(order.pk))"),
        BOTO.format("batch", "submit_job(jobName=N, parameters={'order': order.pk})"),
        NESTED + "  send()\n",
    ],
)
def test_a_message_to_a_broker_is_sent_as_a_task_is(
    make_project: Callable[..., Project], code: str
) -> None:
    project = make_project({"shop/code.py": code + PLACE.format("notify(order)")})
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "code",
    [
        PIKA + PLACE.format("transaction.on_commit(lambda: notify(order))"),
        PIKA + PLACE.format("pass") + "  notify(order)\n",
        BOTO.format("chat", "send_message(room=1, text=str(order.pk))")
        + PLACE.format("notify(order)"),
        BOTO.format("sns", "publish(order.pk)") + PLACE.format("notify(order)"),
        BOTO.format("sns", "publish(PhoneNumber=order.phone, Message=str(order.pk))")
        + PLACE.format("notify(order)"),
        "from django.db import transaction\n" + PLACE.format("order.page.publish()"),
        NESTED + "  transaction.on_commit(send)\n" + PLACE.format("notify(order)"),
    ],
)
def test_what_is_published_elsewhere_is_left_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    assert not list(RULE.find(make_project({"shop/code.py": code})))


HANDS = """from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.models import Order
from shop.tasks import load
def sync(order, why=None): load.delay({})
@receiver(post_save, sender=Order)
def saved(sender, instance, **kwargs):
  {}
"""


@pytest.mark.parametrize(
    "call", ["sync(instance)", "sync(order=instance)", "sync(instance, why=1)"]
)
def test_a_receiver_hands_its_row_on(make_project: Callable[..., Project], call: str) -> None:
    (finding,) = RULE.find(make_project({"shop/signals.py": HANDS.format("order.pk", call)}))
    assert finding.severity is Severity.WARNING
    assert finding.location.line == 5


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("order.pk", "sync(kwargs)"),
        ("order.pk", "sync(1, why=instance)"),
        ("order.cart.pk", "sync(instance)"),
        ("order.pk", "transaction.on_commit(lambda: sync(instance))"),
    ],
)
def test_a_receiver_hands_on_another_row_or_later(
    make_project: Callable[..., Project], key: str, call: str
) -> None:
    code = "from django.db import transaction\n" + HANDS.format(key, call)
    assert not list(RULE.find(make_project({"shop/signals.py": code})))


SERIALIZER = """from rest_framework import serializers
from shop.tasks import confirm

class OrderSerializer(serializers.ModelSerializer):
    def create(self, validated_data):
        order = Order.objects.create(**validated_data)
        confirm.delay(order.pk)
        return order
"""
ACCEPTS = """from django.db import transaction
from shop.serializers import OrderSerializer, NoteSerializer

def accept(request):
    order = {}(data=request.data)
    with {}:
        order.{}()
"""


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("OrderSerializer", "transaction.atomic()", "save"), 1),
        (("NoteSerializer", "transaction.atomic()", "save"), 0),
        (("OrderSerializer", "timed()", "save"), 0),
        (("OrderSerializer", "transaction.atomic()", "is_valid"), 0),
    ],
)
def test_save_of_a_serializer_calls_its_create(
    make_project: Callable[..., Project], words: tuple[str, ...], count: int
) -> None:
    files = {"shop/serializers.py": SERIALIZER, "shop/views.py": ACCEPTS.format(*words)}
    found = list(RULE.find(make_project(files)))
    assert [finding.location.line for finding in found] == [7] * count
    assert all(finding.severity is Severity.WARNING for finding in found)


# A decorator that tells workers by PostgreSQL, on the connection that is in the transaction.
BUS = """from contextlib import contextmanager
import psycopg
from django.db import connection as djangos
class Bus:
  def __init__(self, made): self.made = made
  def notify(self, to, text): self.made.execute('SELECT pg_notify(%s, %s)', (to, text))
def make(): return psycopg.connect('shop')
@contextmanager
def bus(apart=False):
  if apart:
    made = make()
  else:
    made = djangos.connection
  yield Bus(made)
"""
TELLS = """from shop.bus import bus
class task:
  def __init__(self, queue): self.queue = queue
  def __call__(self, func):
    class Sends:
      @classmethod
      def delay(cls, *args):
        with bus() as it: it.notify(self.queue, args)
    setattr(func, 'delay', Sends.delay)
    return func
"""
TOLD = """from django.db import transaction
from shop.later import task
@task('orders')
def forget(pk): ...
"""
ALWAYS = BUS.replace("  if apart:\n    made = make()\n  else:\n    made", "  made")


@pytest.mark.parametrize(
    ("bus", "later"),
    [
        (BUS, TELLS),
        (BUS, TELLS.replace("def delay", "def apply_async")),
        (ALWAYS, TELLS),
        (BUS.replace("SELECT pg_notify(%s, %s)", "NOTIFY orders"), TELLS),
    ],
)
def test_a_notice_that_waits_for_the_commit_is_no_task(
    make_project: Callable[..., Project], bus: str, later: str
) -> None:
    files = {"shop/__init__.py": "", "shop/bus.py": bus, "shop/later.py": later}
    assert list(RULE.find(make_project({**files, "shop/code.py": TOLD + FORGETS}))) == []


@pytest.mark.parametrize(
    ("bus", "later"),
    [
        # A connection that is not in the transaction, be it for the one who asks.
        (BUS.replace("=False", "=True"), TELLS),
        (BUS, TELLS.replace("bus()", "bus(apart=True)")),
        (BUS, TELLS.replace("bus()", "bus(True)")),
        (ALWAYS.replace("djangos.connection", "make()"), TELLS),
        (ALWAYS.replace("djangos.connection", "psycopg.connect('shop')"), TELLS),
        (BUS.replace("from django.db", "from shop.own"), TELLS),
        # Another thing that notifies, or nothing that does.
        (BUS.replace("pg_notify", "tell"), TELLS),
        (BUS, TELLS.replace("it.notify", "queue.notify")),
        (BUS, TELLS.replace("it.notify", "it.publish")),
    ],
)
def test_a_notice_that_may_not_wait_for_the_commit(
    make_project: Callable[..., Project], bus: str, later: str
) -> None:
    files = {"shop/__init__.py": "", "shop/bus.py": bus, "shop/later.py": later}
    assert len(list(RULE.find(make_project({**files, "shop/code.py": TOLD + FORGETS})))) == 1


@pytest.mark.parametrize(
    ("head", "severity"),
    [
        ("from rowqueue.decorators import handler\n@handler()", Severity.INFO),
        ("import rowqueue\n@rowqueue.handler", Severity.INFO),
        (
            "from rowqueue import handler\nfrom tracing import traced\n@traced\n@handler",
            Severity.INFO,
        ),
        ("from celery import shared_task\n@shared_task", Severity.WARNING),
        (
            "from celery import shared_task\nfrom tracing import traced\n@traced\n@shared_task",
            Severity.WARNING,
        ),
        ("from company.celery import handler\n@handler", Severity.WARNING),
        ("from company.base import app\n@app.task(bind=True)", Severity.WARNING),
        ("from rq.decorators import job\n@job", Severity.WARNING),
        ("from company_huey import handler\n@handler()", Severity.WARNING),
        ("from shop.queue import handler\n@handler", Severity.WARNING),
        ("", Severity.WARNING),
    ],
)
def test_a_queue_of_a_package_that_nobody_knows_is_information(
    make_project: Callable[..., Project], head: str, severity: Severity
) -> None:
    code = "def f(o):\n  with transaction.atomic():\n    o.save()\n    load.delay(o.pk)\n"
    files = {
        "shop/code.py": HEAD + code,
        "shop/queue.py": "from celery import shared_task\nhandler = shared_task(acks_late=True)\n",
        "shop/tasks.py": f"{head}\ndef load(pk):\n  pass\n",
    }
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is severity
