"""The app's addresses; castaway/urls.py says what each is for."""

from django.urls import path

from podcasts import views

urlpatterns = [
    path("", views.show_list, name="shows"),
    path("shows/<slug:slug>/", views.show_detail, name="show"),
    path("shows/<slug:slug>/feed.xml", views.show_feed, name="feed"),
    path("shows/<slug:slug>/episodes/new/", views.episode_new, name="episode-new"),
    path("episodes/<int:pk>/", views.episode_detail, name="episode"),
    path("episodes/<int:pk>/audio", views.episode_audio, name="audio"),
    path("listeners/", views.listeners, name="listeners"),
    path("audit/", views.audit_trail, name="audit"),
    path("whoami/", views.whoami, name="whoami"),
]
