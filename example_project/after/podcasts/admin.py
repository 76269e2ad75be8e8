"""The admin."""

from django.contrib import admin

from podcasts.models import AuditEntry, Episode, ListenerReport, Partner, Show


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


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the code writes."""

    def has_add_permission(self, request):  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request, obj=None):  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request, obj=None):  # noqa: ARG002 - Django's signature
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "action", "subject"]
    search_fields = ["actor", "subject"]


@admin.register(ListenerReport)
class ListenerReportAdmin(ReadOnlyAdmin):
    list_display = ["taken_at", "downloads"]
