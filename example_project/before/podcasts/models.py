"""Shows and episodes, who listens, and the partners whose shows are recommended."""

from django.conf import settings
from django.core.validators import FileExtensionValidator, URLValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

AUDIO_EXTENSIONS = ["mp3", "m4a", "ogg", "opus", "wav"]


class Show(models.Model):
    """A podcast."""

    title = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shows"
    )

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("show", args=[self.slug])

    def may_be_edited_by(self, user):
        """Whether the user may publish here."""
        return user.is_staff or user.pk == self.owner_id


class Episode(models.Model):
    """One recording. ``size`` (bytes) and ``sha256`` are filled in by a task."""

    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="episodes")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    audio = models.FileField(
        upload_to="audio/", validators=[FileExtensionValidator(AUDIO_EXTENSIONS)]
    )
    published_at = models.DateTimeField(default=timezone.now)
    size = models.PositiveBigIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-published_at", "-pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("episode", args=[self.pk])


class Download(models.Model):
    """Somebody began to listen."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="downloads")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return f"{self.episode} at {self.at:%Y-%m-%d %H:%M}"


class ListenerReport(models.Model):
    """Downloads since the report before: one row each time the periodic job runs."""

    taken_at = models.DateTimeField(default=timezone.now)
    downloads = models.PositiveIntegerField()

    class Meta:
        ordering = ["-taken_at", "-pk"]
        get_latest_by = "taken_at"

    def __str__(self):
        return f"{self.taken_at:%Y-%m-%d %H:%M}: {self.downloads}"


class Partner(models.Model):
    """Another host whose latest episodes are shown on the front page."""

    name = models.CharField(max_length=120, unique=True)
    feed_url = models.URLField(validators=[URLValidator(["http", "https"])])

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
