"""Who uses a cache alias or the uploads' storage: the gate between an error and an information."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.memory import aliased_reads
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.known import storage_apps
from django_scaleready.checks.known.cache_apps import app_users
from django_scaleready.checks.known.classes import Named, is_a, name_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project

LOCAL_CACHES = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.filebased.FileBasedCache",
)
# The classes that name a cache of their own.
OWN = "cache-of-class"
SESSIONS = "sessions"
CODE = "the project's own code"
# The alias that templates prefer, and how they ask for it.
FRAGMENTS = "template_fragments"
CACHE_TAG = re.compile(rb"\{%-? *cache [^%]+%\}")
FOREVER = re.compile(rb"\{%-? *cache +None ")
CACHE_MIDDLEWARE = (
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
)


@dataclass(frozen=True, slots=True)
class User:
    """Something that uses a cache or a storage, and where that is decided.

    ``chooses`` is whether it names the alias itself, and so may have meant it to be local;
    ``minor`` is whether little is lost if it is, and ``saves_work`` whether no more than work.
    """

    name: str
    location: Location
    chooses: bool = False
    minor: bool = False
    saves_work: bool = False


def is_local_cache(project: Project, alias: str) -> bool:
    """Whether a cache is seen by one process or one machine only."""
    backend = project.caches.get(alias)
    if not is_a(backend, *LOCAL_CACHES):
        return False
    folder = getattr(backend, "_dir", None)
    return not (folder and project.is_shared(folder))


def cache_users(project: Project, alias: str) -> list[User]:
    """Return what uses an alias, the settings before the source."""
    return [
        *_session_users(project, alias),
        *_middleware_users(project, alias),
        *_throttle_users(project, alias),
        *_result_users(project, alias),
        *_app_users(project, alias),
        *_source_users(project, alias),
        *_template_users(project, alias),
    ]


def _app_users(project: Project, alias: str) -> Iterator[User]:
    for app, place in app_users(project, alias):
        yield User(app.keeps, place, minor=app.minor, saves_work=app.saves_work(project))


def session_store(project: Project) -> Any | None:
    """Return the SessionStore class in use, or None if the project has no sessions."""
    middleware = [project.imported(path) for path in project.setting("MIDDLEWARE")]
    session = "django.contrib.sessions.middleware.SessionMiddleware"
    if not any(is_a(entry, session) for entry in middleware):
        return None
    return project.imported(f"{project.setting('SESSION_ENGINE')}.SessionStore")


def messages_in_sessions(project: Project) -> tuple[Location, ...]:
    """Return the setting that puts messages into the session; by default cookies hold them."""
    storage = "django.contrib.messages.storage.session.SessionStorage"
    name = "MESSAGE_STORAGE"
    if not project.is_set(name) or not is_a(project.imported(project.setting(name)), storage):
        return ()
    return (project.where(name),)


def _session_users(project: Project, alias: str) -> Iterator[User]:
    cached = (
        "django.contrib.sessions.backends.cache.SessionStore",
        "django.contrib.sessions.backends.cached_db.SessionStore",
    )
    store = session_store(project)
    if store and is_a(store, *cached) and project.setting("SESSION_CACHE_ALIAS") == alias:
        yield User(SESSIONS, project.where("SESSION_ENGINE"))
        for place in messages_in_sessions(project):
            yield User("messages", place)


def _middleware_users(project: Project, alias: str) -> Iterator[User]:
    # With no seconds it only sends headers; a view that says for how long counts by itself.
    keeps = project.setting("CACHE_MIDDLEWARE_SECONDS") != 0
    if project.setting("CACHE_MIDDLEWARE_ALIAS") != alias or not keeps:
        return
    for path in project.setting("MIDDLEWARE"):
        entry = project.imported(path)
        if is_a(entry, *CACHE_MIDDLEWARE):
            yield User("the cache middleware", project.where("MIDDLEWARE"))
            return


def _throttle_users(project: Project, alias: str) -> Iterator[User]:
    # A fork of the framework has other apps, and reads the same setting.
    if not project.installed("rest_framework") and not project.is_set("REST_FRAMEWORK"):
        return
    options = project.setting("REST_FRAMEWORK") or {}
    throttles = options.get("DEFAULT_THROTTLE_CLASSES") or ()
    if any(_throttle_alias(project, throttle) == alias for throttle in throttles):
        place = project.where("REST_FRAMEWORK", "DEFAULT_THROTTLE_CLASSES")
        yield User("REST framework's throttles", place)
    facts = [
        (source, fact)
        for source, fact in project.code.facts("throttles")
        if not all(_counts_elsewhere(project, name) for name in fact.data)
    ]
    if alias == "default" and facts:
        if "DEFAULT_THROTTLE_RATES" in options:
            place = project.where("REST_FRAMEWORK", "DEFAULT_THROTTLE_RATES")
            yield User("REST framework's throttles", place)
        for source, fact in facts:
            yield User("REST framework's throttles", Location(source.path, fact.line))


def _counts_elsewhere(project: Project, throttle: str) -> bool:
    """Whether a throttle of the project is not made from one that counts in the cache."""
    return "rest_framework.throttling.BaseThrottle" in project.code.ancestors(throttle)


def _throttle_alias(project: Project, throttle: Any) -> str | None:
    """Return the alias that a throttle counts in: it may have a cache of its own, or none."""
    if isinstance(throttle, str):
        throttle = attempt("REST_FRAMEWORK", project.imported, throttle)
    if isinstance(throttle, Named):
        elsewhere = _counts_elsewhere(project, throttle.dotted)
        return None if elsewhere else _written_alias(project, throttle.dotted)
    if not isinstance(throttle, type):
        return "default"
    if not is_a(throttle, "rest_framework.throttling.SimpleRateThrottle"):
        return None
    cache = getattr(throttle, "cache", None)
    own = (alias for alias, backend in project.caches.items() if backend is cache)
    return next(own, vars(cache).get("_alias", "default"))


def _written_alias(project: Project, dotted: str) -> str:
    """Return the alias that the body of a class, or of what it derives from, names as its cache."""
    given = {(source.path, fact.data[0]): fact.data[1] for source, fact in project.code.facts(OWN)}
    for name in project.code.ancestors(dotted):
        located = project.code.locate(name)
        if located and (alias := given.get((located[0].path, located[1]))):
            return str(alias)
    return "default"


def _result_users(project: Project, alias: str) -> Iterator[User]:
    celery = project.celery
    if celery is None or celery.conf.task_ignore_result:
        return
    used = celery.conf.result_backend == "django-cache"
    if used and alias == (celery.conf.cache_backend or "default"):
        yield User("Celery's results", project.celery_place("result_backend"))


def _source_users(project: Project, alias: str) -> Iterator[User]:
    settings = {project.where("CACHES").path, project.where("MIDDLEWARE").path}
    seen: set[str] = set()
    ends, noted = _ends(project, alias), project.code.facts("cache-reads-through")
    through = {s.path: fact.data[0] for s, fact in noted if ends or not fact.data[1]}
    saving = _saving(project.code)
    for source, fact in project.code.facts("cache-use"):
        if _alias(project, *fact.data) == alias and source.path not in settings | seen:
            seen.add(source.path)
            pages = False if (source.path, fact) in saving else through.get(source.path)
            place = Location(source.path, fact.line)
            yield User(
                CODE, place, chooses=True, minor=pages is not None, saves_work=pages is False
            )
    for source, fact in project.code.facts("cache-counts"):
        if fact.data[0] == alias and source.path in seen:
            yield User(CODE, Location(source.path, fact.line), chooses=True)
    for source, fact, place in project.noted("cache-puts"):
        if fact.data[0] == alias and source.path in seen - through.keys():
            yield User(CODE, place, chooses=True)
    for _, fact, place in project.noted("cache-storages"):
        if fact.data[0] == alias:
            yield User(CODE, place, chooses=True)


def _ends(project: Project, alias: str) -> bool:
    """Whether an alias keeps for a time what it is told no time for: Django's five minutes."""
    config = (project.setting("CACHES") or {}).get(alias)
    time = config.get("TIMEOUT", 300) if isinstance(config, dict) else 300
    return time is not None and project.is_known("CACHES")


