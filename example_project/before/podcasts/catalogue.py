"""How many episodes and downloads a show has: too slow to count for each visitor."""

from django.db.models import Count
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from podcasts.models import Episode, Show

_FIGURES = {}


def figures(slug):
    """Return the show's figures, counted once."""
    if slug not in _FIGURES:
        _FIGURES[slug] = Show.objects.filter(slug=slug).aggregate(
            episode_count=Count("episodes", distinct=True),
            download_count=Count("episodes__downloads"),
        )
    return _FIGURES[slug]


@receiver([post_save, post_delete], sender=Episode)
def forget(instance, **_):
    """Count again after an episode came or went."""
    _FIGURES.pop(instance.show.slug, None)
