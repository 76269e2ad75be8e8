"""What Castaway does outside a request."""

import hashlib

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from podcasts.directory import DirectoryClient
from podcasts.models import Download, Episode, ListenerReport


@shared_task
def process_episode(episode_id):
    """Measure an uploaded recording."""
    episode = Episode.objects.get(pk=episode_id)
    with episode.audio.open("rb") as audio:
        digest = hashlib.file_digest(audio, "sha256")
    episode.size = episode.audio.size
    episode.sha256 = digest.hexdigest()
    episode.save(update_fields=["size", "sha256"])
    announce_feed.delay(episode.show.slug)


@shared_task
def announce_feed(slug):
    """Tell the directory, if there is one, that a show has a new episode."""
    if settings.DIRECTORY_URL:
        feed_url = settings.SITE_URL + reverse("feed", args=[slug])
        DirectoryClient(
            settings.DIRECTORY_URL,
            settings.DIRECTORY_CLIENT_ID,
            settings.DIRECTORY_CLIENT_SECRET,
        ).announce(feed_url)


@shared_task
def report_listeners():
    """Count the downloads since the last report."""
    now = timezone.now()
    downloads = Download.objects.filter(at__lte=now)
    if previous := ListenerReport.objects.first():
        downloads = downloads.filter(at__gt=previous.taken_at)
    ListenerReport.objects.create(taken_at=now, downloads=downloads.count())
