"""The site of the drain's tests as a project's ``asgi.py`` has it."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

from django_scaleready.asgi import scaleready

application = scaleready(get_asgi_application())
