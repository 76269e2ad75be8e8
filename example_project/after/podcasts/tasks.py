"""What Castaway does outside a request.

Each task may run twice: a message that was not acknowledged, because its worker died, is delivered
again.
"""

import hashlib
import logging
from datetime import timedelta
from http.client import HTTPException
from xml.etree.ElementTree import ParseError

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from podcasts import feeds
from podcasts.directory import DirectoryClient
from podcasts.models import Download, Episode, ListenerReport, Partner

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(minutes=5)


@shared_task
def process_episode(episode_id):
    """Measure an uploaded recording."""
    episode = Episode.objects.select_related("show").filter(pk=episode_id).first()
    if episode is None:
        return  # Deleted while the message waited.
    with episode.audio.open("rb") as audio:
        digest = hashlib.file_digest(audio, "sha256")
        size = audio.tell()
    # Before the row is marked as done: what cannot be sent now is tried again with the episode.
    announce_feed.delay(episode.show.slug)
    # Not save(): an editor may have changed the title meanwhile.
    Episode.objects.filter(pk=episode_id).update(size=size, sha256=digest.hexdigest())


@shared_task
def process_forgotten_episodes():
    """Send again what the broker lost: the database knows what is still to be done."""
    forgotten = Episode.objects.filter(sha256="", published_at__lt=timezone.now() - FORGOTTEN_AFTER)
    for episode_id in forgotten.values_list("pk", flat=True)[:100]:
        process_episode.delay(episode_id)


@shared_task(autoretry_for=(OSError, HTTPException), retry_backoff=True, max_retries=5)
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


@shared_task
def fetch_partner_feeds():
    """Give each partner a task of its own: one that hangs holds up nobody else."""
    for partner_id in Partner.objects.values_list("pk", flat=True):
        fetch_partner_feed.delay(partner_id)


@shared_task
def fetch_partner_feed(partner_id):
    """Fetch one partner's feed; one that does not answer keeps what it had."""
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        return
    try:
        feeds.fetch(partner)
    except (OSError, HTTPException, ParseError) as error:
        logger.warning("No feed from %s: %s", partner.name, error)
