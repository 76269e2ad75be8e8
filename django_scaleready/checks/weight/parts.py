"""The parts of Django that a project may do without, and how to tell that it does.

What protects (``SecurityMiddleware``, ``CsrfViewMiddleware``, ``XFrameOptionsMiddleware``) is none
of them. When in doubt a part is used: a name behind a dot is enough, and so is a page or a
middleware of somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_CONTRIB = "django.contrib."
_MESSAGES = f"{_CONTRIB}messages.middleware.MessageMiddleware"
_SESSIONS = f"{_CONTRIB}sessions.middleware.SessionMiddleware"
_AUTH = f"{_CONTRIB}auth.middleware.AuthenticationMiddleware"
_LOGIN = f"{_CONTRIB}auth.middleware.LoginRequiredMiddleware"
_LOCALE = "django.middleware.locale.LocaleMiddleware"
_SITE = f"{_CONTRIB}sites.middleware.CurrentSiteMiddleware"
_SESSION_AUTHENTICATION = "rest_framework.authentication.SessionAuthentication"
# Packages whose middleware and pages look at no session, user or message and render no template;
# each was read in its source.
_INDIFFERENT = ("corsheaders", "django", "django_prometheus", "django_scaleready", "whitenoise")
# What needs auth's tables and not the request's user.
_AUTH_ASIDE = (
    f"{_CONTRIB}auth.base_user",
    f"{_CONTRIB}auth.get_user_model",
    f"{_CONTRIB}auth.hashers",
    f"{_CONTRIB}auth.models",
    f"{_CONTRIB}auth.password_validation",
)
_RENDERING = ("django.shortcuts.render", "django.template", "django.views.generic")


class Usage:
    """What is known of how a project uses Django."""

    def __init__(self, project: Project, pages: frozenset[str]) -> None:
        """Take the project, and the modules of its views."""
        self.project = project
        self.pages = pages

    def mentions(self, *names: str) -> bool:
        """Whether a name stands behind a dot anywhere in the code."""
        return any(not source.mentions.isdisjoint(names) for source in self.project.code)

    def imports(self, *prefixes: str, aside: tuple[str, ...] = ()) -> bool:
        """Whether the code imports something below one of the dotted names."""
        return any(
            name.startswith(prefixes) and not (aside and name.startswith(aside))
            for source in self.project.code
            for name in source.imported
        )

    def shows(self, package: str) -> bool:
        """Whether a page is written in a package."""
        return any(page.startswith(f"{package}.") for page in self.pages)

    @cached_property
    def admin(self) -> bool:
        """Whether the admin has pages."""
        return self.shows("django.contrib.admin")

    @cached_property
    def others(self) -> bool:
        """Whether somebody else's pages or middleware are in use, which may need anything."""
        own = self.project.code.packages
        foreign = {page.partition(".")[0] for page in self.pages}
        added = {str(path).partition(".")[0] for path in self.project.setting("MIDDLEWARE")}
        return bool((foreign | added) - own - {*_INDIFFERENT, "rest_framework"})

    @cached_property
    def templates(self) -> bool:
        """Whether anything is rendered."""
        files = self.project.files_by_name
        return (
            self.admin
            or self.others
            or self.shows("django.contrib")
            or self.shows("django.views.generic")
            or self.imports(*_RENDERING)
            or self.mentions("render", "render_to_string")
            or any(name.endswith((".html", ".djhtml")) for name in files)
            or self._browsable
        )

    @cached_property
    def auth(self) -> bool:
        """Whether anything asks who the visitor is."""
        return (
            self.admin
            or self.others
            or self.shows("django.contrib.auth")
            or _LOGIN in self.project.setting("MIDDLEWARE")
            or self.mentions("user", "auser")
            or self.imports(f"{_CONTRIB}auth.", aside=_AUTH_ASIDE)
            or self._rest("DEFAULT_AUTHENTICATION_CLASSES", _SESSION_AUTHENTICATION)
            # Any of them may say {{ user }}.
            or self.templates
        )

    @cached_property
    def messages(self) -> bool:
        """Whether anything adds a message."""
        return self.admin or self.others or self.imports(f"{_CONTRIB}messages")

    @cached_property
    def sessions(self) -> bool:
        """Whether anything keeps something in a session, be it who the visitor is."""
        settings = self.project.setting
        return (
            self.admin
            or self.others
            or self.messages
            or (self.auth and _AUTH in settings("MIDDLEWARE"))
            or self.mentions("session")
            or bool(settings("CSRF_USE_SESSIONS"))
        )

    @cached_property
    def languages(self) -> bool:
        """Whether there is a language to choose."""
        setting = self.project.setting
        return bool(setting("USE_I18N")) and len(setting("LANGUAGES")) > 1

    @property
    def _browsable(self) -> bool:
        renderer = "rest_framework.renderers.BrowsableAPIRenderer"
        return self._rest("DEFAULT_RENDERER_CLASSES", renderer)

    def _rest(self, option: str, name: str) -> bool:
        """Whether REST framework has a class in an option; each option has it by default."""
        if not self.project.installed("rest_framework"):
            return False
        return name in (self.project.setting("REST_FRAMEWORK") or {}).get(option, [name])


