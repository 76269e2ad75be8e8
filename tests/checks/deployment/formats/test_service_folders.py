"""runit and s6: the services that an image has where they look for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of

WEB = "#!/bin/sh\nexec gunicorn shop.wsgi\n"
BEAT = "#!/bin/sh\nexec celery -A shop beat\n"
RUNIT = 'CMD ["runsvdir", "-P", "/etc/service"]\n'
BOTH = ["celery -A shop beat", "gunicorn shop.wsgi"]


def image(*lines: str, start: str = RUNIT) -> dict[str, str]:
    return {"Dockerfile": "\n".join(["FROM x", "WORKDIR /app", *lines, start])}


def called(root: Path, files: dict[str, str]) -> list[str]:
    """Return what the image's containers run that is the project's."""
    process = next(p for p in deployment_of(root, files).processes if p.name == "Dockerfile")
    commands = (" ".join(command.call) for command in process.commands)
    return sorted(text for text in commands if text.startswith(("gunicorn", "celery", "manage")))


@pytest.mark.parametrize(
    "files",
    [
        {
            **image(
                "ENV SRC=/srv/shop SERVICES=/etc/service",
                "COPY . ${SRC}",
                'RUN mkdir -p ${SERVICES}/web && ln -s "${SRC}/docker/web.sh" "${SERVICES}/web/run"'
                " && \\\n    ln -sf ${SRC}/docker/beat.sh ${SERVICES}/beat/run",
                start='CMD ["/bin/bash", "-c", "exec ${SRC}/docker/init.bash"]',
            ),
            "docker/web.sh": WEB,
            "docker/beat.sh": BEAT,
            "docker/init.bash": '#!/bin/bash\nexec /usr/bin/runsvdir "${SERVICES}"\n',
        },
        {
            **image(
                "COPY docker/web.sh /etc/service/web/run", "ADD ops/beat /etc/service/beat/run"
            ),
            "docker/web.sh": WEB,
            "ops/beat": BEAT,
        },
        {**image("COPY ops /etc/service"), "ops/web/run": WEB, "ops/beat/run": BEAT},
        {
            **image("COPY rootfs /", start='CMD ["runsvdir-start"]'),
            "rootfs/etc/service/web/run": WEB,
            "rootfs/etc/service/beat/run": BEAT,
        },
        {
            **image("COPY ops/sv /etc/sv", "RUN ln -s /etc/sv/web /etc/sv/beat /etc/service/"),
            "ops/sv/web/run": WEB,
            "ops/sv/beat/run": BEAT,
        },
        {
            **image("COPY . .", start='CMD ["chpst", "-u", "shop", "runsvdir", "/app/services"]'),
            "services/web/run": WEB,
            "services/beat/run": BEAT,
        },
        {
            **image(
                "COPY ops/web.sh /etc/services.d/web/run",
                "COPY ops/beat.sh /etc/s6-overlay/s6-rc.d/beat/run",
                start='ENTRYPOINT ["/init"]',
            ),
            "ops/web.sh": WEB,
            "ops/beat.sh": BEAT,
        },
        {
            **image("COPY ops /etc/s6", start='ENTRYPOINT ["s6-svscan", "/etc/s6"]'),
            "ops/web/run": WEB,
            "ops/beat/run": BEAT,
        },
        {
            **image("COPY ops /etc/service", start='CMD ["/sbin/my_init"]'),
            "ops/web/run": WEB,
            "ops/beat/run": BEAT,
        },
        # What the overlay scans it puts there from below /etc, as the image does before.
        {
            **image(
                "COPY . /src",
                "RUN cp -r /src/ops/services.d /etc",
                start='CMD ["s6-svscan", "/run/service"]',
            ),
            "ops/services.d/web/run": WEB,
            "ops/services.d/beat/run": BEAT,
        },
        {
            **image("COPY . .", start='CMD ["/app/start.sh"]'),
            "start.sh": "#!/bin/sh\nln -s /app/ops/web /etc/service/web\n"
            "ln -s /app/ops/beat.sh /etc/service/beat/run\nexec runsvdir /etc/service\n",
            "ops/web/run": WEB,
            "ops/beat.sh": BEAT,
        },
    ],
)
def test_services_are_started(tmp_path: Path, files: dict[str, str]) -> None:
    assert called(tmp_path, files) == BOTH


@pytest.mark.parametrize(
    "files",
    [
        # Copied to where nobody looks, or with a name that is no service's.
        {**image("COPY ops/web /srv/web/run"), "ops/web": WEB},
        {**image("COPY ops/web /etc/service/web/finish"), "ops/web": WEB},
        {**image("COPY ops/web /etc/service/run"), "ops/web": WEB},
        {**image("COPY ops/web /etc/service-old/web/run"), "ops/web": WEB},
        {**image("COPY ops/web /etc/sv/web/run"), "ops/web": WEB},
        {**image("COPY ops /etc/service"), "ops/web/log/run": WEB},
        {**image("COPY ops /etc/service"), "web/run": WEB},
        {**image("COPY . .", start='CMD ["/init"]'), "services.d/web/log/run": WEB},
        # Another package's, of the same name.
        {**image("RUN ln -s /usr/lib/cron/run /etc/service/cron/run"), "ops/web/run": WEB},
        {**image("COPY ops/web /etc/service/web/run", start='CMD ["sh"]'), "ops/web": WEB},
        {**image("COPY ops/web /etc/services.d/web/run"), "ops/web": WEB},
    ],
)
def test_what_is_no_service(tmp_path: Path, files: dict[str, str]) -> None:
    assert called(tmp_path, files) == []


@pytest.mark.parametrize(
    ("start", "once", "services"),
    [
        ("my_init", "/etc/my_init.d/10_first.sh", "/etc/service"),
        ("/init", "/etc/cont-init.d/10-first", "/etc/services.d"),
    ],
)
def test_what_runs_before_the_services(
    tmp_path: Path, start: str, once: str, services: str
) -> None:
    files = {
        **image(
            f"COPY ops/first.sh {once}",
            f"COPY ops/web {services}/web/run",
            start=f'CMD ["{start}"]',
        ),
        "ops/first.sh": "#!/bin/sh\npython manage.py migrate\n",
        "ops/web": WEB,
    }
    (process,) = deployment_of(tmp_path, files).processes
    found = [(c.program, c.awaited, c.supervised) for c in process.commands[1:]]
    assert found == [("manage.py", True, True), ("gunicorn", False, True)]


LINE = """#!/bin/execlineb -P
define user shop
ifthenelse -s { test -e /local/bin/python3 }
{ define python3 /local/bin/python3 }
{ define python3 /usr/bin/python3 }
with-contenv
s6-setuidgid $user
${python3} -m celery -A shop beat
"""
S6 = "rootfs/etc/services.d"


@pytest.mark.parametrize(
    "files",
    [
        # What begins there is said by the image that it builds on.
        {**image("COPY rootfs /", start='CMD ["gunicorn", "shop.wsgi"]'), f"{S6}/beat/run": BEAT},
        {**image("COPY rootfs /", start="CMD manage migrate"), f"{S6}/beat/run": BEAT,
         f"{S6}/web/run": WEB},
        {**image("COPY rootfs/ /", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/run": LINE},
        {**image("COPY ops /etc/s6-overlay/s6-rc.d", start="CMD gunicorn shop.wsgi"),
         "ops/beat/run": "#!/command/with-contenv bash\nexec celery -A shop beat\n"},
        {**image("COPY rootfs /", start='ENTRYPOINT ["/init"]\nCMD ["gunicorn", "shop.wsgi"]'),
         f"{S6}/beat/run": LINE},
        {**image("COPY rootfs /", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/run": BEAT,
         f"{S6}/other/run": "#!/bin/sh\nexec celery -A shop flower\n", f"{S6}/other/down": ""},
    ],
)  # fmt: skip
def test_services_are_started_by_the_image_below(tmp_path: Path, files: dict[str, str]) -> None:
    found = called(tmp_path, files)
    assert [text for text in found if not text.startswith("manage")] == BOTH


@pytest.mark.parametrize(
    "files",
    [
        # Another ENTRYPOINT, another folder, another image's files, a service that is down.
        {**image("COPY rootfs /", start='ENTRYPOINT ["tini", "--"]\nCMD ["gunicorn", "shop.wsgi"]'),
         f"{S6}/beat/run": BEAT},
        {**image("COPY rootfs /srv", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/run": BEAT},
        {**image("COPY app /app", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/run": BEAT},
        {**image("COPY rootfs /", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/run": BEAT,
         f"{S6}/beat/down": ""},
        {**image("COPY rootfs /", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/finish": BEAT},
        {**image("COPY --from=y rootfs /", start="CMD gunicorn shop.wsgi"), f"{S6}/beat/run": BEAT},
    ],
)  # fmt: skip
def test_no_image_below_starts_services(tmp_path: Path, files: dict[str, str]) -> None:
    assert called(tmp_path, files) == ["gunicorn shop.wsgi"]


@pytest.mark.parametrize(
    ("run", "found"),
    [
        (LINE, ["celery -A shop beat"]),
        (LINE.replace("celery -A shop beat", "celery"), ["celery"]),
        (LINE.replace("${python3} -m celery", "#celery"), []),
        (LINE.replace("celery -A shop beat", "http.server"), []),
    ],
)
def test_what_execline_runs(tmp_path: Path, run: str, found: list[str]) -> None:
    start = 'ENTRYPOINT ["/init"]'
    files = {**image("COPY rootfs /", start=start), f"{S6}/beat/run": run, "shop": "#!/bin/sh\n"}
    assert called(tmp_path, files) == found
