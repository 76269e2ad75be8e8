"""The partners' latest episodes, fetched when Castaway starts."""

import logging
from http.client import HTTPException
from urllib.request import urlopen
from xml.etree.ElementTree import ParseError

from django.db import DatabaseError

from podcasts import rss

logger = logging.getLogger(__name__)

LATEST = {}


def fetch_partner_feeds():
    """Fill LATEST; a partner that does not answer keeps what it had."""
    from podcasts.models import Partner

    try:
        partners = list(Partner.objects.all())
    except DatabaseError:
        return  # Before the first migrate.
    for partner in partners:
        try:
            with urlopen(partner.feed_url) as response:
                LATEST[partner.name] = rss.parse(response.read())
        except (OSError, HTTPException, ParseError) as error:
            logger.warning("No feed from %s: %s", partner.name, error)


def latest():
    """Return the partners' episodes by the partner's name."""
    return LATEST