def _saving(code: Codebase) -> set[tuple[str, Fact]]:
    """Return the uses of a cache that only save work; nothing else takes it from there."""
    return {
        (source.path, fact._replace(data=fact.data[1:]))
        for source, fact in code.facts(aliased_reads.NOTED)
        if not code.is_mentioned(fact.data[0])
    }


def _template_users(project: Project, alias: str) -> Iterator[User]:
    """Yield the first template that keeps a part of itself: of many, one tells enough."""
    own = FRAGMENTS if FRAGMENTS in project.caches else "default"
    if alias != own or not is_local_cache(project, alias):
        return
    if found := project.code.once(_cached_template, project.root):
        yield User("the cache tag of templates", found[0], minor=found[1])


def _cached_template(code: Codebase, root: Path) -> tuple[Location, bool] | None:
    """Return the first template with the tag, and whether what it keeps ends."""
    for path in code.listed:
        if path.endswith(".html") and (line := line_of(CACHE_TAG, root / path)):
            return Location(path, line), not line_of(FOREVER, root / path)
    return None


def line_of(tag: re.Pattern[bytes], template: Path) -> int:
    """Return the line where a template has a tag, 0 if it has none or cannot be read."""
    try:
        text = template.read_bytes()
    except OSError:
        return 0
    found = tag.search(text)
    return text.count(b"\n", 0, found.start()) + 1 if found else 0


