"""Libraries that ask a provider who logs in, and wait for it as long as a setting says.

Each line was read in the package's own source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


@dataclass(frozen=True, slots=True)
class LoginApp:
    """A library that logs people in: ``backends`` begin so, but for those that ask nobody.

    ``setting`` is its time-out, also for one provider alone, as ``named`` matches it. From the
    version ``bounded`` of the distribution on it has one by itself. ``asked`` holds the URL that
    nobody logs in without.
    """

    name: str
    backends: tuple[str, ...]
    setting: str
    named: re.Pattern[str]
    silent: tuple[str, ...] = ()
    bounded: tuple[int, ...] = ()
    asked: str = ""


LOGIN_APPS = (
    # social_core.backends.base.BaseAuth.request().
    LoginApp(
        name="social-auth-core",
        backends=("social_core.backends.", "auth_backends.backends."),
        setting="SOCIAL_AUTH_REQUESTS_TIMEOUT",
        named=re.compile(r"SOCIAL_AUTH_(\w+_)?(REQUESTS|URLOPEN)_TIMEOUT"),
        silent=tuple(f"social_core.backends.{name}." for name in ("email", "saml", "username")),
        bounded=(4, 9),
    ),
    # mozilla_django_oidc.auth.OIDCAuthenticationBackend.get_token() and get_userinfo(), and the
    # backends of django-lasuite, which are made of it.
    LoginApp(
        name="mozilla-django-oidc",
        backends=("mozilla_django_oidc.", "lasuite.oidc_login."),
        setting="OIDC_TIMEOUT",
        named=re.compile("OIDC_TIMEOUT"),
        asked="OIDC_OP_TOKEN_ENDPOINT",
    ),
)
# Hosts that nobody has: RFC 2606.
_RESERVED = re.compile(r"(^|\.)(example(\.(com|net|org))?|invalid|test)$")


def unbounded(project: Project) -> Iterator[LoginApp]:
    """Yield those that the project logs people in with, and that have no time-out."""
    listed = project.setting("AUTHENTICATION_BACKENDS") or ()
    backends = [backend for backend in listed if isinstance(backend, str)]
    for app in LOGIN_APPS:
        if not any(_asks(project, backend, app) for backend in backends):
            continue
        if _is_bounded(project, app) or not project.is_known(app.setting):
            continue
        if not app.bounded or project.is_older(app.name, *app.bounded):
            yield app


def is_made_up(project: Project, app: LoginApp) -> bool:
    """Whether the settings have no provider, but an example of one: ``https://example.com/token``.

    Who logs people in so has other settings, which may have a time-out.
    """
    url = project.setting(app.asked) if app.asked and project.is_known(app.asked) else None
    return isinstance(url, str) and bool(_RESERVED.search(urlsplit(url).hostname or ""))


def _is_bounded(project: Project, app: LoginApp) -> bool:
    """Whether a setting brings a time-out, or may: requests waits for ever with None, too."""
    return any(
        app.named.fullmatch(name) and not (value is None and project.is_known(name))
        for name, value in project.settings_named("TIMEOUT").items()
    )


def _asks(project: Project, backend: str, app: LoginApp) -> bool:
    """Whether a backend is one of the library's, or the project's own on top of one."""
    own = project.code.by_module.get(backend.rpartition(".")[0])
    named = own.imported if own else [backend]
    return any(name.startswith(app.backends) and not name.startswith(app.silent) for name in named)
