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
    environment:
      REPORTS_DIR: /app/reports
    volumes:
      - reports:/app/reports
volumes:
  reports:
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

- the volume belongs to a backing service: a database, a broker, a proxy; or to the image of another
  program, in whose folder nothing speaks of Django;
- it holds what is not the application's to change: mounted read-only, configuration and source code
  of the repository, certificates, sockets, static files, caches, or backups, unless code that a
  replica or a clock runs writes there; a folder of the repository that has but `.gitkeep` in it is
  no code;
- the service is one to develop on: its image, its variables or the server beside it say so
  (`mysite:dev`, `env_file: .env.dev`, `runserver` with the code mounted), or the code is mounted
  where the image that is built beside it has it already;
- it is the folder of the uploads, or lies below it, as the settings or a variable of the container
  have it (`DJANGO_MEDIA_ROOT`): `media-local` names it with the storage;
- all that anything here names in it is the folder of one setting, to which code writes:
  `file-write` names it with that, also where a container's variable of that name, or the same in a
  file of variables (`env_file`), says where it is;
- every replica sees the same: `ReadWriteMany`, a volume on NFS, a folder that a script mounts on
  each machine (`mount -t efs`, a line of `/etc/fstab`), a directory in
  `SCALEREADY["SHARED_PATHS"]`;
- a systemd unit runs a container (`docker run -v`) of an image that does not bear the project's
  name;
- only a Dockerfile's `VOLUME` speaks of it, and nothing names a path there.

Named with it is the web server's `alias` that answers from it.

A mount is information where nothing says what the application keeps in it: no setting that holds a
path, no variable or option of the container and no file that the code writes leads there. So is the
folder of uploads that are stored elsewhere, what only an init container mounts, and a volume in
which all that anything here names is SQLite's file, which `db-sqlite` speaks of, or the schedule of
a beat (`celery beat -s`), which is `beat-schedule-file`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.disk.served import grown_folders
from django_scaleready.checks.disk.volume_use import contents, is_used, of_other_leaks, only_setting
from django_scaleready.checks.disk.volumes import Uses, holds_uploads, kept, lies_in
from django_scaleready.checks.rules.file_write import told_settings

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.process import Process, Volume
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each directory of the application that stays on one machine."""
    for target, uses in kept(project).items():
        if holds_uploads(project, uses) or _is_written_alone(project, uses):
            continue
        process, volume = uses[0]
        used = _is_kept_in(project, uses)
        if not used and not any(each.source for _, each in uses):
            # The image would let somebody mount something; nobody does, and nothing is kept there.
            continue
        there = f"{target} in {_named(volume)}, which is on one machine"
        yield Finding(
            message=(
                f"{process.name!r} keeps {there}: replicas on others do not see what is in it."
                if used
                else f"{process.name!r} has {there}; nothing here says that it keeps files there."
                " If it does, replicas on others do not see them."
            ),
            hint="Keep files in an object store and everything else in the database.",
            location=volume.location,
            severity=Severity.WARNING
            if used and not _is_of_others(project, uses)
            else Severity.INFO,
            confidence=_confidence(process, volume) if used else Confidence.LOW,
            related=_related(project, uses) if used else _others(uses),
        )


def _others(uses: Uses) -> tuple[Location, ...]:
    return tuple(dict.fromkeys(v.location for _, v in uses if v != uses[0][1]))


def _related(project: Project, uses: Uses) -> tuple[Location, ...]:
    """Return where else the directory is mounted, and where a web server answers from it."""
    answers = sorted(p for _, path, p in grown_folders(project) if lies_in(project, path, uses))
    return tuple(dict.fromkeys([*_others(uses), *answers]))


def is_told(project: Project, path: str) -> bool:
    """Whether a finding of this rule speaks of the directory that a path lies in."""
    return any(
        lies_in(project, path, uses) and _is_kept_in(project, uses)
        for uses in kept(project).values()
        if not holds_uploads(project, uses) and not _is_written_alone(project, uses)
    )


def _is_kept_in(project: Project, uses: Uses) -> bool:
    """Whether the application keeps files there, and not only what comes before it starts."""
    return not all(process.beside for process, _ in uses) and is_used(project, uses)


def _is_written_alone(project: Project, uses: Uses) -> bool:
    """Whether all that is known to be in a directory is what ``file-write`` speaks of."""
    setting = only_setting(project, uses)
    return bool(setting) and setting in told_settings(project)


def _is_of_others(project: Project, uses: Uses) -> bool:
    """Whether all that is known to be in a directory is what rules of settings speak of."""
    # Whoever makes the folder, or gives it to a user, puts nothing into it.
    inside = contents(project, uses) - {volume.target for _, volume in uses}
    return bool(inside) and inside <= of_other_leaks(project, uses)


def _named(volume: Volume) -> str:
    return f"the volume {volume.source}" if volume.source else "a volume"


def _confidence(process: Process, volume: Volume) -> Confidence:
    if volume.shared is None:
        return Confidence.LOW
    return Confidence.HIGH if process.kind is Kind.KUBERNETES else Confidence.MEDIUM


RULE = Rule("scaleready.W093", "volume-state", find, Area.DEPLOY, leak=Leak.DATA)
