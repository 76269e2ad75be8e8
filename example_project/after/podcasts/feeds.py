"""The partners' latest episodes, fetched by a periodic task and kept in the database."""

from urllib.request import urlopen

from django.db import transaction

from podcasts import rss
from podcasts.models import Partner, PartnerEpisode

# Seconds for each step: connecting, and each read. A task's time limit bounds the whole.
TIMEOUT = 10
MAX_BYTES = 5_000_000


def fetch(partner):
    """Replace what is known of a partner's episodes by its feed; safe to repeat.

    Raises OSError (URLError, TimeoutError) or HTTPException if the partner does not answer, and
    ElementTree.ParseError if it answers with something else than XML.
    """
    with urlopen(partner.feed_url, timeout=TIMEOUT) as response:  # noqa: S310 - http(s), by the model
        items = {item.guid: item for item in rss.parse(response.read(MAX_BYTES))}
    with transaction.atomic():
        partner.episodes.exclude(guid__in=items).delete()
        PartnerEpisode.objects.bulk_create(
            [
                PartnerEpisode(partner=partner, guid=guid, title=item.title, link=item.link)
                for guid, item in items.items()
            ],
            update_conflicts=True,
            unique_fields=["partner", "guid"],
            update_fields=["title", "link"],
        )


def latest():
    """Return the partners' episodes by the partner's name."""
    partners = Partner.objects.prefetch_related("episodes")
    return {partner.name: partner.episodes.all() for partner in partners}
