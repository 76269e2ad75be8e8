"""The application keeps files in a volume of one machine.

What is in a named volume, a bind mount or a claim that one node may mount at a time is seen by the
replicas beside it and by no others; a replica that is started elsewhere begins with an empty
directory. A StatefulSet gives each replica a volume of its own.

## Bad

```yaml title="docker-compose.yml"
services:
  web:
    image: mysite
    command: gunicorn mysite.wsgi
    volumes:
      - media:/app/media
volumes:
  media:
```

## Good

```yaml title="docker-compose.yml"
services:
  web:
    image: mysite
    command: gunicorn mysite.wsgi
    environment:
      AWS_STORAGE_BUCKET_NAME: mysite-media
  db:
    image: postgres:17
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```

## Stays silent when

- the volume belongs to a backing service: a database, a broker, a proxy;
- it holds what is not the application's to change: mounted read-only, configuration and source code
  of the repository, certificates, sockets, static files, caches;
- the service is one to develop on: its image, its variables or the server beside it say so
  (`mysite:dev`, `env_file: .env.dev`, `runserver` with the code mounted), or the code is mounted
  where the image that is built beside it has it already;
- every replica sees the same: `ReadWriteMany`, a volume on NFS, a directory in
  `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.process import is_edited

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.process import Process, Volume
    from django_scaleready.checks.project import Project

NO_STATE = re.compile(
    r"(^|[-_./])(static\w*|assets|(node|bower)[-_](modules|components)|requirements|\.?venv"
    r"|virtualenv|site-packages|__pycache__"
    r"|\.?caches?|pip|npm|tmp|temp|locale|configs?|configuration|conf|secrets?|certs?"
    r"|certificates?|ssl|tls|coverage|htmlcov|letsencrypt|\.?ssh|\.?aws|kube|logs?|backups?|bash[-_]history"
    r"|(\w+-)?exclusions?|pycharm\w*|vscode\w*|webpack\w*|dist|build|nginx|containers|prometheus\w*|metrics)([-_./]|$)",
    re.IGNORECASE,
)
SYSTEM = re.compile(
    r"^/(run|var/run|tmp|dev|proc|sys|etc(/[^/]+)?/?$|usr/(local/)?(bin|lib|share)"
    # The state of a service's own image, whatever that is called.
    r"|var/lib/(kubelet|postgres\w*|mysql|mariadb|redis|rabbitmq|arango\w*|mongo\w*|elastic\w*"
    r"|opensearch|clickhouse|neo4j|ghost|grafana|prometheus))(/|$)"
)
# The code itself, in a volume by such a name.
CODE_NAME = re.compile(r"(^|[-_])(code|source|src)$", re.IGNORECASE)
SOCKET = re.compile(r"\.sock(et)?$")
ENVIRONMENT = re.compile(r"\.env(\.|$)")
DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})
CODE = ("", ".", "./", "..", "../")


def find(project: Project) -> Iterator[Finding]:
    """Yield each directory of the application that stays on one machine."""
    found: dict[str, list[tuple[Process, Volume]]] = {}
    targets: dict[tuple[str, str], str] = {}
    for process in project.deploy.processes:
        ours = (process.stays or process.own) and not is_edited(process)
        for volume in process.volumes if ours and not process.once else ():
            if _is_state(project, process, volume):
                # What one service keeps at /app/media another may serve from /media.
                key = (volume.location.path, volume.source or volume.target.rstrip("/"))
                target = targets.setdefault(key, volume.target.rstrip("/"))
                found.setdefault(target, []).append((process, volume))
    for target, uses in found.items():
        process, volume = uses[0]
        yield Finding(
            message=(
                f"{process.name!r} keeps {target} in {_named(volume)}, which is on one machine:"
                " replicas on others do not see what is in it."
            ),
            hint="Keep files in an object store and everything else in the database.",
            location=volume.location,
            severity=Severity.WARNING,
            confidence=_confidence(process, volume),
            related=tuple(dict.fromkeys(v.location for _, v in uses if v != volume)),
        )


def _is_state(project: Project, process: Process, volume: Volume) -> bool:
    target, source = volume.target, volume.source
    if volume.read_only or volume.shared or project.is_shared(target):
        return False
    suffix = PurePosixPath(target).suffix
    names = [PurePosixPath(target).name, PurePosixPath(source).name]
    if ENVIRONMENT.match(names[0]) or any(map(CODE_NAME.search, names)):
        return False
    if SYSTEM.search(target) or (suffix and suffix not in DATABASES):
        return False
    if any(SOCKET.search(word) and f"{target}/" in word for word in _words(process)):
        return False
    last = "/".join(PurePosixPath(target).parts[-2:])
    if NO_STATE.search(last) or NO_STATE.search(names[1]):
        return False
    return not (source.startswith(".") and _is_code(project, process, volume))


def _words(process: Process) -> Iterator[str]:
    return (word for command in process.commands for word in command.words)


def _is_code(project: Project, process: Process, volume: Volume) -> bool:
    """Whether what is mounted is a part of the repository.

    All of it over an image that is not built here: that is how a checkout is deployed, with what it
    keeps.
    """
    if volume.source in CODE:
        return bool(volume.source) and (process.built or not _keeps_uploads(project))
    if volume.target.rstrip("/") in _sources(project):
        return True
    folder = Path(project.root, volume.location.path).parent / volume.source
    if not folder.is_dir():
        return folder.is_file()
    return any(not path.name.startswith(".") for path in folder.iterdir())


def _sources(project: Project) -> set[str]:
    """Where the images of a project have its code: what is mounted there instead is code, too."""
    mounted = (volume for process in project.deploy.processes for volume in process.volumes)
    return {volume.target.rstrip("/") for volume in mounted if volume.source in CODE[1:]}


def _keeps_uploads(project: Project) -> bool:
    """Whether uploads are kept below the project's own folder."""
    media = str(project.setting("MEDIA_ROOT") or "")
    return bool(media) and Path(media).is_relative_to(project.root)


def _named(volume: Volume) -> str:
    return f"the volume {volume.source}" if volume.source else "a volume"


def _confidence(process: Process, volume: Volume) -> Confidence:
    if volume.shared is None:
        return Confidence.LOW
    return Confidence.HIGH if process.kind is Kind.KUBERNETES else Confidence.MEDIUM


RULE = Rule("scaleready.W093", "volume-state", find, Area.DEPLOY, leak=Leak.DATA)
