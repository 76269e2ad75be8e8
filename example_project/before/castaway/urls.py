"""Castaway's addresses.

/                               the shows
/shows/<slug>/                  one show and its episodes
/shows/<slug>/episodes/new/     publish an episode: POST title, description, audio
/shows/<slug>/feed.xml          the show as RSS
/episodes/<id>/                 one episode
/episodes/<id>/audio            counts a download and redirects to the recording
/listeners/                     staff: what the periodic job has counted
/accounts/login/                POST username, password
/accounts/logout/               POST
"""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("podcasts.urls")),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
