"""WebSocket messages stay in the process that sent them.

The in-memory channel layer is a dictionary in one process: a message sent to a group reaches the
sockets of that process, and nobody who is connected to another replica.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "channels"]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
```

```python title="shop/news.py"
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def tell(text):
    message = {"type": "news", "text": text}
    async_to_sync(get_channel_layer().group_send)("news", message)
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "channels"]
CHANNEL_LAYERS = {}
```

## Stays silent when

- the layer is shared (`channels_redis.core.RedisChannelLayer`), or there is none;
- nothing of the project imports `channels`: no consumer takes a message and nobody sends one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each channel layer in memory."""
    for alias, config in (project.setting("CHANNEL_LAYERS") or {}).items():
        layer = project.imported(config["BACKEND"])
        if is_a(layer, "channels.layers.InMemoryChannelLayer") and project.code.once(_is_used):
            yield Finding(
                message=(
                    f"The channel layer {alias!r} is in memory: a message reaches the sockets of"
                    " one process only."
                ),
                hint="Use channels_redis.core.RedisChannelLayer.",
                location=project.where("CHANNEL_LAYERS", alias),
                severity=Severity.ERROR,
            )


def _is_used(code: Codebase) -> bool:
    """Whether sockets are routed, or messages sent: all of that is imported from channels."""
    return any(name.startswith("channels.") for source in code for name in source.imported)


RULE = Rule("scaleready.E023", "channels-local", find, leak=Leak.STATE)
