"""Says which replica answered."""

from django.conf import settings


def replica_header(get_response):
    """Add ``X-Replica`` to each response but the probes'."""

    def middleware(request):
        response = get_response(request)
        response["X-Replica"] = settings.REPLICA
        return response

    return middleware


def replica(_):
    """Give the templates the replica's name."""
    return {"replica": settings.REPLICA}
