"""Castaway's pages."""

import mimetypes

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from podcasts import audit, catalogue, feeds
from podcasts.forms import EpisodeForm
from podcasts.models import AuditEntry, Episode, ListenerReport, Show
from podcasts.tasks import process_episode


@require_safe
def show_list(request):
    """The front page."""
    figures = catalogue.figures()
    shows = [(show, figures.get(show.slug)) for show in Show.objects.all()]
    return render(request, "podcasts/show_list.html", {"shows": shows, "partners": feeds.latest()})


@require_safe
def show_detail(request, slug):
    """A show and its episodes."""
    show = get_object_or_404(Show, slug=slug)
    context = {"show": show, "may_publish": show.may_be_edited_by(request.user)}
    return render(request, "podcasts/show_detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def episode_new(request, slug):
    """Publish an episode."""
    show = get_object_or_404(Show, slug=slug)
    if not show.may_be_edited_by(request.user):
        raise PermissionDenied
    form = EpisodeForm(request.POST or None, request.FILES or None, instance=Episode(show=show))
    if request.method == "POST" and form.is_valid():
        episode = _publish(form, request.user)
        messages.success(request, f"“{episode.title}” is published.")
        return redirect(episode)
    return render(request, "podcasts/episode_new.html", {"show": show, "form": form})


def _publish(form, user):
    episode = form.save(commit=False)
    # The upload first: no database connection waits in a transaction for the object store.
    episode.audio.save(episode.audio.name, episode.audio.file, save=False)
    with transaction.atomic():
        episode.save()
        audit.record(user, "published", f"episode {episode.pk} of {episode.show.slug}")
        # On commit, or a worker looks for a row that is not there yet. Robust: with the broker away
        # the episode is published all the same, and process_forgotten_episodes sees to it later.
        # A lambda: Django logs the name of what failed, and a partial has none.
        transaction.on_commit(lambda: process_episode.delay(episode.pk), robust=True)
    return episode


@require_safe
def episode_detail(request, pk):
    """An episode and its player."""
    episode = get_object_or_404(Episode.objects.select_related("show"), pk=pk)
    return render(request, "podcasts/episode_detail.html", {"episode": episode})


@require_safe
def episode_audio(request, pk):
    """Count a download, then send the listener to the recording."""
    episode = get_object_or_404(Episode, pk=pk)
    if request.method == "GET":
        episode.downloads.create()
    return redirect(episode.audio.url)


@require_safe
def show_feed(request, slug):
    """A show as RSS."""
    show = get_object_or_404(Show, slug=slug)
    feed = Rss201rev2Feed(
        title=show.title,
        link=request.build_absolute_uri(show.get_absolute_url()),
        description=show.description,
        feed_url=request.build_absolute_uri(),
    )
    for episode in show.episodes.all()[:100]:
        page = request.build_absolute_uri(episode.get_absolute_url())
        audio = request.build_absolute_uri(reverse("audio", args=[episode.pk]))
        media_type = mimetypes.guess_type(episode.audio.name)[0] or "audio/mpeg"
        feed.add_item(
            title=episode.title,
            link=page,
            description=episode.description,
            unique_id=page,
            pubdate=episode.published_at,
            enclosures=[Enclosure(audio, str(episode.size or 0), media_type)],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


@staff_member_required(login_url="login")
@require_safe
def listeners(request):
    """What the periodic job has counted."""
    reports = ListenerReport.objects.all()[:100]
    return render(request, "podcasts/listeners.html", {"reports": reports})


@staff_member_required(login_url="login")
@require_safe
def audit_trail(request):
    """Who changed what."""
    return render(request, "podcasts/audit.html", {"entries": AuditEntry.objects.all()[:100]})


@never_cache
@require_safe
def whoami(request):
    """Who is signed in, and which replica says so."""
    user = request.user.get_username() if request.user.is_authenticated else None
    return JsonResponse({"user": user, "replica": settings.REPLICA})
