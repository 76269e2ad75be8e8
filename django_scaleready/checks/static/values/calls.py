"""Calls in settings modules whose result is known without running anything of the project's."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from django_scaleready.checks.static.values.comprehensions import filtered
from django_scaleready.checks.static.values.environ_path import EnvironPath
from django_scaleready.checks.static.values.undecided import UNDECIDED, Environment, Ref, Undecided

# As distutils had it, and its many copies.
TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
TYPES = {t.__name__: t for t in (bool, bytes, dict, float, int, list, set, str, tuple)}
ENVIRON = Ref("os.environ")
# What they give has the same variables: ``env = dict(os.environ)``.
COPIES = frozenset({"copy.copy", "copy.deepcopy", "dict"})
# Pure, and their arguments are values of the settings.
PURE: dict[str, Callable[..., Any]] = {
    **{f: getattr(posixpath, f.rpartition(".")[2]) for f in ("os.path.join", "os.path.dirname")},
    "os.path.abspath": posixpath.normpath,
    "os.path.realpath": posixpath.normpath,
    "os.path.normpath": posixpath.normpath,
    "os.path.basename": posixpath.basename,
    "os.path.splitext": posixpath.splitext,
    "os.path.expanduser": str,
    "os.fspath": os.fspath,
    "os.environ.copy": lambda: ENVIRON,
    "pathlib.Path": Path,
    "pathlib.PurePath": Path,
    "environ.Path": EnvironPath.made,
    "json.loads": json.loads,
    "datetime.timedelta": timedelta,
    "distutils.util.strtobool": lambda text: str(text).lower() in TRUE,
    "urllib.parse.urljoin": urljoin,
    "urllib.parse.urlparse": urlsplit,
    "urllib.parse.urlsplit": urlsplit,
    "split_settings.tools.optional": lambda path: path,
    "copy.deepcopy": lambda value: value,
    "copy.copy": lambda value: value,
    "django.utils.translation.gettext_lazy": lambda text: text,
    "django.utils.translation.gettext": lambda text: text,
}
BUILTINS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (bool, dict, float, frozenset, int, len, list, max, min, set, sorted, str, sum, tuple)
} | {"any": any, "all": all, "filter": filtered}
KNOWN = BUILTINS.keys() | TYPES.keys() | {"isinstance"}
# Methods of strings, paths, lists and dictionaries.
METHODS = frozenset(
    [
        *("append", "capitalize", "copy", "count", "endswith", "extend", "format", "get", "index"),
        *("insert", "items", "join", "keys", "lower", "lstrip", "partition", "pop", "remove"),
        *("removeprefix", "removesuffix", "replace", "rpartition", "rsplit", "rstrip"),
        *("setdefault", "split", "startswith", "strip", "title", "union", "update", "upper"),
        *("add", "as_posix", "clear", "joinpath", "reverse", "sort", "values", "with_name"),
        *("path", "with_suffix"),
    ]
)
# They look at the disk, where a replica may have something else.
SAME_PATH = frozenset({"resolve", "absolute", "expanduser"})
OF_PATHS = SAME_PATH | {"exists", "is_dir", "is_file"}
GETTERS = frozenset({"os.environ.get", "os.getenv", "environ.get", "os.environ.setdefault"})
# django-environ and environs, python-decouple, django-configurations: name, default, cast.
READERS = ("decouple.", "starlette.config.", "prettyconf.", "envparse.")
FIELDS = frozenset({"pydantic.Field", "pydantic.fields.Field", "dataclasses.field"})
# The variable that such a method of an environment asks for where the call names none.
UNNAMED = {"db": "DATABASE_URL", "db_url": "DATABASE_URL"} | {
    f"{kind}{end}": f"{kind.upper()}_URL" for kind in ("cache", "email") for end in ("", "_url")
}
DATABASE_URLS = frozenset({"dj_database_url.config", "dj_database_url.parse"})
# The variable that they ask for where the call names none.
CONFIGS = {"dj_database_url.config": "DATABASE_URL", "django_cache_url.config": "CACHE_URL"}
URLS = DATABASE_URLS | {"django_cache_url.config", "django_cache_url.parse"}
ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "psql": "django.db.backends.postgresql",
    "pgsql": "django.db.backends.postgresql",
    "postgis": "django.contrib.gis.db.backends.postgis",
    "mysql": "django.db.backends.mysql",
    "mysql2": "django.db.backends.mysql",
    "mariadb": "django.db.backends.mysql",
    "oracle": "django.db.backends.oracle",
    "sqlite": "django.db.backends.sqlite3",
    "sqlite3": "django.db.backends.sqlite3",
    "spatialite": "django.contrib.gis.db.backends.spatialite",
}
CACHES = {
    "redis": "django.core.cache.backends.redis.RedisCache",
    "rediss": "django.core.cache.backends.redis.RedisCache",
    "rediscache": "django.core.cache.backends.redis.RedisCache",
    "memcache": "django.core.cache.backends.memcached.PyMemcacheCache",
    "pymemcache": "django.core.cache.backends.memcached.PyMemcacheCache",
    "dbcache": "django.core.cache.backends.db.DatabaseCache",
    "filecache": "django.core.cache.backends.filebased.FileBasedCache",
    "locmem": "django.core.cache.backends.locmem.LocMemCache",
    "locmemcache": "django.core.cache.backends.locmem.LocMemCache",
    "dummycache": "django.core.cache.backends.dummy.DummyCache",
}
RELAY = "smtp"
EMAILS = {
    RELAY: "django.core.mail.backends.smtp.EmailBackend",
    "consolemail": "django.core.mail.backends.console.EmailBackend",
    "filemail": "django.core.mail.backends.filebased.EmailBackend",
    "memorymail": "django.core.mail.backends.locmem.EmailBackend",
    "dummymail": "django.core.mail.backends.dummy.EmailBackend",
}


def asked(dotted: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Return the name of the variable that a call of something imported asks for; None for none."""
    if dotted in GETTERS or dotted.startswith(READERS) or dotted in CONFIGS:
        return arguments[0] if arguments else options.get("env", CONFIGS.get(dotted))
    return None


