"""A client of another service keeps its token in a file of its own.

Such libraries write the token that they renew to the working directory unless they are told
otherwise. Each replica then renews its own, and many services revoke the token before.

## Bad

```python title="shop/music.py"
import spotipy
from spotipy.oauth2 import SpotifyOAuth


def client():
    return spotipy.Spotify(auth_manager=SpotifyOAuth(scope="user-library-read"))
```

## Good

```python title="shop/music.py"
import spotipy
from spotipy.oauth2 import SpotifyOAuth

from shop.tokens import DatabaseCacheHandler


def client():
    handler = DatabaseCacheHandler()
    return spotipy.Spotify(auth_manager=SpotifyOAuth(cache_handler=handler))
```

## Stays silent when

- a store is given: the database, Redis, memory;
- O365 is told `auth_flow_type="credentials"`: each replica gets such a token anew, by itself;
- the file is only read, as a jar of cookies that somebody put there;
- the code is a management command or a script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_parts

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "token-file"
# The call, and the argument that names another place.
CLIENTS = {
    "spotipy.oauth2.SpotifyOAuth": ("cache_handler",),
    "spotipy.SpotifyOAuth": ("cache_handler",),
    "spotipy.oauth2.SpotifyPKCE": ("cache_handler",),
    "O365.Account": ("token_backend",),
    "telegram.ext.PicklePersistence": ("none",),
    "telethon.TelegramClient": ("none",),
    "telethon.sync.TelegramClient": ("none",),
    "pyrogram.Client": ("in_memory", "session_string"),
    "gspread.oauth": ("none",),
    "zohocrmsdk.src.com.zoho.crm.api.initializer.Initializer.initialize": ("store",),
    "google_auth_oauthlib.flow.InstalledAppFlow.from_client_secrets_file": ("none",),
    "oauth2client.file.Storage": ("none",),
    "http.cookiejar.MozillaCookieJar": ("none",),
}
# They read a file that somebody else wrote, unless they are told to save it.
LOADED = frozenset({"http.cookiejar.MozillaCookieJar"})
# The flow in which no user takes part and no token revokes another.
FLOW, RENEWED = "auth_flow_type", "credentials"
METHODS = ("SaveCredentialsFile", "LoadCredentialsFile")

PACKAGES = frozenset(name.partition(".")[0] for name in CLIENTS) | {"pydrive", "pydrive2"}


MADE = last_parts(*CLIENTS)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the clients that are made without a store of their own: (dotted name,)."""
    module = reading.module
    if module.roots.isdisjoint(PACKAGES):
        return
    for site in module.calls_that_run(*MADE):
        name = module.resolve(site.call.func)
        given = {keyword.arg for keyword in site.call.keywords}
        # A session that is an object, and no name of a file, is kept by whoever made it.
        kept = "TelegramClient" in name and not _is_text(site.call.args[:1])
        if name in LOADED and not _is_saved(module, site):
            continue
        flows = (getattr(k.value, "value", "") for k in site.call.keywords if k.arg == FLOW)
        if RENEWED in flows:
            continue
        if name in CLIENTS and given.isdisjoint(CLIENTS[name]) and None not in given and not kept:
            yield module.fact(site, name)
    for site in module.calls_that_run(METHODS[0]):
        yield module.fact(site, METHODS[0])


def _is_saved(module: Module, site: Site) -> bool:
    return any(other.scope is site.scope for other in module.calls("save"))


def _is_text(arguments: list[ast.expr]) -> bool:
    first = arguments[0] if arguments else None
    return isinstance(first, ast.JoinedStr) or isinstance(getattr(first, "value", None), str)


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them."""
    for _, fact, place in project.noted(SLUG):
        yield Finding(
            message=f"{fact.data[0]} keeps its token in a file of this replica.",
            hint="Give it a store in the database or in Redis.",
            location=place,
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E078", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
