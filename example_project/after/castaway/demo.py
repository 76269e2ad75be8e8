"""Two addresses for demonstrations; castaway/urls.py leaves them out unless DEMO_ROUTES is set."""

import time

from django.http import HttpResponse, HttpResponseBadRequest
from django.views.decorators.http import require_safe

LONGEST = 30.0


@require_safe
def boom(_):
    """Raise, to see what the log makes of it."""
    raise RuntimeError("Somebody asked for it.")


@require_safe
def slow(request):
    """Answer after ``?seconds=`` (1, at most 30), to be in flight when a replica ends."""
    try:
        seconds = float(request.GET.get("seconds", 1))
    except ValueError:
        return HttpResponseBadRequest("seconds: not a number")
    if not 0 <= seconds <= LONGEST:
        return HttpResponseBadRequest(f"seconds: 0 to {LONGEST:.0f}")
    time.sleep(seconds)
    return HttpResponse(f"That took {seconds:g} s.", content_type="text/plain")
