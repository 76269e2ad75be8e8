"""Hopping between small servers that share what they were told, or do not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

import pytest

from django_scaleready.drill.faults.hop import Hop
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor

# Answers /.drill/ as the drill's own addresses do; what it is told it keeps in a directory.
SERVER = """
import http.server, json, pathlib, sys, urllib.parse
shared, own, port, missing, logs = json.loads(sys.argv[1])
def place(topic):
    return pathlib.Path(own if topic in missing else shared)
class Handler(http.server.BaseHTTPRequestHandler):
    def do(self):
        url = urllib.parse.urlsplit(self.path)
        topic, asked = url.path.split("/")[2], dict(urllib.parse.parse_qsl(url.query))
        key = asked.get("name") or asked.get("key") or "session"
        file = place("session" if topic == "login" else topic) / key
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        getattr(self, self.command + "_" + topic)(asked, file, body)
    do_GET = do_POST = do
    def answer(self, content, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)
    def POST_row(self, asked, file, body):
        if "no rows" in missing:
            return self.answer(b"", 404)
        file.write_bytes(b"row"); self.answer(b"created")
    def GET_row(self, asked, file, body):
        self.answer(b"", 200 if file.exists() else 404)
    def POST_login(self, asked, file, body):
        told = {"user": asked["user"], "mark": None if "no session" in missing else asked["mark"]}
        file.write_text(json.dumps(told))
        self.answer(json.dumps(told).encode(), Set_Cookie="sid=secret; Secure; HttpOnly; Path=/")
    def GET_session(self, asked, file, body):
        known = file.exists() and "sid=secret" in self.headers.get("Cookie", "")
        self.answer(file.read_bytes() if known else b'{"user": null, "mark": null}')
    def POST_upload(self, asked, file, body):
        file.write_bytes(body)
        told = {"name": file.name, "used": "no files" not in missing}
        self.answer(json.dumps(told).encode())
    def GET_upload(self, asked, file, body):
        self.answer(file.read_bytes() if file.exists() else b"", 200 if file.exists() else 404)
    def POST_cache(self, asked, file, body):
        file.write_text(asked["value"])
        self.answer(b"undeclared" if "no cache" in missing else b"declared")
    def GET_cache(self, asked, file, body):
        self.answer(file.read_bytes() if file.exists() else b"")
    def POST_log(self, asked, file, body):
        for name in logs:
            print(f"{asked['text']}:{name};", flush=True)
        self.answer(b'{"root": "StreamHandler", "audit": "FileHandler"}')
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
TOPICS = ["row", "session", "upload", "cache", "log"]


@pytest.fixture
def hop() -> Iterator[Callable[..., dict[str, str]]]:
    """Hops over three servers; returns what did not, by topic, and "" for what did."""
    with Supervisor(patience=1) as supervisor:

        def run(*missing: str, logs: tuple[str, ...] = ("root", "audit")) -> dict[str, str]:
            shared, replicas = str(supervisor.folder("shared")), []
            for name in ("a", "b", "c"):
                port, own = supervisor.port(), str(supervisor.folder(name))
                told = json.dumps([shared, own, port, missing, logs])
                process = supervisor.process(name, [sys.executable, "-c", SERVER, told])
                replicas.append(Replica(name, f"http://127.0.0.1:{port}", process, ""))
                replicas[-1].start()
            for replica in replicas:
                replica.wait()
            fault = Hop(replicas, "somebody")
            fault.inject()
            return {one.topic: "" if one.held else one.seen for one in fault.observations()}

        yield run


def test_what_all_share_hops(hop: Callable[..., dict[str, str]]) -> None:
    assert hop() == dict.fromkeys(TOPICS, "")


def test_what_each_keeps_to_itself_does_not(
    hop: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scaleready.drill.faults.hop._LOG_SECONDS", 0.3)
    assert hop("row", "session", "upload", "cache", logs=("root",)) == {
        "row": "not there on b, c",
        "session": "signed in on a, a stranger on b, c",
        "upload": "not there on b, c",
        "cache": "not there on b, c",
        "log": "of 2 loggers 1 do not reach stdout: audit (FileHandler)",
    }


def test_what_a_project_does_not_have_is_not_judged(hop: Callable[..., dict[str, str]]) -> None:
    assert hop("no rows", "no session", "no files", "no cache") == {"log": ""}