def known(dotted: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Return what a call of something imported gives, UNDECIDED if nobody knows."""
    if dotted in GETTERS:
        return default_of(arguments, options)
    if dotted in URLS:
        return _of_url(dotted, arguments, options)
    if dotted.startswith("huey.") and dotted.endswith("Huey"):
        # What HUEY = {"huey_class": "huey.SqliteHuey"} makes of it.
        return {"huey_class": dotted, "immediate": False, **options}
    if dotted in {"environ.Env", "environ.FileAwareEnv", "environs.Env", "env.Env"}:
        pairs = options.items()
        return Environment(tuple((k, v[1]) for k, v in pairs if isinstance(v, tuple) and v[1:]))
    if dotted.startswith(READERS) or dotted in FIELDS or "configurations.values." in dotted:
        return reader(dotted, arguments, options)
    function = PURE.get(dotted)
    return UNDECIDED if function is None else safely(function, arguments, options)


def _of_url(dotted: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    made = database if dotted in DATABASE_URLS else cache
    given = arguments[0] if dotted.endswith("parse") and arguments else options.get("default")
    if given is None and dotted == "dj_database_url.config":
        # So it says where the variable is not set.
        return {}
    found = made("locmem://" if given is None and made is cache else given)
    kept = {"CONN_MAX_AGE": options["conn_max_age"]} if "conn_max_age" in options else {}
    return found | kept if made is database and found is not UNDECIDED else found


def builtin(name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Return what a call of a builtin gives, UNDECIDED if it is given what is."""
    if name == "isinstance":
        return _is_instance(*arguments[:2]) if arguments[1:] else UNDECIDED
    return safely(BUILTINS[name], arguments, options) if name in BUILTINS else UNDECIDED


def _is_instance(value: Any, kinds: Any) -> Any:
    asked = kinds if isinstance(kinds, tuple) else (kinds,)
    types = [TYPES.get(kind.dotted) for kind in asked if isinstance(kind, Ref)]
    known = [kind for kind in types if kind is not None]
    if isinstance(value, Undecided | Ref) or len(known) < len(asked):
        return UNDECIDED
    return isinstance(value, tuple(known))


def reader(dotted: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Return what an option reader gives where the environment is empty."""
    if dotted in FIELDS:
        # What a field of pydantic's holds where no variable is set.
        given = arguments[0] if arguments else options.get("default", UNDECIDED)
        return UNDECIDED if given is Ellipsis else given
    if "configurations.values" in dotted:
        value = arguments[0] if arguments else options.get("default", UNDECIDED)
        made = URL_VALUES.get(dotted.rpartition(".")[2])
        return made(value) if made else value
    value = default_of(arguments, options, required=True)
    cast = options.get("cast")
    # The default is text, and cast=dj_database_url.parse makes a dictionary of it.
    if isinstance(cast, Ref) and cast.dotted in URLS:
        return known(cast.dotted, [value], {})
    # bool("False") would be true; these read such a text as the environment's.
    words = isinstance(cast, Ref) and cast.dotted == "bool" and isinstance(value, str)
    return value.lower() in TRUE if words else value


def default_of(arguments: list[Any], options: dict[str, Any], *, required: bool = False) -> Any:
    """Return the default of a variable that is not set."""
    if len(arguments) > 1:
        return arguments[1]
    for name in ("default", "fallback"):
        if name in options:
            return options[name]
    return UNDECIDED if required else None


def of_environment(
    env: Environment,
    method: str,
    arguments: list[Any],
    options: dict[str, Any],
    variables: Mapping[str, str | Undecided],
) -> Any:
    """Return what ``env("NAME")`` or ``env.bool("NAME", default=...)`` gives."""
    defaults = dict(env.defaults)
    name = arguments[0] if arguments else options.get("var", UNNAMED.get(method))
    value = default_of(arguments, options, required=True)
    if value is UNDECIDED and name in defaults:
        value = defaults[name]
    if isinstance(name, str) and name in variables:
        return as_read(variables[name], "bool" if isinstance(value, bool) else method)
    return None if method in {"read_env", "read_envfile", "parse_env"} else _as(method, value)


def as_read(text: str | Undecided, kind: str) -> Any:
    """Return what a reader of options makes of a variable's text."""
    if isinstance(text, Undecided):
        return text
    if kind in {"bool", "boolean"}:
        return text.lower() in TRUE
    if kind in {"int", "integer"}:
        return int(text) if text.isdecimal() else UNDECIDED
    return known(kind, [text], {}) if kind in URLS else _as(kind, text)


def _as(method: str, value: Any) -> Any:
    if method in {"db", "db_url", "dj_db_url"}:
        return database(value)
    if method in {"cache", "cache_url", "dj_cache_url"}:
        return cache(value)
    if method in {"email", "email_url", "dj_email_url"}:
        return email(value)
    if method == "path" and isinstance(value, str):
        return Path(value)
    if method in {"list", "tuple"} and isinstance(value, str):
        return [part for part in value.split(",") if part]
    return value


def email(url: Any) -> Any:
    """Return the settings that a URL for mail stands for; what has to be set is a relay's."""
    if isinstance(url, Undecided):
        url = RELAY
    return _by_scheme(url, EMAILS, "EMAIL_BACKEND")


def database(url: Any) -> Any:
    """Return the dictionary that a database's URL stands for; undecided without one."""
    found = _by_scheme(url, ENGINES, "ENGINE")
    if found is not UNDECIDED:
        found["NAME"] = url.partition("://")[2].partition("/")[2] or url
    return found


def cache(url: Any) -> Any:
    """Return the dictionary that a cache's URL stands for."""
    return _by_scheme(url, CACHES, "BACKEND")


def _by_scheme(url: Any, names: dict[str, str], key: str) -> Any:
    if not isinstance(url, str):
        return UNDECIDED
    scheme = url.partition(":")[0].partition("+")[0]
    return {key: names[scheme]} if scheme in names else UNDECIDED


def safely(function: Callable[..., Any], arguments: list[Any], options: dict[str, Any]) -> Any:
    """Call something pure; what is undecided makes the result so, and so does an error."""
    given = [*arguments, *options.values()]
    if any(value is UNDECIDED or isinstance(value, Ref) for value in given):
        return UNDECIDED
    try:
        return function(*arguments, **options)
    except Exception:  # noqa: BLE001 - whatever is wrong with the settings, running them will say
        return UNDECIDED


URL_VALUES: dict[str, Callable[[Any], Any]] = {
    "DatabaseURLValue": lambda url: _aliased(database(url)),
    "CacheURLValue": lambda url: _aliased(cache(url)),
    "EmailURLValue": email,
}


def _aliased(config: Any) -> Any:
    return UNDECIDED if config is UNDECIDED else {"default": config}
