"""A program: run the view ``page`` of ``shop/views.py`` below a folder under a witness.

``python witnessed_run.py FOLDER FILE`` writes what was seen to FILE. Packages lie in
``site-packages`` below the folder, as they would in an environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.conf import settings


def main(folder: Path, output: Path) -> None:
    os.chdir(folder)
    sys.path[:0] = [str(folder), str(folder / "site-packages")]
    os.environ["XDG_CACHE_HOME"] = str(folder / ".cache")
    handler = {"class": "logging.FileHandler", "filename": "shop.log", "delay": True}
    settings.configure(
        ROOT_URLCONF="shop_urls",
        SECRET_KEY="x",
        ALLOWED_HOSTS=["*"],
        MEDIA_ROOT=folder / "media",
        LOGGING={"version": 1, "handlers": {"f": handler}, "root": {"handlers": ["f"]}},
    )
    django.setup()
    from celery import current_app
    from django.test import Client
    from django.urls import path
    from shop import views  # type: ignore[import-not-found]  # the example's

    from django_scaleready.checks.witnessed import write
    from django_scaleready.witness import watch
    from django_scaleready.witness.recorder import Recorder

    current_app.conf.task_always_eager = True
    urls = type(sys)("shop_urls")
    urls.urlpatterns = [path("", views.page)]  # type: ignore[attr-defined]  # made here
    sys.modules["shop_urls"] = urls
    recorder = Recorder(folder)
    watch.start(recorder)
    response = Client().get("/")
    assert response.status_code == 200, response
    response.close()
    watch.stop()
    recorder.finish()
    assert not recorder.errors, recorder.errors
    write(output, recorder.seen.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
