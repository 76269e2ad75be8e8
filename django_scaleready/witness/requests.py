"""Requests as windows: from Django's handler until the response is closed."""

from __future__ import annotations

import functools
import random
from typing import Any

from django.core.handlers.base import BaseHandler

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Moment
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.windows import Window, current


class Requests:
    """Watches a share of the requests of this process, 1.0 for all of them.

    It wraps Django's handler, for that alone is passed by the test client, ``live_server``, WSGI
    and ASGI alike, in the context that the view runs in: under ASGI what a receiver of
    ``request_started`` puts into a context variable is lost. A middleware would have to be in
    everybody's settings.
    """

    def __init__(self, recorder: Recorder, share: float) -> None:
        self.recorder, self.share = recorder, share
        self._original = BaseHandler.get_response, BaseHandler.get_response_async
        self._wrapped: Any = None

    def start(self) -> None:
        """Begin with the next request."""
        get_response, get_response_async = self._original

        @functools.wraps(get_response)
        def watched(handler: BaseHandler, request: Any) -> Any:
            window = self._begin(request)
            if window is None:
                return get_response(handler, request)
            try:
                return _until_closed(window, get_response(handler, request))
            except BaseException:
                window.end()
                raise

        @functools.wraps(get_response_async)
        async def watched_async(handler: BaseHandler, request: Any) -> Any:
            window = self._begin(request)
            if window is None:
                return await get_response_async(handler, request)
            try:
                return _until_closed(window, await get_response_async(handler, request))
            except BaseException:
                window.end()
                raise

        self._wrapped = watched, watched_async
        _put(*self._wrapped)

    def stop(self) -> None:
        """Leave the handler as it was, unless somebody else has wrapped it in between."""
        if (BaseHandler.get_response, BaseHandler.get_response_async) == self._wrapped:
            _put(*self._original)
        self.share = 0.0

    def _begin(self, request: Any) -> Window | None:
        if self.share < 1 and random.random() >= self.share:  # noqa: S311 - a sample, no secret
            current.set(False)
            return None
        return self.recorder.begin(Moment.REQUEST, lambda: self._describe(request))

    def _describe(self, request: Any) -> tuple[str, Location | None]:
        match = getattr(request, "resolver_match", None)
        # The pattern: a path may hold a token, and differs from one customer to the next.
        name = f"{request.method} {'/' + str(match.route) if match else 'without a view'}"
        return name, self.recorder.frames.place_of(match.func) if match else None


def _put(get_response: Any, get_response_async: Any) -> None:
    BaseHandler.get_response = get_response  # type: ignore[method-assign]  # what wraps it
    BaseHandler.get_response_async = get_response_async  # type: ignore[method-assign]  # as above


def _until_closed(window: Window, response: Any) -> Any:
    window.running = False
    # Behind what closes uploads and the files that are sent; request_finished has no response.
    response._resource_closers.append(window.end)
    return response
