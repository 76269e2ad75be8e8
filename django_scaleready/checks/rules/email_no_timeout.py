"""A mail relay that hangs takes a thread of each replica with it.

Without a timeout a connection to a relay that accepts and never answers waits for ever. Every
request that sends mail then holds its thread, and soon all replicas are busy waiting.

## Bad

```python title="settings.py"
EMAIL_HOST = "mail.example.com"
```

```python title="shop/views.py"
from django.core.mail import send_mail

def order(request):
    send_mail("Your order", "It is on its way.", None, [request.user.email])
```

## Good

```python title="settings.py"
EMAIL_HOST = "mail.example.com"
EMAIL_TIMEOUT = 10
```

```python title="shop/views.py"
from django.core.mail import send_mail

def order(request):
    send_mail("Your order", "It is on its way.", None, [request.user.email])
```

## Stays silent when

- the backend is not SMTP: a provider's API has a timeout of its own. A connection that the code
  makes counts by itself: `get_connection("...smtp.EmailBackend", host=shop.relay)`, unless
  `EMAIL_TIMEOUT` is set, which it takes, too;
- the branch that alone names a relay gives the timeout, too;
- all that the project sends goes over connections with a timeout: `get_connection(timeout=10)`, or
  is handed to `send_messages()` of a backend of its own, whose file names a timeout;
- nothing in the project sends mail by Django (all goes by a provider's client), or only through
  connections that it makes itself, and there are no ADMINS. An `email_user()` that nobody calls
  sends none.

A backend that is an option of the deployment, as the relay is, counts as SMTP if its default sends
nothing: `EMAIL_BACKEND = env("EMAIL_BACKEND", default=CONSOLE)`. It does not where the timeout is
an option, too, or the settings configure a provider's API (`ANYMAIL`, `AWS_SES_...`).

Of django-celery-email, django-mailer and djmail the backend is meant that sends in the end.

Where the settings configure mail, an installed app counts as one that sends it if it is known to
(allauth, djoser, Wagtail, Django CMS and others) or is called so (`otp_email`, `invitations`); so
do the pages that reset a password and `BrokenLinkEmailsMiddleware`, and apps that cannot be read
from the settings.

It is information only where the settings say nothing of mail, but take all names of a module that
is not here to be read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import nodes_of, written
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.mail_apps import may_send

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.live import Mailer
    from django_scaleready.checks.project import Project

MAIL = "django.core.mail"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
# Who imports from these makes a connection of its own, and hands it the messages.
BACKENDS = "django.core.mail.backends."
# Without one a message takes the connection that the settings make.
MESSAGES = "django.core.mail.message."
SENT = frozenset({f"{MESSAGES}EmailMessage", f"{MESSAGES}EmailMultiAlternatives"})
# What a backend does with messages that it is given.
_SENDS = "send_messages"
CONFIGURED = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_HOST_USER", "MAILERS")
# Backends that hand each message on, later or in a thread: the setting that names the one which
# sends it, and what each has where the setting is missing.
HANDING_ON = {
    "djcelery_email.": ("CELERY_EMAIL_BACKEND", SMTP),
    "djmail.backends.": ("DJMAIL_REAL_BACKEND", ""),
    "mailer.backend.": ("MAILER_EMAIL_BACKEND", SMTP),
}
# Of every model of users, as Django has it; many write it anew.
OF_USERS = "email_user"
RESETS = ("PasswordResetForm", "PasswordResetView", "password_reset")
BROKEN_LINKS = "django.middleware.common.BrokenLinkEmailsMiddleware"


def collect(reading: Reading) -> Iterator[Fact]:
    """Note what sends mail: has it a timeout, is it handed over, has it a relay and none."""
    module = reading.module
    bound = [dotted.rpartition(".")[2] for dotted in module.imports.values() if MAIL in dotted]
    if bound:
        for site in module.calls(*sorted({*bound, *module.mentions})):
            if module.resolve(site.call.func).startswith(MAIL):
                handed = _is_handed_over(module, site)
                relay = _has_relay(module, site)
                yield module.fact(site, _has_timeout(module, site), handed, relay)


def _has_relay(module: Module, site: Site) -> bool:
    """Whether a call connects by SMTP to a host that it is given, and is given no timeout."""
    given = {keyword.arg: keyword.value for keyword in site.call.keywords}
    name, arguments = module.resolve(site.call.func), site.call.args
    if name == f"{MAIL}.get_connection":
        backend = arguments[0] if arguments else given.get("backend")
        host = given.get("host")
        if getattr(backend, "value", "") != SMTP:
            return False
    elif name == SMTP:
        host = arguments[0] if arguments else given.get("host")
    else:
        return False
    # All of them may stand in the list, or come in the mapping.
    open_ended = None in given or any(isinstance(each, ast.Starred) for each in arguments)
    bounded = "timeout" in given and _has_value(given["timeout"])
    return host is not None and _has_value(host) and not (open_ended or bounded)


def _has_timeout(module: Module, site: Site) -> bool:
    """Whether a call makes a connection with a timeout, or is given one."""
    made: list[ast.expr] = [site.call]
    for keyword in site.call.keywords:
        if keyword.arg == "connection":
            named = getattr(keyword.value, "id", "")
            made = [keyword.value, *site.scope.bindings.get(named, ())]
    return any(
        isinstance(call, ast.Call)
        and module.resolve(call.func) == f"{MAIL}.get_connection"
        and any(k.arg == "timeout" and _has_value(k.value) for k in call.keywords)
        for call in made
    )


def _is_handed_over(module: Module, site: Site) -> bool:
    """Whether a message is only given to an object that sends it: ``relay.send_messages([it])``."""
    calls = [(c, c.func) for c, _ in site.scope.calls if isinstance(c.func, ast.Attribute)]
    given = [
        node
        for call, method in calls
        if method.attr == _SENDS and _is_own_relay(module, method.value, site.scope)
        for argument in call.args
        for node in nodes_of(argument)
    ]
    if site.call in given:
        return True
    names = {node.id for node in given if isinstance(node, ast.Name)}
    sent = {written(method.value) for _, method in calls if method.attr == "send"}
    return not site.names.isdisjoint(names) and sent.isdisjoint(site.names)


def _is_own_relay(module: Module, held: ast.expr, scope: Scope) -> bool:
    """Whether what sends messages is made by no ``get_connection()`` of Django's."""
    made = [held, *(v for outer in scope.outer for v in outer.bindings.get(written(held), ()))]
    calls = (each.func for each in made if isinstance(each, ast.Call))
    return not any(module.resolve(each) == f"{MAIL}.get_connection" for each in calls)


