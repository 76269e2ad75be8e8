"""The app."""

from django.apps import AppConfig


class PodcastsConfig(AppConfig):
    """Starts without asking anybody: a replica must come up while a partner is down."""

    name = "podcasts"

    def ready(self):
        from podcasts import catalogue  # noqa: F401 - connects its signals
