"""uWSGI behind nginx, by its own protocol and by HTTP, set up as the documentation says."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from support.uwsgi_replica import UWSGI

from django_scaleready.drill import programs
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import answers
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.needs("uwsgi", "nginx")]

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "uwsgi.md"
# A body that no buffer on the way holds.
BODY = b"x" * 2_000_000

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_max_body_size 8m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {documented}
}}
"""
PARAMETERS = "/etc/nginx/uwsgi_params"


def documented(address: str, port: int, *, by_http: bool = False) -> str:
    """The page's example, with one server and our addresses."""
    (block,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(), re.DOTALL)
    text = re.sub(r"server 10\.0\.0\.12:3031.*\n", "", block)
    text = text.replace("10.0.0.11:3031", address).replace("listen 80", f"listen {HOST}:{port}")
    text = text.replace("include uwsgi_params", f"include {PARAMETERS}")
    assert address in text
    if by_http:
        text = re.sub(r".*(include|uwsgi_param|uwsgi_\w+_timeout).*\n", "", text)
        text = text.replace("uwsgi_pass web", "proxy_pass http://web")
    return text


@pytest.fixture
def replica(supervisor: Supervisor) -> UWSGI:
    """Listens in all three ways."""
    folder = supervisor.folder("sockets")
    folder.chmod(0o777)
    replica = UWSGI(
        supervisor, "--socket", f"{HOST}:{supervisor.port()}", "--socket", str(folder / "socket"),
        "--chmod-socket=666", SCALEREADY_DRAIN="3",
    )  # fmt: skip
    replica.start()
    return replica


@pytest.fixture
def nginx(supervisor: Supervisor) -> Callable[..., str]:
    """Starts an nginx before an address, and returns its URL."""

    def start(address: str, *, by_http: bool = False) -> str:
        port, folder = supervisor.port(), supervisor.folder(f"nginx-{by_http}-{len(address)}")
        # nginx's workers leave root; the folder is theirs to write uploads to.
        folder.chmod(0o777)
        file = folder / "nginx.conf"
        text = documented(address, port, by_http=by_http)
        file.write_text(NGINX.format(folder=folder, documented=text))
        process: Process = supervisor.process(
            folder.name, [programs.require("nginx"), "-c", str(file)]
        )
        process.start()
        process.wait_until(lambda: listens(port), 15, "an open port")
        return f"http://{HOST}:{port}"

    return start


def listens(port: int) -> bool:
    try:
        HTTPConnection(HOST, port, timeout=1).connect()
    except OSError:
        return False
    return True


def addresses(replica: UWSGI) -> dict[str, str]:
    """Where it listens, as nginx names it."""
    argv = list(replica.process.argv)
    tcp, unix = [argv[index + 1] for index, word in enumerate(argv) if word == "--socket"]
    return {"http": replica.url.removeprefix("http://"), "tcp": tcp, "unix": f"unix:{unix}"}


def test_nginx_passes_by_either_protocol_and_loses_nothing_in_a_drain(
    replica: UWSGI, nginx: Callable[..., str]
) -> None:
    at = addresses(replica)
    urls = [nginx(at["tcp"]), nginx(at["unix"]), nginx(at["http"], by_http=True)]
    for url in urls:
        assert answers(f"{url}/readyz")
        # An answer without a look at the body, and still an answer.
        assert httpx.post(f"{url}/none", content=BODY, timeout=10).status_code == 404
    flying = []
    for url in urls:
        connection = HTTPConnection(url.removeprefix("http://"), timeout=15)
        connection.request("GET", "/slow?seconds=5")
        flying.append(connection)
    replica.process.signal(signal.SIGTERM)
    until(lambda: replica.states(2) and replica.says("Draining for 3.0 s"), 3, "the drain")
    # Without ``verify`` each would read the certificates of all authorities first.
    told = [httpx.get(f"{url}/readyz", verify=False).status_code for url in urls]
    assert told == [503, 503, 503]
    assert [connection.getresponse().status for connection in flying] == [200, 200, 200]
    until(lambda: not replica.process.running, 8, "uWSGI's end")


def test_the_wrong_pair_answers_502_or_nothing(replica: UWSGI, nginx: Callable[..., str]) -> None:
    at = addresses(replica)
    assert httpx.get(f"{nginx(at['http'])}/fine", timeout=10).status_code == 502
    try:
        wrong = httpx.get(f"{nginx(at['tcp'], by_http=True)}/fine", timeout=3).status_code
    except httpx.ReadTimeout:
        wrong = 502
    assert wrong == 502
