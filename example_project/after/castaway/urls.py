"""Castaway's addresses.

/                               the shows
/shows/<slug>/                  one show and its episodes
/shows/<slug>/episodes/new/     publish an episode: POST title, description, audio
/shows/<slug>/feed.xml          the show as RSS
/episodes/<id>/                 one episode
/episodes/<id>/audio            counts a download and redirects (302) to the recording
/listeners/                     staff: what the periodic job has counted, a row each time
/audit/                         staff: who changed what
/whoami/                        JSON: {"user": name or null, "replica": name}
/accounts/login/                POST username, password
/accounts/logout/               POST
/boom/, /slow/?seconds=         only with DEMO_ROUTES=1: an exception, a slow answer

The probes (/livez, /readyz, /startupz) are answered by the first middleware.
"""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

from castaway import demo

urlpatterns = [
    path("", include("podcasts.urls")),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
    # In development; in production the object store serves the recordings.
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]

if settings.DEMO_ROUTES:
    urlpatterns += [path("boom/", demo.boom), path("slow/", demo.slow)]
