"""media-from-disk: what nginx and uWSGI serve from a disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import Make, found, manifest, places

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.rules import media_local, volume_state
from django_scaleready.checks.rules.media_from_disk import RULE
from django_scaleready.checks.static.scan import scan


def nginx(url: str, directive: str) -> dict[str, str]:
    return {"nginx.conf": f"server {{\n  location {url} {{\n    {directive};\n  }}\n}}\n"}


def uwsgi(option: str) -> dict[str, str]:
    return {"uwsgi.ini": f"[uwsgi]\nmodule = shop.wsgi\n{option}\n"}


@pytest.mark.parametrize(
    "files",
    [
        nginx("/media/", "alias /srv/shop/media/"),
        nginx("^~ /media", "root /srv/shop"),
        nginx("~ ^/media/(.*)$", "alias /srv/files/$1"),
        nginx("/protected/", "alias /app/uploads/"),
        nginx("/files/", "alias /srv/data/files/"),
        {"nginx/sites-enabled/default": nginx("/media/", "alias /srv/media/")["nginx.conf"]},
        uwsgi("static-map = /media=/app/media"),
        uwsgi("static-map = /static=data/favicons"),
    ],
)
def test_finds(make_project: Make, files: dict[str, str]) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [f"{next(iter(files))}:3"]
    assert findings[0].severity is Severity.WARNING


S3 = {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}
LOCAL = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
WRITES_THERE = "def view(request):\n    open('/srv/media/report', 'w').write('x')\n"


@pytest.mark.parametrize(
    ("path", "storages", "code", "severity"),
    [
        ("/srv/media/", S3, "", "info"),
        ("/srv/uploads/", S3, "", "info"),
        ("${MEDIA_ROOT}", LOCAL, "", "info"),
        ("@folder@/media/", LOCAL, "", "info"),
        ("{{ media_root }}/", LOCAL, "", "info"),
        # Nothing is known to put files there by the storage, but by code, or by its own name.
        ("/srv/media/", S3, WRITES_THERE, "warning"),
        ("/srv/attachments/", S3, "", "warning"),
        ("/srv/media/$host/", LOCAL, "", "warning"),
    ],
)
def test_a_folder_into_which_nothing_is_seen_to_put_files_is_information(
    tmp_path: Path, path: str, storages: dict[str, object], code: str, severity: str
) -> None:
    settings = "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
    settings += f"STORAGES = {storages}\nMEDIA_ROOT = '/srv/other'\nMEDIA_URL = '/up/'\n"
    urls = "from django.urls import path\nfrom shop.views import view\n"
    urls += "urlpatterns = [path('', view)]\n"
    files = {
        "settings.py": settings,
        "shop/urls.py": urls if code else "urlpatterns = []\n",
        "shop/views.py": code,
        "shop/__init__.py": "",
        **nginx("/media/", f"alias {path}"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = [each.finding.severity.name.lower() for each in scan(tmp_path, [RULE]).found]
    assert found == [severity]


def test_folders_below_one_another_are_one_finding(make_project: Make) -> None:
    icons = nginx("/media/icons/", "alias /srv/media/icons/64/")["nginx.conf"]
    all_of_it = nginx("/media/", "alias /srv/media/")["nginx.conf"]
    files = {"a.conf": icons + all_of_it, "b.conf": all_of_it}
    (finding,) = found(make_project, RULE, files)
    assert "/srv/media/," in finding.message
    assert [str(finding.location), *map(str, finding.related)] == [
        "a.conf:8",
        "b.conf:3",
        "a.conf:3",
    ]


def test_folders_beside_one_another_are_two(make_project: Make) -> None:
    one = nginx("/media/", "alias /srv/media/")["nginx.conf"]
    other = nginx("/uploads/", "alias /srv/media-uploads/")["nginx.conf"]
    assert len(found(make_project, RULE, {"nginx.conf": one + other})) == 2


def before(pattern: str) -> dict[str, str]:
    """Return a folder under a plain prefix, with a pattern in the same server."""
    passed = f"  location {pattern} {{ proxy_pass http://shop; }}\n"
    return {"nginx.conf": nginx("/media/", "alias /srv/media/")["nginx.conf"][:-2] + passed + "}\n"}


@pytest.mark.parametrize(
    "pattern", ["~ ^/(media|admin)", "~* /MEDIA", "~ ^/med", "~ /", r"~ ^/(?!static)\w+"]
)
def test_what_a_pattern_takes_is_not_served(make_project: Make, pattern: str) -> None:
    assert found(make_project, RULE, before(pattern)) == []


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        # Only a part of it, or another's.
        (r"~ \.(jpg|png)$", "/media/"),
        ("~ ^/media/private", "/media/"),
        ("~ ^/media/$", "/media/"),
        ("~ ^/MEDIA/", "/media/"),
        ("/media", "/media/"),
        ("~ ^/(media", "/media/"),
        # It is asked first.
        ("~ ^/media", "^~ /media/"),
    ],
)
def test_what_no_pattern_takes_is_served(make_project: Make, pattern: str, url: str) -> None:
    text = before(pattern)["nginx.conf"].replace(" /media/ {", f" {url} {{", 1)
    assert len(found(make_project, RULE, {"nginx.conf": text})) == 1


def test_a_pattern_of_another_server_takes_nothing(make_project: Make) -> None:
    other = "server {\n  location ~ ^/media { proxy_pass http://shop; }\n}\n"
    files = {"nginx.conf": nginx("/media/", "alias /srv/media/")["nginx.conf"] + other}
    assert len(found(make_project, RULE, files)) == 1


def test_the_url_of_the_settings_counts(make_project: Make) -> None:
    files = nginx("/pictures/", "alias /srv/shop/pictures/")
    assert found(make_project, RULE, files) == []
    assert found(make_project, RULE, files, MEDIA_URL="/pictures/")


@pytest.mark.parametrize(
    "files",
    [
        nginx("/static/", "alias /srv/shop/static/"),
        nginx("/static", "root /srv/data"),
        # The whole site lies below that folder.
        nginx("/js/", "alias /data/shop/extras/www/js/"),
        nginx("/media/", "proxy_pass https://bucket.s3.amazonaws.com/"),
        nginx("= /favicon.ico", "alias /app/static/favicon.ico"),
        nginx("/", "root /usr/share/nginx/html"),
        uwsgi("static-map = /static=static"),
        uwsgi("static-map = /robots.txt=static/robots.txt"),
        uwsgi("check-static = static-collected/"),
        {"dev/nginx.conf": nginx("/media/", "alias /srv/media/")["nginx.conf"]},
        nginx("= /media/logo.png", "alias /srv/media/logo.png"),
        nginx("/dist/", "alias /srv/shop/dist/"),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_a_declared_shared_path_is_silent(make_project: Make) -> None:
    files = nginx("/media/", "alias /mnt/nfs/media/")
    assert found(make_project, RULE, files, SCALEREADY={"SHARED_PATHS": ["/mnt/nfs"]}) == []


@pytest.mark.parametrize(("mode", "count"), [("ReadWriteMany", 0), ("ReadWriteOnce", 1)])
def test_what_all_replicas_mount_is_silent(make_project: Make, mode: str, count: int) -> None:
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: media}\n"
    files = {
        **nginx("/media/", "alias /srv/media/"),
        **manifest(
            "volumeMounts: [{name: m, mountPath: /srv/media}]",
            pod="volumes: [{name: m, persistentVolumeClaim: {claimName: media}}]",
        ),
        "k8s/claim.yaml": f"{claim}spec: {{accessModes: [{mode}]}}\n",
    }
    assert len(found(make_project, RULE, files)) == count


def mounted(volume: str, source: str) -> dict[str, str]:
    """Return a server that answers from a volume, of which the settings say what it is for."""
    services = (
        "services:\n  web:\n    image: shop\n    command: gunicorn shop.wsgi\n"
        f"    volumes: ['{volume}']\n"
        f"  nginx:\n    image: nginx\n    volumes: ['{source}:/www/scans']\n"
    )
    return {**nginx("/scans/uploads/", "root /www"), "docker-compose.yml": services}


@pytest.mark.parametrize(
    "volume", ["scans:/srv/scans", "scans:/www/scans", "/srv/scans:/www/scans/uploads"]
)
def test_what_lies_in_a_volume_is_told_with_that(make_project: Make, volume: str) -> None:
    files = mounted(volume, "scans")
    project = make_project(files, INSTALLED_APPS=[], SCANS_DIR=volume.split(":")[1])
    assert list(RULE.find(project)) == []
    (finding,) = volume_state.RULE.find(project)
    assert isinstance(finding, Finding)
    assert "nginx.conf:3" in map(str, finding.related)


@pytest.mark.parametrize(
    ("volume", "source"), [("scans:/srv/scans", "others"), ("scans:/srv/scans:ro", "scans")]
)
def test_what_lies_in_no_volume_of_the_application_is_a_finding(
    make_project: Make, volume: str, source: str
) -> None:
    files = mounted(volume, source)
    assert len(found(make_project, RULE, files, INSTALLED_APPS=[], SCANS_DIR="/srv/scans")) == 1


def test_a_volume_of_which_nothing_is_known_tells_nothing(make_project: Make) -> None:
    files = mounted("scans:/srv/scans", "scans")
    assert len(found(make_project, RULE, files, INSTALLED_APPS=[])) == 1


USES = "from django.core.files.storage import default_storage\ndefault_storage.save('x', None)\n"


@pytest.mark.parametrize(
    "way",
    [
        nginx("/uploads/", "alias /srv/uploads/"),
        nginx("/uploads", "alias /srv/uploads"),
        nginx("/uploads/", "root /srv"),
        nginx("~ ^/uploads/(scans|maps)/(.*)$", "alias /srv/shop.org/uploads/$1/$2"),
        nginx("/uploads/scans/", "alias /srv/uploads/scans/"),
        nginx("/uploads/", "alias /usr/share/nginx/uploads/"),
        uwsgi("static-map = /uploads=/srv/uploads"),
        uwsgi("static-map = /$(MOUNT_PATH)uploads=/app/uploads"),
    ],
)
def test_the_uploads_at_their_url_are_told_with_the_storage(
    make_project: Make, way: dict[str, str]
) -> None:
    files = {**way, "shop/views.py": USES}
    project = make_project(files, MEDIA_ROOT="/srv/uploads", MEDIA_URL="/uploads/")
    assert list(RULE.find(project)) == []
    (finding,) = media_local.RULE.find(project)
    assert isinstance(finding, Finding)
    assert f"{next(iter(way))}:3" in map(str, finding.related)


@pytest.mark.parametrize(
    ("way", "code"),
    [
        # An address of its own is asked for whatever the storage says.
        (nginx("/protected/", "alias /srv/uploads/"), USES),
        (nginx("/uploads/", "alias /srv/old/"), USES),
        (nginx("~ ^/uploads/(.*)$", "alias /srv/old/$1"), USES),
        (nginx("/uploads-of-old/", "alias /srv/uploads/"), USES),
        (nginx(r"~* \.(mp4|webm)$", "root /srv/uploads"), USES),
        (nginx("/uploads/", "alias /srv/uploads/"), ""),
    ],
)
def test_other_folders_and_addresses_are_a_finding(
    make_project: Make, way: dict[str, str], code: str
) -> None:
    files = {**way, "shop/views.py": code}
    given = {"MEDIA_ROOT": "/srv/uploads", "MEDIA_URL": "/uploads/"}
    assert len(found(make_project, RULE, files, **given)) == 1


@pytest.mark.parametrize(
    ("way", "code", "severity"),
    [
        (nginx("/uploads/", "alias /srv/uploads/"), "", Severity.INFO),
        (nginx("/uploads", "alias /www/uploads"), "", Severity.INFO),
        (uwsgi("static-map = /uploads=/app/uploads"), "", Severity.INFO),
        # Files may come there otherwise.
        (nginx("/protected/", "alias /srv/uploads/"), "", Severity.WARNING),
        (nginx("/uploads/", "alias /srv/old/"), "", Severity.WARNING),
        (nginx("/uploads/", "alias /srv/old/"), USES, Severity.WARNING),
    ],
)
def test_where_nothing_stores_a_file_it_is_information(
    make_project: Make, way: dict[str, str], code: str, severity: Severity
) -> None:
    files = {**way, "shop/views.py": code}
    given = {"MEDIA_ROOT": "/srv/uploads", "MEDIA_URL": "/uploads/"}
    (finding,) = found(make_project, RULE, files, **given)
    assert finding.severity is severity


def test_a_storage_of_which_nothing_is_set_tells_nothing(make_project: Make) -> None:
    (finding,) = found(
        make_project, RULE, nginx("/media/", "alias /srv/media/"), MEDIA_URL="/media/"
    )
    assert finding.severity is Severity.WARNING


PUTS = "def f(): open('/app/media/x', 'w')"
IDLE = "def page(request): return render(request, 'page.html')\n"


@pytest.mark.parametrize(
    ("way", "code", "severity"),
    [
        (nginx("/media", "alias /app/media"), IDLE, Severity.INFO),
        (nginx("/files/", "alias /srv/uploads/"), IDLE, Severity.INFO),
        (nginx("/media", "alias /app/media"), "def f(): open('/srv/x', 'w')", Severity.INFO),
        # A field, code, or somebody else may put files there.
        (nginx("/media", "alias /app/media"), USES, Severity.WARNING),
        (nginx("/media", "alias /app/media"), PUTS, Severity.WARNING),
        (nginx("/media", "alias /app/media"), "", Severity.WARNING),
        (nginx("/protected/", "alias /srv/protected/"), IDLE, Severity.WARNING),
    ],
)
def test_a_folder_that_is_for_uploads_by_its_name_alone(
    make_project: Make, way: dict[str, str], code: str, severity: Severity
) -> None:
    files = {**way, "shop/views.py": code} if code else way
    (finding,) = found(make_project, RULE, files)
    assert finding.severity is severity


SERVED = nginx("/media/", "alias /srv/media/")["nginx.conf"]
TRIAL = "# For trying it out, and absolutely\n# not suitable for production usage.\n\n"
MOUNTS = "services:\n  web:\n    image: nginx\n    volumes: ['./etc/a.conf:/etc/nginx/a.conf']\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"etc/a.conf": f"# Tuned as in development\n{SERVED}"}, 1),
        ({"etc/a.conf": f"# The version used in development\n{SERVED}"}, 0),
        ({"etc/a.conf": f"# Not for production\n{SERVED}"}, 0),
        ({"etc/a.conf": f"\n# For development only\n{SERVED}"}, 0),
        ({"etc/a.conf": SERVED, "docker-compose.yml": TRIAL + MOUNTS}, 0),
        ({"etc/a.conf": SERVED, "docker-compose.yml": MOUNTS + TRIAL}, 1),
        ({"etc/a.conf": SERVED, "docker-compose.yml": TRIAL}, 1),
        # Another file takes it as well, or it says what to do before.
        (
            {
                "etc/a.conf": SERVED,
                "docker-compose.yml": TRIAL + MOUNTS,
                "Dockerfile": "FROM nginx\nCOPY etc/a.conf /etc/nginx/a.conf\n",
            },
            1,
        ),
        ({"etc/a.conf": f"# Not for production use without a name\n{SERVED}"}, 1),
    ],
)
def test_a_configuration_that_is_said_to_be_for_development(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert len(found(make_project, RULE, files)) == count


@pytest.mark.parametrize(
    ("url", "path", "count"),
    [
        ("https://shop.example/uploads/", "/srv/uploads/", 0),
        ("https://shop.example/uploads/", "/mnt/uploads/", 0),
        ("https://cdn.example/other/", "/srv/uploads/", 1),
        ("https://shop.example/uploads/", "/srv/old/", 1),
    ],
)
def test_a_whole_url_has_the_path_of_the_uploads(
    make_project: Make, url: str, path: str, count: int
) -> None:
    files = {**nginx("/uploads/", f"alias {path}"), "shop/views.py": USES}
    given = {"MEDIA_ROOT": "/srv/uploads", "MEDIA_URL": url}
    assert len(found(make_project, RULE, files, **given)) == count


COMPUTED = """
import os
from urllib.parse import urljoin
from django.core.files.storage import FileSystemStorage

ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = []
MIDDLEWARE = []
MEDIA_ROOT = "/srv/uploads"
MEDIA_URL = os.environ.get("UPLOADS_URL", urljoin(os.environ["SHOP_URL"], "/uploads/"))
"""


@pytest.mark.parametrize(
    ("path", "count"),
    [("/srv/uploads/", 0), ("/srv/uploads/scans/", 0), ("/srv/old/", 1), ("/mnt/uploads/", 1)],
)
def test_where_the_url_is_computed_the_folder_tells(tmp_path: Path, path: str, count: int) -> None:
    files = {
        **nginx("/uploads/", f"alias {path}"),
        "shop/settings.py": COMPUTED,
        "shop/views.py": USES,
    }
    (tmp_path / "shop").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    rules = [RULE, media_local.RULE]
    result = {each.rule.slug: each.finding for each in scan(tmp_path, rules).found}
    assert ("media-from-disk" in result) is bool(count)
    named = "nginx.conf:3" in map(str, result["media-local"].related)
    assert named is not bool(count)
