"""Acknowledgements that Redis did not take: asked again, and not held against the worker.

kombu gives the place of a message free when Redis has answered. Where that times out, Celery logs
"Couldn't ack" and goes on, and the place is lost: a worker with one process, which takes one
message at a time, takes none ever again, and looks alive. The connection that waits for messages
has noticed nothing by then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from kombu.transport import redis

logger = logging.getLogger(__name__)

_ERRORS = redis.get_redis_error_classes().connection_errors


class QoS(redis.QoS):
    """Settles a message in two steps: its place is free at once, Redis hears of it when it can.

    Until it has heard, and if the worker ends before, the message is another worker's after the
    visibility timeout: as of a worker that was killed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._unheard: dict[str, Callable[[], object]] = {}
        super().__init__(*args, **kwargs)

    def ack(self, delivery_tag: str) -> None:
        """The task is done."""
        self._settle(delivery_tag, partial(self._forget, delivery_tag))

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Nobody here will do it; with ``requeue`` somebody else shall."""
        back = partial(self.restore_by_tag, delivery_tag, leftmost=True)
        self._settle(delivery_tag, back if requeue else partial(self._forget, delivery_tag))

    def restore_visible(self, *args: Any, **kwargs: Any) -> None:
        """Called by the worker's loop every ``unacked_restore_interval`` seconds."""
        self._ask_again()
        super().restore_visible(*args, **kwargs)

    def restore_unacked_once(self, *args: Any, **kwargs: Any) -> None:
        """Called when the channel ends: what was done is not given back."""
        self._ask_again()
        super().restore_unacked_once(*args, **kwargs)

    def _forget(self, delivery_tag: str) -> None:
        self._remove_from_indices(delivery_tag).execute()  # type: ignore[attr-defined]  # not in its stubs

    def _settle(self, delivery_tag: str, tell: Callable[[], object]) -> None:
        self._quick_ack(delivery_tag)  # type: ignore[attr-defined]  # not in its stubs
        try:
            tell()
        except _ERRORS as error:
            self._unheard[delivery_tag] = tell
            logger.warning(
                "Redis did not take the acknowledgement of a message, it is asked again: %s: %s",
                type(error).__name__,
                error,
            )

    def _ask_again(self) -> None:
        for delivery_tag, tell in list(self._unheard.items()):
            try:
                tell()
            except _ERRORS:
                return
            del self._unheard[delivery_tag]
            logger.info("Redis has taken the acknowledgement")


def use(**_: Any) -> None:
    """Have the channels of this process settle messages so; before the worker opens one."""
    redis.Channel.QoS = QoS
