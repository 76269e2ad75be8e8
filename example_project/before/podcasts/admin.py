"""The admin."""

from django.contrib import admin

from podcasts.models import Episode, ListenerReport, Partner, Show


@admin.register(Show)
class ShowAdmin(admin.ModelAdmin):
    list_display = ["title", "slug", "owner"]
    prepopulated_fields = {"slug": ["title"]}
    search_fields = ["title"]


@admin.register(Episode)
class EpisodeAdmin(admin.ModelAdmin):
    list_display = ["title", "show", "published_at", "size"]
    list_filter = ["show"]
    list_select_related = ["show"]
    readonly_fields = ["size", "sha256"]


@admin.register(Partner)
class PartnerAdmin(admin.ModelAdmin):
    list_display = ["name", "feed_url"]


@admin.register(ListenerReport)
class ListenerReportAdmin(admin.ModelAdmin):
    """Reports are written by a job."""

    list_display = ["taken_at", "downloads"]

    def has_add_permission(self, request):  # noqa: ARG002 - Django's signature
        """Refuse reports by hand."""
        return False
