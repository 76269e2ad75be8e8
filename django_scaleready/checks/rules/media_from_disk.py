"""Uploads are served from the disk of one machine.

nginx' `alias`, or uWSGI's `static-map`, answers from the directory it sees. What another replica
has stored is not there: the same URL is a file or a 404, by where the request was sent.

## Bad

```text title="nginx.conf"
server {
    location /media/ {
        alias /srv/mysite/media/;
    }
}
```

## Good

```text title="nginx.conf"
server {
    location /media/ {
        proxy_pass https://mysite-media.s3.amazonaws.com/;
    }
    location /static/ {
        alias /srv/mysite/static/;
    }
}
```

## Stays silent when

- what is served was built into the image: static files, `robots.txt`;
- every replica sees the same: a volume that is `ReadWriteMany` or on NFS, a directory in
  `SCALEREADY["SHARED_PATHS"]`;
- the configuration says at its head that it is not for production, or only compose files that say
  so of themselves name it;
- nginx never comes to the location, for a pattern beside it takes what begins so;
- it is the folder of the uploads, or one of that name, under their `MEDIA_URL` or a part of it,
  by a pattern, too: `media-local` names it with the storage;
- it lies in a volume that [volume-state](#volume-state) warns of, and names it with.

It is information where it is the folder of the default storage, or one of that name, under its
`MEDIA_URL`, and no field, app or code is seen to put a file into that storage. So is one for
uploads by its name alone (`media`) where there is no `MEDIA_ROOT`, no storage is used, and no code
writes to a folder of that name, or where all storages keep their files elsewhere. And so is one of
a template in which somebody fills in the folder: `alias ${MEDIA_ROOT};`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.disk.served import grown_folders, serves_none, serves_uploads
from django_scaleready.checks.rules.volume_state import is_told
from django_scaleready.checks.together import together

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each directory of run-time files that is served from a disk.

    One below another, or in the configuration of another server, is the same.
    """
    mounted = (volume for process in project.deploy.processes for volume in process.volumes)
    shared = {volume.target for volume in mounted if volume.shared and volume.target}
    served = [
        each
        for each in grown_folders(project)
        if not any(PurePosixPath(each[1]).is_relative_to(target) for target in shared)
        if not serves_uploads(project, *each[:2]) and not is_told(project, each[1])
    ]
    found: list[tuple[str, Finding]] = []
    for url, path, location in sorted(served, key=lambda each: len(PurePosixPath(each[1]).parts)):
        folder = PurePosixPath(path)
        above = next((other for other, _ in found if folder.is_relative_to(other)), path)
        finding = Finding(
            message=(
                f"{url} is served from {path}, on one machine's disk: what another replica"
                " stored there is a 404."
            ),
            hint="Keep uploads in an object store, and let it serve them.",
            location=location,
            severity=Severity.INFO if serves_none(project, url, path) else Severity.WARNING,
            confidence=Confidence.MEDIUM,
        )
        found.append((above, finding))
    yield from together(found)


RULE = Rule("scaleready.W099", "media-from-disk", find, Area.DEPLOY, leak=Leak.DATA)
