"""What a project calls itself: its packages, its programs, its images."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from django_scaleready.checks.code.loading.files import SKIPPED_FOLDERS
from django_scaleready.checks.deployment.command import SERVERS
from django_scaleready.checks.deployment.files import read
from django_scaleready.checks.deployment.shell.entry_points import entry_points, pyproject

# Too common to tell the project's image from another's.
_COMMON = frozenset(
    ["app", "web", "docker", "src", "backend", "project", "django", "server", "main", "api", "site"]
)
# What stands beside an application: images that keep state on purpose, or none at all.
_BACKING = re.compile(
    r"(^|[/_-])(postgres\w*|postgis|mysql|mariadb|percona|redis\w*|valkey|keydb|dragonfly\w*|memcached"
    r"|rabbitmq|nats|kafka|zookeeper|elasticsearch|opensearch|solr|meilisearch|typesense|mongo\w*"
    r"|minio|rustfs|seaweedfs|localstack|azurite|nginx\w*|httpd|apache|caddy|traefik|haproxy|envoy|varnish|pgbouncer"
    r"|pgadmin\w*|adminer|mailhog|mailpit|smtp\w*|postfix|exim\w*|tika|gotenberg|prometheus|grafana"
    r"|loki|jaeger|zipkin|flower|node|certbot|acme\w*|watchtower|vault"
    r"|consul|etcd|clickhouse\w*|timescaledb\w*|influxdb|cassandra|neo4j|openldap|keycloak|imgproxy)"
    r"([_-]|$)"
)
_FRONTEND = re.compile(r"(^|[_-])(front-?end|ui|spa|storybook|react|angular|vue)([_-]|$)")
_BASH = re.compile(r"fedora|centos|rocky|alma|rhel|\bubi|oracle|amazonlinux|suse|archlinux")
_PART = re.compile(r"[a-z]+")
_KINDS = frozenset(
    [*("compose", "container", "containerfile", "docker", "dockerfile"), *("yaml", "yml")]
)
# They run what ``sys.argv`` says, as manage.py does.
EXECUTES = "execute_from_command_line"
# How far below the root packages are looked for.
_DEPTH = 4
_SYSTEMS = frozenset({"busybox", "alpine", "ubuntu", "debian"})
# A script that nothing else starts, by a name that says that a container does.
STARTS = re.compile(
    r"entry-?point|^(docker-?)?(start|startup|run|boot|bootstrap|launch|init|serve|web|worker|celery)\b"
    r"|^(start|run)[-_](web|server|worker|celery|gunicorn|uwsgi|app|beat)|^celery[-_](beat|worker)"
    r"|^((start|run)[-_])?prod(uction)?\.(ba)?sh$",
    re.IGNORECASE,
)


def programs(root: Path) -> frozenset[str]:
    """Return the names of the project's own programs and packages: ``NAME migrate``."""
    return frozenset({*entry_points(root)} | _packages(root) | _scripts(root))


def _scripts(root: Path) -> set[str]:
    """Return the names under which scripts may be installed that do what manage.py does."""
    try:
        found = (path for path in root.iterdir() if not path.stem.startswith("test"))
        paths = [path for path in found if path.suffix == ".py"]
    except OSError:
        return set()
    texts = ((path.stem, read(path, root)) for path in paths)
    return {name for name, text in texts if isinstance(text, str) and EXECUTES in text}


def _packages(root: Path) -> set[str]:
    # os.path takes what may not be looked into for missing; a Path raises.
    found = [*_folders(root), *_folders(root / "src")]
    settings = ("wsgi.py", "settings.py")
    return {f.name for f in found if any(os.path.exists(f / name) for name in settings)}  # noqa: PTH110 - as above


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []


def holds_module(root: Path, module: str) -> bool:
    """Whether a module of that dotted name lies somewhere in the project, as far as one looks."""
    path = module.replace(".", "/")
    above = len(root.parts)
    for folder, names, _ in os.walk(root):
        if any(os.path.exists(f"{folder}/{path}{end}") for end in ("", ".py")):  # noqa: PTH110 - as above
            return True
        deep = len(Path(folder).parts) - above >= _DEPTH
        names[:] = [] if deep else [n for n in names if n[:1] != "." and n not in SKIPPED_FOLDERS]
    return False


def project_folder(root: Path, path: str) -> str:
    """Return the folder of the Django project that a file below the root lies in, "" if in none."""
    for folder in PurePosixPath(path).parents:
        if os.path.isfile(root / folder / "manage.py"):  # noqa: PTH113 - as above
            return str(folder)
    return ""


def images(root: Path) -> frozenset[str]:
    """Return the names that the project's image may have."""
    name = pyproject(root).get("name")
    found = {root.name, *_packages(root), *([name] if isinstance(name, str) else [])}
    return frozenset(_plain(name) for name in found) - _COMMON


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def repository(image: str) -> list[str]:
    """Return the parts of an image's name, without registry's port, tag and digest."""
    parts = image.lower().partition("@")[0].split("/")
    return [*parts[:-1], parts[-1].partition(":")[0]]


def name_words(image: str) -> frozenset[str]:
    """Return the words of an image's own name: ``shop-web`` of any registry."""
    last = repository(image)[-1]
    return frozenset({last, *re.split(r"[-_.]", last)})


def parts_of(name: str) -> frozenset[str]:
    """Return what tells a file from others of its kind: prod, of docker-compose.prod.yml."""
    return frozenset(_PART.findall(name.lower())) - _KINDS


def is_backing(image: str) -> bool:
    """Whether an image is of something that stands beside an application."""
    return bool(_BACKING.search(repository(image)[-1]))


def is_frontend(image: str) -> bool:
    """Whether an image is of the pages that ask the application, and not of it."""
    return bool(_FRONTEND.search(repository(image)[-1]))


def is_system(image: str) -> bool:
    """Whether an image is an operating system and nothing more."""
    return repository(image)[-1] in _SYSTEMS


def is_bare(image: str) -> bool:
    """Whether an image is an operating system, be it one that has bash for its shell."""
    return is_system(image) or bool(_BASH.search(image))


def shell_of(base: str) -> str:
    """Return which shell is ``/bin/sh`` in an image, by the system that its base names."""
    if "alpine" in base or "busybox" in base:
        return "ash"
    return "bash" if _BASH.search(base) else "dash"


def is_without_server(
    image: Iterable[str], told: Iterable[Iterable[str]], others: Iterable[Iterable[str]]
) -> bool:
    """Whether an image is a server's, and its services are all told to be Celery's instead.

    Nor do ``others`` serve: the server is deployed by what is not seen.
    """
    names = _programs(image)
    rest = all("celery" in _programs(words) for words in told)
    return rest and bool(names & SERVERS) and not is_serving(others)


def is_serving(told: Iterable[Iterable[str]]) -> bool:
    """Whether one of several services is told to start a server."""
    return any(_programs(words) & SERVERS for words in told)


def _programs(words: Iterable[str]) -> set[str]:
    return {PurePosixPath(part).name for word in words for part in word.split()}


def is_own_image(image: str, own: frozenset[str]) -> bool:
    """Whether an image bears one of the project's names."""
    return bool({_plain(part) for part in repository(image)} & own)
