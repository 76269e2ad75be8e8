"""The settings of every process of a drill: the project's own, led away from its real services."""

from __future__ import annotations

import importlib
from pathlib import Path

from django_scaleready.drill.inside.order import current
from django_scaleready.drill.inside.redirect import redirected

_order = current()
_project = importlib.import_module(_order.settings)
globals().update({name: getattr(_project, name) for name in dir(_project) if name.isupper()})
globals().update(redirected(globals(), _order))

# Django sets it to this module's name. Who asks where the project's own code lies, as the startup
# gate does, would be led here, and find the drill's uploads where the project has none.
SETTINGS_MODULE = _order.settings

# Django's default is a list; a project may have a tuple.
MIDDLEWARE = [
    # First, so that also an answer that another middleware gives names its replica.
    "django_scaleready.drill.inside.middleware.NameReplica",
    *globals().get("MIDDLEWARE", []),
    # Last, so that what it counts has passed all the others: it is on its way to a view.
    "django_scaleready.drill.inside.middleware.CountPosts",
]
# How the drill names the host. A project without DEBUG that lists hosts would refuse all of it.
ALLOWED_HOSTS = [*globals().get("ALLOWED_HOSTS", []), "127.0.0.1", "localhost"]
if globals().get("SECURE_PROXY_SSL_HEADER") is None:
    # Behind a balancer that does not speak of HTTPS each request would be redirected for ever.
    SECURE_SSL_REDIRECT = False

# The drill looks for this: a wsgi.py that sets DJANGO_SETTINGS_MODULE itself runs on the real
# services, and nothing else would tell.
if _order.replica:
    Path(_order.directory, "overlay").mkdir(exist_ok=True)
    Path(_order.directory, "overlay", _order.replica).touch()
