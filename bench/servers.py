"""The measured site on gunicorn."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bench.services import Services
from bench.subjects import Subject
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.supervisor import Supervisor

# The one name in ALLOWED_HOSTS of sites/probed_site.py.
KNOWN = "shop.example"
ASGI = "django.core.asgi:get_asgi_application()"
WSGI = "django.core.wsgi:get_wsgi_application()"


@dataclass(frozen=True)
class Answer:
    """What came back: ``status`` 0 if nothing did in ``seconds``, with the ``error``'s name."""

    status: int
    seconds: float
    body: str = ""
    error: str = ""

    @property
    def shown(self) -> str:
        """For a cell of a table."""
        if self.status:
            return str(self.status)
        return f"> {self.seconds:.0f} s" if self.error == "TimeoutError" else self.error


@dataclass(frozen=True)
class Server:
    """One gunicorn of a subject."""

    process: Process
    port: int

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return HOST, self.port

    def ask(
        self, path: str, *, method: str = "GET", host: str = KNOWN, seconds: float = 5.0
    ) -> Answer:
        """Make one request on a connection of its own, as a balancer's probe does.

        ``seconds`` for each of connecting, sending and every piece of the answer. http.client: the
        time of httpx's own is a good part of a probe's.
        """
        began = time.monotonic()
        connection = http.client.HTTPConnection(*self.address, timeout=seconds)
        try:
            connection.request(method, path, headers={"Host": host, "Connection": "close"})
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, time.monotonic() - began, error=type(error).__name__)
        finally:
            connection.close()
        return Answer(response.status, time.monotonic() - began, body)

    def wait(self, path: str = "/") -> None:
        """Return when a path gives any answer at all."""
        self.process.wait_until(lambda: self.ask(path, seconds=1).status, 30, "an answer")


def gunicorn(
    supervisor: Supervisor,
    services: Services,
    subject: Subject,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    application: str = WSGI,
) -> Server:
    """Start one worker of 4 threads, of ours with the kit's config; returns when it answers.

    ``arguments`` of gunicorn come last and win.
    """
    port = supervisor.port()
    config = ["-c", "python:django_scaleready.gunicorn"] if not subject.requirement else []
    process = supervisor.process(
        "web",
        [subject.python, "-m", "gunicorn", *config, "--bind", f"{HOST}:{port}", "--workers", "1",
         "--worker-class", "gthread", "--threads", "4", "--no-control-socket",
         "--worker-tmp-dir", "/dev/shm", *arguments, application],
        environment={**services.site(subject), **(environment or {})},
    )  # fmt: skip
    process.start()
    server = Server(process, port)
    server.wait()
    return server
