"""The app."""

from django.apps import AppConfig


class PodcastsConfig(AppConfig):
    """Knows the partners' latest episodes before the first visitor comes."""

    name = "podcasts"

    def ready(self):
        from podcasts import catalogue, feeds  # noqa: F401 - catalogue connects its signals

        feeds.fetch_partner_feeds()