@dataclass(frozen=True, slots=True)
class Part:
    """Something of Django's that can be left out: the app, the middleware, or TEMPLATES."""

    name: str
    unused: str
    is_used: Callable[[Usage], bool]
    app: str = ""
    middleware: str = ""

    def place(self, project: Project) -> Location | None:
        """Return where it is switched on, None if it is not."""
        if self.middleware:
            here = self.middleware in project.setting("MIDDLEWARE")
            return project.where("MIDDLEWARE", self.middleware) if here else None
        if self.app:
            here = project.installed(self.app)
            return project.where("INSTALLED_APPS", self.app) if here else None
        return project.where("TEMPLATES") if project.setting("TEMPLATES") else None

    @property
    def entry(self) -> str:
        """What is taken out."""
        return self.middleware or self.app or "the engine"

    @property
    def setting(self) -> str:
        """The setting it is taken out of."""
        return "MIDDLEWARE" if self.middleware else "INSTALLED_APPS" if self.app else "TEMPLATES"


def _uses_admin(usage: Usage) -> bool:
    # Its own modules (admin.py) are imported by it alone.
    sources = (s for s in usage.project.code if "admin" not in s.module.split("."))
    return usage.admin or any(
        name.startswith(f"{_CONTRIB}admin.") for source in sources for name in source.imported
    )


# What needs another part stands before it, so that they can be left out in this order.
PARTS = (
    Part(
        "admindocs",
        "no URL leads to it",
        lambda usage: usage.shows("django.contrib.admindocs"),
        app="django.contrib.admindocs",
    ),
    Part("the admin", "no URL leads to it", _uses_admin, app="django.contrib.admin"),
    Part(
        "messages",
        "nothing adds a message",
        lambda usage: usage.messages,
        app="django.contrib.messages",
        middleware=_MESSAGES,
    ),
    Part(
        "request.user",
        "nothing asks for request.user",
        lambda usage: usage.auth,
        middleware=_AUTH,
    ),
    Part(
        "sessions",
        "nothing is kept in a session",
        lambda usage: usage.sessions,
        app="django.contrib.sessions",
        middleware=_SESSIONS,
    ),
    Part(
        "request.site",
        "nothing asks for request.site",
        lambda usage: usage.others or usage.templates or usage.mentions("site"),
        middleware=_SITE,
    ),
    Part(
        "the choice of a language",
        "there is one language to choose from",
        lambda usage: usage.languages,
        middleware=_LOCALE,
    ),
    Part("templates", "nothing renders a template", lambda usage: usage.templates),
)


def unused(project: Project) -> Iterator[tuple[Part, Location]]:
    """Yield what is switched on and used by nothing; nothing if the pages are not known."""
    present = [(part, place) for part in PARTS if (place := part.place(project)) is not None]
    if not present or (pages := project.pages) is None:
        return
    usage = Usage(project, pages)
    yield from ((part, place) for part, place in present if not part.is_used(usage))
