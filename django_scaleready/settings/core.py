"""All replicas agree on the mode they run in, on the key they sign with, on the hosts they serve.

Reads DEBUG, SECRET_KEY, ALLOWED_HOSTS, SCALEREADY_BUILD.
Sets DEBUG, SECRET_KEY, ALLOWED_HOSTS.
"""

from __future__ import annotations

import secrets

from django_scaleready.env import env

__all__ = ["ALLOWED_HOSTS", "DEBUG", "SECRET_KEY"]

# On by mistake it shows settings and source to every visitor: only a true value switches it on.
DEBUG: bool = not env.production

# A key made up at start differs on each replica: sessions and reset links of one are refused by
# the next. So there is no default in production; empty, Django itself refuses to start, unless the
# project assigns its own below the import. While an image is built nothing is signed; a random key
# keeps a forgotten SCALEREADY_BUILD from serving with one that everybody can read here.
SECRET_KEY: str = env.text(
    "SECRET_KEY",
    secrets.token_urlsafe(50)
    if env.building
    else ("" if env.production else "django-insecure-for-development-only"),
)

# A wildcard lets a client choose the host in password-reset links. The probes need none: they are
# answered before Django validates the header.
ALLOWED_HOSTS: list[str] = env.words("ALLOWED_HOSTS")
