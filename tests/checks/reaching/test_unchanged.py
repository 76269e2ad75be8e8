"""Rows that nothing changes, and what remembers them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import cached_function, process_dict_cache

Make = Callable[[dict[str, str]], Project]
MODELS = """from django.db import models
from django.contrib.auth.models import AbstractUser
class Licence(models.Model): name = models.TextField()
class Person(AbstractUser): pass
"""
IMPORTS = """from functools import cache
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from shop import models
from shop.elsewhere import Rate
from shop.models import Licence, Person
Users = get_user_model()
KEPT = None
OTHER = 1
"""
SITE = {"manage.py": "", "shop/__init__.py": "", "shop/models.py": MODELS}
URLS = "from shop import code, other\nurlpatterns = [code.f, other.view]\n"
READ = "def view(request): return Licence.objects.get(pk=request.GET['pk'])\nurls = [view]\n"


def severities(make: Make, asked: str, other: str = READ, path: str = "") -> list[Severity]:
    """Return what a variable and a cached function are found to be, which keep the same."""
    files = {"shop/urls.py": URLS, path or "shop/other.py": IMPORTS + other, **SITE}
    memo = f"  global KEPT\n  if KEPT is None: KEPT = {asked}\n  return KEPT\n"
    variable = f"{IMPORTS}def f():\n{memo}urls = [f]\n"
    cached = f"{IMPORTS}@cache\ndef f(): return {asked}\nurls = [f]\n"
    found = []
    for code, rule in (
        (variable, process_dict_cache.RULE),
        (cached, cached_function.RULE),
    ):
        project = make({**files, "shop/code.py": code})
        found += [f.severity for f in rule.find(project) if f.location.path == "shop/code.py"]
    return found


@pytest.mark.parametrize(
    "asked",
    [
        "User.objects.get(username=settings.ANONYMOUS)",
        "User.objects.get(username='system')",
        "Person.objects.get(pk=OTHER)",
        "models.Person.objects.filter(pk=settings.SYSTEM).first()",
        "Users.objects.get(pk=1)",
        "get_user_model().objects.get(pk=1)",
        "Licence.objects.get(pk=1)",
        "list(Licence.objects.all())",
        "{one.pk: one.name for one in Licence.objects.all()}",
        # They follow from the code.
        "dict(ContentType.objects.values_list('pk', 'model'))",
    ],
)
def test_what_is_as_good_as_a_constant_is_an_information(make_project: Make, asked: str) -> None:
    assert severities(make_project, asked) == [Severity.INFO] * 2


@pytest.mark.parametrize(
    "asked",
    [
        # Which user, the code does not say.
        "User.objects.get(username=name)",
        "list(Person.objects.all())",
        "Rate.objects.get(pk=1)",
        "[Licence.objects.get(pk=1), Rate.objects.get(pk=1)]",
        "list(Licence.objects.raw('select 1').using(other)) + list(Rate.objects.all())",
    ],
)
def test_other_rows_are_a_warning(make_project: Make, asked: str) -> None:
    other = f"{READ}class Form(ModelForm):\n  class Meta: model = Person\n"
    assert severities(make_project, asked, other) == [Severity.WARNING] * 2


@pytest.mark.parametrize(
    "other",
    [
        "class LicenceAdmin(ModelAdmin):\n  model = Licence\n",
        "class Form(ModelForm):\n  class Meta: model = Licence\n",
        "admin.site.register(Licence)\n",
        "admin.site.register(models.Licence)\n",
        "def view(request): Licence.objects.filter(pk=1).update(name='x')\nurls = [view]\n",
        "def view(request):\n  one = Licence(name='x')\n  one.save()\nurls = [view]\n",
        "class Own(Licence): pass\n",
        "def view(r): apps.get_model('shop', 'Licence').objects.update(name='x')\nurls = [view]\n",
        "def view(r):\n  one = Licence.objects.get(pk=1)\n  one.delete()\nurls = [view]\n",
        "def view(r):\n  for x in Licence.objects.all(): x.save()\nurls = [view]\n",
        "def view(r):\n  rows = Licence.objects.all()\n  a = rows[0]\n  a.save()\nurls = [view]\n",
        "def view(r):\n  a = Licence.objects.get()\n  keep(a, r.order.save)\nurls = [view]\n",
        "def view(r):\n  if isinstance(r.it, Licence): r.it.save()\nurls = [view]\n",
        "@receiver(sender=Licence)\ndef f(sender, instance): instance.save()\nurls = [f]\n",
        "def view(r):\n  Licence.objects.first()\n  r.user.licences.create()\nurls = [view]\n",
        "def view(r):\n  a, b = [1, Licence.objects.get()]\n  b.save()\nurls = [view]\n",
        "def view(r):\n  a = {}\n  a[1] = Licence.objects.get()\n  a[1].save()\nurls = [view]\n",
        "def view(r):\n  bulk(Licence, r.rows.update)\nurls = [view]\n",
    ],
)
def test_rows_that_may_change_are_a_warning(make_project: Make, other: str) -> None:
    assert severities(make_project, "Licence.objects.get(pk=1)", other) == [Severity.WARNING] * 2


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("shop/management/commands/load.py", "def handle(self): Licence(name='x').save()\n"),
        ("shop/migrations/0001_first.py", "def load(apps): Licence.objects.create()\n"),
        ("shop/other.py", f"{READ}def never(): Licence.objects.create()\n"),
        ("shop/other.py", "class Item(db.Model): to = ForeignKey(Licence)\n"),
        ("shop/other.py", ""),
        # Other rows are written there, or none.
        *(
            ("shop/other.py", f"def view(r):\n  {body}\nurls = [view]\n")
            for body in (
                "a = Licence.objects.get(pk=1)\n  r.user.save()\n  return a",
                "r.orders.filter(pk=1).update(licence=Licence.objects.get(pk=1))",
                "r.found.update(name=Licence.objects.get(pk=1).name)",
                "seen = set()\n  for a in Licence.objects.all(): seen.add(a.pk)",
                "a = Licence.objects.get(pk=1)\n  r.order.licence = a\n  r.order.save()",
                "r.found.update(name=r.data['Licence'])",
                "Order.objects.create(licence=Licence.objects.get(pk=1), x=len(r))",
            )
        ),
    ],
)
def test_rows_that_no_replica_changes_are_an_information(
    make_project: Make, path: str, other: str
) -> None:
    found = severities(make_project, "Licence.objects.get(pk=1)", other, path)
    assert found == [Severity.INFO] * 2


@pytest.mark.parametrize(
    ("more", "severity"), [(", rate()", Severity.WARNING), ("", Severity.INFO)]
)
def test_what_a_cached_function_asks_over_another_may_change(
    make_project: Make, more: str, severity: Severity
) -> None:
    rate = "def rate(): return Rate.objects.first()\n"
    asked = f"@cache\ndef f(): return Licence.objects.get(pk=1){more}\nurls = [f]\n"
    files = {**SITE, "shop/urls.py": URLS, "shop/other.py": IMPORTS + READ}
    project = make_project({**files, "shop/code.py": IMPORTS + rate + asked})
    (finding,) = cached_function.RULE.find(project)
    assert finding.severity is severity


def test_the_current_site_is_left_alone(make_project: Make) -> None:
    code = f"{IMPORTS}def f():\n  global KEPT\n  KEPT = Site.objects.get_current().domain\n"
    project = make_project({**SITE, "shop/code.py": code})
    assert [*process_dict_cache.RULE.find(project)] == []