def _alias(project: Project, given: str, setting: str = "") -> Any:
    """Return the alias in ``caches["x"]``, or the one that ``caches[settings.NAME]`` means."""
    return project.setting(setting) if setting else given


def storage_users(project: Project, alias: str) -> list[User]:
    """Return what stores uploads there: model fields first, then apps, then code."""
    fields = [field for field in project.file_fields if _alias_of(project, field.storage) == alias]
    users = [User(str(field), project.place_of_class(field.model)) for field in fields]
    users += [User(name, place) for name, place in storage_apps.app_users(project, alias)]
    seen: set[str] = set()
    for source, fact in project.code.facts("storage-use"):
        if _alias(project, *fact.data) == alias and source.path not in seen:
            seen.add(source.path)
            name = "default_storage" if alias == "default" else f"storages[{alias!r}]"
            users.append(User(name, Location(source.path, fact.line)))
    return users


def is_only_read(project: Project, alias: str) -> bool:
    """Whether code reads from a storage, and nothing is seen that stores anything there."""
    reads = any(
        _alias(project, *fact.data) == alias for _, fact in project.code.facts("storage-reads")
    )
    return reads and not storage_users(project, alias)


def _alias_of(project: Project, used: Any) -> str | None:
    """Return the alias that a field's storage is; of several that keep the same files, one."""
    same = [alias for alias, other in project.storages.items() if is_same_storage(used, other)]
    # The lazy default_storage has the alias's own storage inside.
    held = getattr(used, "_wrapped", used)
    own = [alias for alias in same if project.storages[alias] is held]
    return next(iter([*own, *(alias for alias in same if alias == "default"), *same]), None)


def is_same_storage(used: Any, storage: Any) -> bool:
    """Whether two storages keep the same files."""
    if isinstance(storage, Named) and name_of(storage) != name_of(used):
        return False
    # A field's storage may be the lazy default_storage: equal in kind and place, not identical.
    return type(storage) is used.__class__ and getattr(used, "location", None) == getattr(
        storage, "location", None
    )
