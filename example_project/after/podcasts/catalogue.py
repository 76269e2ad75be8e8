"""How many episodes and downloads a show has: too slow to count for each visitor."""

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from podcasts.models import Episode, Show

KEY = "catalogue"
# Seconds. It also bounds what a deletion that Redis never saw may leave behind.
TIMEOUT = 60


def figures():
    """Return each show's figures by its slug, the same on every replica."""
    # Not get_or_set(), which asks three times: each waits for a Redis that hangs.
    known = cache.get(KEY)
    if known is None:
        known = _count()
        cache.set(KEY, known, TIMEOUT)
    return known


def _count():
    shows = Show.objects.annotate(
        episode_count=Count("episodes", distinct=True),
        download_count=Count("episodes__downloads"),
    ).order_by()
    return {row["slug"]: row for row in shows.values("slug", "episode_count", "download_count")}


@receiver([post_save, post_delete], sender=Show)
@receiver([post_save, post_delete], sender=Episode)
def forget(**_):
    """Count again after a show or an episode came or went, once others can see it."""
    transaction.on_commit(lambda: cache.delete(KEY))