def _has_value(node: ast.expr) -> bool:
    """Whether an argument is not None as it is written."""
    return not (isinstance(node, ast.Constant) and node.value is None)


def find(project: Project) -> Iterator[Finding]:
    """Yield each SMTP mailer without a timeout, and what the code connects by itself.

    Both lack the same setting, and are one finding.
    """
    noted = project.noted(RULE.slug)
    own = tuple(place for _, fact, place in noted if fact.data[2])
    first, *others = *_of_settings(project), None
    if first is not None:
        yield replace(first, related=own)
        yield from filter(None, others)
    elif own and _is_unset(project):
        yield Finding(
            message="SMTP has no timeout: a relay that hangs holds the thread that sends.",
            hint="Pass timeout=10 (seconds), or set EMAIL_TIMEOUT = 10.",
            location=own[0],
            severity=Severity.WARNING,
            related=own[1:],
        )


def _is_unset(project: Project) -> bool:
    """Whether the settings give a connection no timeout that is told none."""
    mailers = [mailer for mailer in project.mailers if mailer.setting == ("EMAIL_BACKEND",)]
    return bool(mailers) and all(mailer.timeout is None for mailer in mailers)


def _of_settings(project: Project) -> Iterator[Finding]:
    """Yield each SMTP mailer of the settings without a timeout."""
    configured = any(project.is_set(name) for name in CONFIGURED)
    for mailer in project.mailers:
        known = configured or mailer.chosen_at or project.is_known("EMAIL_BACKEND")
        if _is_smtp(project, mailer) and mailer.timeout is None and _sends(project, mailer):
            yield Finding(
                message="SMTP has no timeout: a relay that hangs holds the thread that sends.",
                hint="Set EMAIL_TIMEOUT = 10 (in MAILERS: OPTIONS timeout).",
                location=mailer.chosen_at or _place(project, mailer.setting),
                severity=Severity.WARNING if known else Severity.INFO,
            )


def _is_smtp(project: Project, mailer: Mailer) -> bool:
    """Whether a mailer speaks SMTP, or hands on to what does."""
    if is_a(mailer.backend, SMTP):
        return True
    named = str(project.setting("EMAIL_BACKEND")) if mailer.setting == ("EMAIL_BACKEND",) else ""
    sending = (given for start, given in HANDING_ON.items() if named.startswith(start))
    return any(project.setting(*given) == SMTP for given in sending)


def _sends(project: Project, mailer: Mailer) -> bool:
    if project.setting("ADMINS") or any(_sends_itself(project, source) for source in project.code):
        return True
    if any(_has_own(project, source) for source in project.code):
        # For those connections the relay is configured.
        return False
    if not (mailer.chosen_at or any(project.is_set(name) for name in CONFIGURED)):
        return False
    asked = not project.is_known("ADMINS") or BROKEN_LINKS in (project.setting("MIDDLEWARE") or ())
    return asked or any(map(project.code.is_mentioned, (OF_USERS, *RESETS))) or may_send(project)


def _sends_itself(project: Project, source: Summary) -> bool:
    """Whether a file sends mail through Django, or hands on what does."""
    names = {name for name in source.imported if name.startswith(MAIL)}
    own = any(name.startswith(BACKENDS) for name in names)
    if all(name.startswith((BACKENDS, MESSAGES)) for name in names) and (own or not names & SENT):
        return False
    if _has_own(project, source):
        return False
    functions = {fact.function.rpartition(".")[2] for fact in source.facts.get(RULE.slug, ())}
    return functions != {OF_USERS} or project.code.is_mentioned(OF_USERS)


def _has_own(project: Project, source: Summary) -> bool:
    """Whether a file sends mail through connections that are given a timeout, and no others."""
    facts = source.facts.get(RULE.slug, ())
    handed = any(fact.data[1] for fact in facts) and project.code.once(_has_bounded)
    return bool(facts) and all(fact.data[0] or (handed and fact.data[1]) for fact in facts)


def _has_bounded(code: Codebase) -> bool:
    """Whether the project has a backend of its own, all of whose files name a timeout."""
    own = [s for s in code for name in s.classes if SMTP in code.ancestors(f"{s.module}.{name}")]
    return bool(own) and all(_names_timeout(source) for source in own)


def _names_timeout(source: Summary) -> bool:
    said = (word for words in source.said.values() for word in words.split())
    return any(word in {"timeout", ":timeout", ".timeout"} for word in said)


def _place(project: Project, setting: tuple[str, ...]) -> Location:
    if setting[0] == "MAILERS":
        return project.where(*setting)
    return project.where(next((name for name in CONFIGURED if project.is_set(name)), "EMAIL_HOST"))


RULE = Rule("scaleready.W012", "email-no-timeout", find, leak=Leak.CONNECTIONS, collect=collect)
