"""import-time-value: a value made at the start of each process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.import_time_value import RULE
from django_scaleready.checks.static.scan import scan

HEAD = """import uuid, random, secrets
from datetime import datetime
from django.db import models
from django.utils import timezone
"""


@pytest.mark.parametrize(
    "code",
    [
        "CACHE_NAME = uuid.uuid4().hex",
        "PLAN = {'send': {'schedule': crontab(hour=0, minute=random.randrange(0, 59))}}",
        "PLAN = {}\nif OPEN:\n  PLAN['send'] = {'schedule': crontab(minute=random.randint(0, 59))}",
        "SALT = secrets.token_hex()",
        "class C:\n  prefix = str(uuid.uuid4())",
        "class M(models.Model):\n  at = models.DateTimeField(default=timezone.now())",
        "today = timezone.localdate()\ndef f(day): return day < today",
        "THIS_YEAR = datetime.now().year\ndef f(): return THIS_YEAR",
        "month_ago = timezone.now() - DAYS\ndef f(): return rows.filter(at__gt=month_ago)",
        "last_year = timezone.now().year - 1\ndef f(): return rows.filter(year=last_year)",
        "this_year = timezone.now().year\nPATH = f'https://x/{this_year}/days'",
        "this_year = datetime.now().year\nA = f'© {this_year}'\nB = rows(this_year)",
        "today = timezone.now()\nA = f'© {today}'",
        "class V:\n  queryset = Order.objects.filter(due__gt=timezone.now())",
        "def f(at=timezone.now()): return at",
        "def f(*, at=timezone.now() - DAY): return at",
        "def f(token=uuid.uuid4()): return token",
        "class F(Form):\n  at = DateField(initial=timezone.now() + DAY)",
        "class F(Form):\n  at = DateField(widget=DateInput(attrs={'min': timezone.now().date()}))",
        "class M(Model):\n  year = Field(validators=[MaxValueValidator(timezone.now())])",
        "IS_OPEN = timezone.now() < CLOSES\ndef f(): return IS_OPEN",
        "if timezone.now() < CLOSES:\n  IS_OPEN = True",
        "class V:\n  rows = Order.objects.exclude(at__lt=timezone.now() - DAY).order_by('at')",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = RULE.find(make_project({"shop/models.py": HEAD + code}))
    assert finding.severity is not Severity.INFO


def test_a_mark_of_one_process_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project({"shop/models.py": HEAD + "QUOTE_END = uuid.uuid4().hex"}))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "code",
    [
        "class M(models.Model):\n  at = models.DateTimeField(default=timezone.now)",
        "class M(models.Model):\n  n = models.UUIDField(default=uuid.uuid4)",
        "def f(): return uuid.uuid4()",
        "def f(sender): sender.add_periodic_task(crontab(minute=random.randint(0, 59)), g)",
        "PLAN = {'send': {'schedule': crontab(minute=MINUTE)}}",
        "STARTED = datetime.now()",
        "today = datetime.now()",
        "week_ago = datetime.now() - DAYS",
        "def f():\n  week_ago = timezone.now() - DAYS\n  return rows.filter(at__gt=week_ago)",
        "CHICAGO = timezone.now() - DAYS\ndef f(): return CHICAGO",
        "def f(): return Order.objects.filter(due__gt=timezone.now())",
        "class V:\n  rows = Order.objects.filter(due__gt=Now())",
        "this_year = datetime.now().year\nNAMES = {'owner': f'{_(\"Us\")} © {this_year}'}",
        "this_year = timezone.localdate().year\nOWNER = 'Us 2014-%s' % this_year",
        "this_year = datetime.now().strftime('%Y')\nA = 'Copyright {} Us'.format(this_year)",
        "YEARS = range(1990, datetime.now().year)",
        "def f():\n  today = timezone.localdate()\n  return today",
        "RNG = random.Random(4)\nHOUR = RNG.randint(0, 4)",
        "new = lambda: uuid.uuid4()",
        "def f(at=timezone.now): return at()",
        "class F(Form):\n  born = DateField(widget=I(attrs={'max': timezone.now().year - 10}))",
        "def f(at=None): return at or timezone.now()",
        "class F(Form):\n  at = DateField(initial=timezone.now)",
        "class F(Form):\n  at = DateField(initial=lambda: timezone.now() + DAY)",
        "class F(Form):\n  at = DateField(help_text=f'As of {timezone.now()}')",
        "class F(Form):\n  def __init__(self):\n    self.at = DateField(initial=timezone.now())",
        "def f():\n  if timezone.now() < CLOSES:\n    return 1",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/models.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "NAME = uuid.uuid4().hex"}
    assert list(RULE.find(make_project(files))) == []


def test_what_nothing_loads_is_silent(make_project: Callable[..., Project]) -> None:
    code = HEAD + "PASSWORD = uuid.uuid4().hex\nprint(PASSWORD)"
    assert list(RULE.find(make_project({"shop/generate_password.py": code}))) == []
    used = "from shop.generate_password import PASSWORD"
    files = {"shop/generate_password.py": code, "shop/views.py": used}
    assert len(list(RULE.find(make_project(files)))) == 1


LATE = HEAD + (
    "class Order:\n  def close(self, why, at=timezone.now()): self.at = at\n"
    "class Bill:\n  def __init__(self, at=timezone.now()): self.at = at\n"
)
IMPORTS = "from shop.models import Order, Bill\n"


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("", [6, 8]),
        (IMPORTS + "def f(o): o.close(1)\ndef g(at): Bill(at)", [6]),
        (IMPORTS + "def f(o): o.close(1, now())\ndef g(): Bill()", [8]),
        (IMPORTS + "def f(o): o.close(1, at=now())\ndef g(): Bill(at=now())", []),
        (IMPORTS + "def f(o): Order.close(o, 1, now())", [8]),
        ("from shop.models import Bill as B\ndef f(o, at): return B(at), o.close(1, at)", []),
        (IMPORTS + "def f(o, **k): o.close(1, **k)\ndef g(*a): Bill(*a)", []),
        # Nobody closes an order.
        ("from shop.models import Bill as B\ndef f(at): B(at)", []),
        # Who else calls it?
        (IMPORTS + "def f(o): o.close(1, now())\ndef g(o): call(o.close)", [6, 8]),
        (IMPORTS + "def f(at): Bill(at)\nclass C:\n  made = Bill", [8]),
        # A door, and another bill.
        ("class Door:\n  def close(self): pass\ndef f(d: Door): d.close()", [6, 8]),
    ],
)
def test_a_default_counts_where_a_call_leaves_it_out(
    make_project: Callable[..., Project], code: str, lines: list[int]
) -> None:
    found = RULE.find(make_project({"shop/models.py": LATE, "shop/views.py": code}))
    assert [finding.location.line for finding in found] == lines


def test_what_a_class_of_its_own_is_told_is_not_the_others(
    make_project: Callable[..., Project],
) -> None:
    files = {
        "shop/models.py": LATE,
        "shop/doors.py": "class Door:\n  def close(self): pass\n",
        "shop/views.py": IMPORTS + "def f(o): o.close(1, now())",
        "shop/hall.py": "from shop.doors import Door\ndef f(): Door.first().close()",
    }
    assert [finding.location.line for finding in RULE.find(make_project(files))] == [8]
    files["shop/bills.py"] = "class Bill:\n  def __init__(self): pass\n"
    files["shop/desk.py"] = "from shop.models import Bill\ndef f(at): Bill(at)"
    files["shop/hall.py"] = "from shop.bills import Bill\ndef f() -> Bill: return Bill()"
    assert list(RULE.find(make_project(files))) == []
    files["shop/hall.py"] = IMPORTS + "def f(door): door.close()"
    assert [finding.location.line for finding in RULE.find(make_project(files))] == [6]


GIVES_SINCE = "from shop.clock import since\ndef f(at): return since(at)\n"
CLOCK = HEAD + (
    "def since(at=timezone.now()): return at\n"
    "class Clock:\n  @staticmethod\n  def epoch(at=timezone.now()): return at\n"
)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import shop.clock as c\ndef f(at): return c.since(at)", []),
        ("import shop.clock as c\ndef f(at): return c.since(at), call(c.since)", [5]),
        ("from shop.clock import since\ndef f(at): return since(at), call(since)", [5]),
        # A variable that is called as the function is, and an attribute.
        ("from shop.clock import since\ndef f(at, bill): return since(at), bill.since", []),
        ("from shop.clock import Clock\ndef f(at, epoch): return Clock.epoch(at), epoch", []),
        ("from shop.clock import Clock\ndef f(at): return Clock.epoch(at), call(Clock.epoch)", [8]),
        # What a developer runs by hand, and what everybody does.
        (
            (
                "from shop.clock import since\ndef f(at): return since(at)\n"
                "if __name__ == '__main__':\n  since()"
            ),
            [],
        ),
        ("from shop.clock import since\ndef f(at): return since(at)\nif f:\n  since()", [5]),
        (f"{GIVES_SINCE}if __name__ != '__main__':\n  since()", [5]),
        (f"{GIVES_SINCE}if __name__ == '__main__':\n  pass\nelse:\n  since()", [5]),
    ],
)
def test_who_names_a_function_and_who_only_has_its_name(
    make_project: Callable[..., Project], code: str, lines: list[int]
) -> None:
    other = "def epoch_of(order): return order.epoch\n"
    files = {"shop/clock.py": CLOCK, "shop/views.py": code, "shop/orders.py": other}
    told = {finding.location.line for finding in RULE.find(make_project(files))}
    # The other one is called by nobody, and told.
    assert sorted(told & {5 if "since" in code else 8}) == lines


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("return None", 0),
        ("raise NotImplementedError", 0),
        ("at = now()", 0),
        ("self.at = at", 1),
        ("def g(): return at", 1),
    ],
)
def test_a_parameter_that_nothing_reads_matters_to_nobody(
    make_project: Callable[..., Project], body: str, count: int
) -> None:
    code = HEAD + f"class Order:\n  def close(self, at=timezone.now()):\n    {body}"
    assert len(list(RULE.find(make_project({"shop/models.py": code})))) == count


def test_a_time_is_no_secret(make_project: Callable[..., Project]) -> None:
    code = HEAD + "def renew_key(at=timezone.now()): return at"
    (finding,) = RULE.find(make_project({"shop/models.py": code}))
    assert finding.severity is Severity.WARNING


def test_what_is_used_under_debug_alone_is_silent(make_project: Callable[..., Project]) -> None:
    urls = "from django.conf import settings\nif settings.DEBUG:\n  from shop import models"
    project = make_project({"shop/models.py": HEAD + "NAME = uuid.uuid4()", "shop/urls.py": urls})
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("SCHOOL_YEAR = datetime.now().year if OPEN else datetime.now().year", 2),
        ("if datetime.now() < OPENS:\n  CLOSED = True", 1),
        ("COPYRIGHT_YEAR = datetime.now().year", 0),
        ("THIS_YEAR = datetime.now().year\nOWNER = f'© {THIS_YEAR}'", 1),
        ("START_TIMESTAMP = datetime.now()", 0),
        ("BUILD = datetime.now().isoformat()", 0),
        ("PREFIX = uuid.uuid4().hex", 0),
        ("WAIT = random.randint(0, 59)", 0),
        ("CELERY_BEAT_SCHEDULE = {'a': crontab(minute=random.randint(0, 59))}", 1),
    ],
)
def test_settings_that_follow_from_the_day(tmp_path: Path, line: str, count: int) -> None:
    apps = "INSTALLED_APPS = []\nMIDDLEWARE = []\nROOT_URLCONF = 'urls'\n"
    (tmp_path / "settings.py").write_text(HEAD + apps + line)
    assert len([f for f in scan(tmp_path).found if f.rule is RULE]) == count


def test_such_a_name_is_nobodys_elsewhere(make_project: Callable[..., Project]) -> None:
    code = "from x import *\nSCHOOL_YEAR = datetime.now().year"
    assert list(RULE.find(make_project({"shop/models.py": HEAD + code}))) == []


CLOSES = HEAD + "def close(order): pass\ndef close_late(at=timezone.now()): print(at)\n"


@pytest.mark.parametrize(
    ("code", "more", "count"),
    [
        (CLOSES, "", 0),
        (CLOSES + "def close_each():\n  close_late()\n", "", 0),
        (CLOSES + "@receiver(post_save)\ndef close_each():\n  close_late()\n", "", 1),
        (CLOSES, "def view(request): close_late()\n", 1),
        (CLOSES, "hook = close_late\n", 1),
        # Of a field it is asked for with each row.
        (
            HEAD + "class M(models.Model):\n  at = models.DateTimeField(default=timezone.now())",
            "",
            1,
        ),
    ],
)
def test_the_default_of_what_no_replica_calls_matters_to_nobody(
    make_project: Callable[..., Project], code: str, more: str, count: int
) -> None:
    views = f"from shop.tasks import close, close_late\n{more}\ndef closed(request): close(1)\n"
    urls = "from shop import views\nurlpatterns = [path('', views.view), path('c', views.closed)]"
    command = "from shop.tasks import close_late\nclass Command(BaseCommand):\n"
    files = {
        "manage.py": "",
        "shop/tasks.py": code,
        "shop/urls.py": urls,
        "shop/views.py": views if more else views.replace(", close_late", ""),
        "shop/management/commands/late.py": f"{command}  def handle(self, **o): close_late()\n",
    }
    assert len(list(RULE.find(make_project(files)))) == count


OF_FORM = (
    HEAD
    + """from django import forms
class ShipForm(forms.ModelForm):
  at = forms.DateField(initial=timezone.now())
  class Meta:
    fields = ("at", "why")
"""
)
IMPORT = "from django.utils import timezone\nfrom shop.forms import ShipForm\n"
SHOWN = [
    "def add(request): return ShipForm()",
    "def add(request): return ShipForm(request.POST or None)",
    "def add(request): return ShipForm(initial={'why': 1})",
    "def add(request): return ShipForm(instance=None)",
    "def add(request, form=ShipForm): return form()",
    "def a(request): return ShipForm(request.GET)\ndef b(request): return ShipForm()",
    "def a(request): return ShipForm(request.GET)\nclass A:\n  form = ShipForm",
    "def a(request): return ShipForm(request.GET)\nclass B(ShipForm): pass",
    "def a(request): return ShipForm(request.GET)\ndef b(made): made(ShipForm)",
    "def a(request, row):\n  form = ShipForm()\n  if not row.at:\n    row.at = timezone.now()",
    "def a(request, row):\n  form = ShipForm()\n  row.at = request.POST['at']",
    "def a(request, row):\n  form = ShipForm()\n  row.why = timezone.now()",
    "def a(request, row):\n  if row:\n    return\n  return ShipForm()",
]
UNSEEN = [
    "def add(request): return ShipForm(request.GET, big=1)",
    "class V:\n  def get(self): return ShipForm(data=self.request.GET)",
    "def edit(request, row): return ShipForm(request.POST or None, instance=row)",
    "def add(request): return ShipForm(initial={'at': timezone.now()})",
    "def add(request, form_class=ShipForm): return form_class(request.POST)",
    "def add(request, *, form_class=ShipForm): return form_class(request.POST)",
    "def a(request, row):\n  form = ShipForm()\n  row.at = timezone.now()",
    "def a(request, row):\n  form = ShipForm()\n  now = timezone.now()\n  row.at = now + DAY",
    "def a(request):\n  return go()\n  return ShipForm()",
]


@pytest.mark.parametrize(
    ("code", "severity"),
    [*((code, Severity.WARNING) for code in SHOWN), *((code, Severity.INFO) for code in UNSEEN)],
)
def test_a_first_value_is_one_that_a_form_shows(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    files = {"shop/forms.py": OF_FORM, "shop/views.py": IMPORT + code}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("maker", "severity"),
    [
        ("del self.fields['at']", Severity.INFO),
        ("self.fields.pop('at')", Severity.INFO),
        ("gone = ['at']\n    for f in set(gone):\n      self.fields.pop(f)", Severity.INFO),
        ("if small:\n      del self.fields['at']", Severity.WARNING),
        ("self.fields.pop('why')", Severity.WARNING),
        ("gone = ['at']\n    for f in gone:\n      self.fields[f].big = 1", Severity.WARNING),
        ("gone = []\n    for f in gone:\n      self.fields.pop(f)", Severity.WARNING),
    ],
)
def test_a_form_may_drop_a_field(
    make_project: Callable[..., Project], maker: str, severity: Severity
) -> None:
    form = OF_FORM + f"  def __init__(self, small):\n    super().__init__()\n    {maker}\n"
    view = IMPORT + "def add(request): return ShipForm(1)"
    (finding,) = RULE.find(make_project({"shop/forms.py": form, "shop/views.py": view}))
    assert finding.severity is severity


@pytest.mark.parametrize(
    "field",
    [
        "at = forms.DateField(initial=timezone.now)",
        "at = forms.DateField(initial=timezone.localdate, required=False)",
        "at = forms.DateField(initial=lambda: timezone.now() + DAY)",
        "at = forms.DateField(initial=None)",
        "at = forms.DateField(help_text=str(timezone.now()))",
        "at = forms.DateField(widget=SelectDateWidget(years=range(timezone.now().year)))",
        "years = range(2000, timezone.now().year)",
        "years = list(range(2000, timezone.localdate().year + 1))",
        "this_year = timezone.now().year",
        "def first(self): return forms.DateField(initial=timezone.now())",
        "def __init__(self): self.fields['at'].initial = timezone.now()",
    ],
)
def test_what_each_form_asks_for_is_left_alone(
    make_project: Callable[..., Project], field: str
) -> None:
    form = f"{HEAD}from django import forms\nclass ShipForm(forms.Form):\n  {field}\n"
    view = IMPORT + "def add(request): return ShipForm()"
    assert not list(RULE.find(make_project({"shop/forms.py": form, "shop/views.py": view})))


YEAR = HEAD + "from django import forms\n"
TOP = YEAR + "this_year = timezone.now().year\n"
OF_CLASS = YEAR + "class F(forms.Form):\n  this_year = timezone.now().year\n"


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (TOP + "D = SelectDateWidget(years=list(range(1900, this_year)))", Severity.INFO),
        (TOP + "D = forms.ChoiceField(choices=list(range(1900, this_year)))", Severity.WARNING),
        (
            TOP + "D = SelectDateWidget(years=range(9, this_year))\ndef f(): return this_year",
            Severity.WARNING,
        ),
        (
            YEAR + "today = timezone.localdate()\nD = SelectDateWidget(years=around(today))",
            Severity.WARNING,
        ),
        (OF_CLASS + "  years = list(range(2000, this_year + 1))", Severity.INFO),
        (
            OF_CLASS + "  years = range(1, this_year)\n  at = forms.ChoiceField(choices=years)",
            Severity.WARNING,
        ),
        (OF_CLASS + "  years = range(1, this_year)\ndef f(): return F.years", Severity.WARNING),
        (OF_CLASS + "  years = kept(this_year)", Severity.WARNING),
        (OF_CLASS.replace("forms.Form", "Order") + "  years = range(this_year)", Severity.WARNING),
    ],
)
def test_a_year_that_no_field_takes_is_information(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    files = {"shop/forms.py": code, "shop/views.py": "import shop.forms"}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is severity
