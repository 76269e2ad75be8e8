"""Castaway on the kit, in development: nothing but ``DEBUG=true``, tasks where they are called."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from support.example import PASSWORD, copy, serve

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.project import Project
from django_scaleready.drill.supervisor import Supervisor

AUDIO = b"RIFF" + bytes(100_000)
NEW_EPISODE = "/shows/night-trains/episodes/new/"
FEED = """<rss version="2.0"><channel>
<item><guid>1</guid><title>Ferries</title><link>https://partner.example/1</link></item>
<item><guid>2</guid><title>Trams</title><link>javascript:alert(1)</link></item>
<item><guid>2</guid><title>Trams again</title><link>https://partner.example/2</link></item>
</channel></rss>"""


class Elsewhere(BaseHTTPRequestHandler):
    """Podcast Atlas and a partner: what others run."""

    server: Others

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/feed.xml" else 404, self.server.feed.encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/token":
            self.server.tokens += 1
            given = {"access_token": f"token-{self.server.tokens}", "expires_in": 3600}
            self.answer(200, json.dumps(given).encode())
        elif self.headers["Authorization"] != f"Bearer token-{self.server.tokens}":
            self.answer(401, b"{}")
        else:
            self.server.announced.append(body["url"])
            self.answer(200, b"{}")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


class Others(ThreadingHTTPServer):
    """Counts the tokens that were asked for, and keeps what was announced."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Elsewhere)
        self.tokens = 0
        self.announced: list[str] = []
        self.feed = FEED

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture(scope="module")
def others() -> Iterator[Others]:
    with Others() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def project(supervisor: Supervisor, others: Others) -> Project:
    environment = {
        "DEBUG": "true",
        "DIRECTORY_URL": others.url,
        "SITE_URL": "https://castaway.example",
        "REPLICA": "one",
    }
    return copy("after", supervisor, environment)


@pytest.fixture(scope="module")
def url(project: Project) -> str:
    return serve(project)


@pytest.fixture
def browser(url: str) -> Iterator[Browser]:
    with Browser([url], timeout=30) as browser:
        browser.submit("/accounts/login/", {"username": "demo", "password": PASSWORD})
        yield browser


def publish(browser: Browser, title: str, name: str = "one.wav") -> httpx.Response:
    return browser.submit(NEW_EPISODE, {"title": title}, {"audio": (name, AUDIO, "audio/wav")})


def test_it_passes_djangos_own_check(project: Project) -> None:
    project.manage("check", "--fail-level", "WARNING")
    project.manage("makemigrations", "--check")


def test_it_needs_nothing_but_debug(supervisor: Supervisor) -> None:
    project = copy("after", supervisor, {"DEBUG": "true"})
    project.manage("migrate", "-v", "0")
    project.manage("check")


def test_an_episode_is_published_measured_and_in_the_trail(browser: Browser) -> None:
    page = publish(browser, "The 23:42")
    assert hashlib.sha256(AUDIO).hexdigest() in page.text
    assert browser.get(f"{page.url.path}audio").content == AUDIO
    trail = browser.get("/audit/").text
    assert f"episode {page.url.path.split('/')[2]} of night-trains" in trail
    feed = browser.get("/shows/night-trains/feed.xml").text
    assert f'length="{len(AUDIO)}"' in feed
    assert f"{page.url.path}audio" in feed


def test_two_uploads_of_one_name_are_two_files(browser: Browser) -> None:
    first, second = publish(browser, "A"), publish(browser, "B")
    where = [str(browser.get(f"{page.url.path}audio").url) for page in (first, second)]
    assert len(set(where)) == 2


def test_what_is_not_audio_is_refused(browser: Browser) -> None:
    page = publish(browser, "Notes", "notes.html")
    assert page.url.path == NEW_EPISODE
    assert "is not allowed" in page.text


def test_a_stranger_is_sent_to_the_sign_in(url: str) -> None:
    with Browser([url]) as stranger:
        for path in (NEW_EPISODE, "/audit/", "/listeners/"):
            assert stranger.get(path).url.path == "/accounts/login/"
        assert stranger.get("/whoami/").json() == {"user": None, "replica": "one"}


def test_every_page_says_which_replica_served_it(browser: Browser) -> None:
    page = browser.get("/")
    assert page.headers["X-Replica"] == "one"
    assert "Served by one" in page.text


def test_the_routes_of_the_demo_are_off(browser: Browser) -> None:
    assert browser.get("/boom/").status_code == 404
    assert browser.get("/slow/").status_code == 404


def test_feeds_are_announced_with_one_token_until_it_is_refused(
    browser: Browser, others: Others
) -> None:
    publish(browser, "One")
    announced, tokens = len(others.announced), others.tokens
    publish(browser, "Two")
    assert others.announced[announced:] == ["https://castaway.example/shows/night-trains/feed.xml"]
    assert others.tokens == tokens
    others.tokens += 1  # Revoked: the directory knows another by now.
    publish(browser, "Three")
    assert len(others.announced) == announced + 2
    assert others.tokens == tokens + 2


def test_a_partner_is_fetched_twice_and_shown_once(
    project: Project, browser: Browser, others: Others
) -> None:
    project.manage(
        "shell",
        "-c",
        "from podcasts.models import Partner; from podcasts.tasks import fetch_partner_feeds;"
        f"Partner.objects.create(name='Slow Boats', feed_url='{others.url}/feed.xml');"
        f"Partner.objects.create(name='Gone', feed_url='{others.url}/gone');"
        "fetch_partner_feeds.delay(); fetch_partner_feeds.delay()",
    )
    page = browser.get("/").text
    assert page.count("Ferries") == 1
    assert page.count("Trams again") == 1
    assert "javascript:" not in page
    others.feed = FEED.replace("Ferries", "Barges").replace("<guid>2</guid>", "<guid>3</guid>")
    project.manage(
        "shell",
        "-c",
        "from podcasts.tasks import fetch_partner_feeds; fetch_partner_feeds.delay();"
        "from podcasts.models import PartnerEpisode as E;"
        "assert set(E.objects.values_list('guid', flat=True)) == {'1', '3'}",
    )
    assert "Barges" in browser.get("/").text


def test_a_report_counts_what_came_since_the_one_before(project: Project, browser: Browser) -> None:
    report = "from podcasts.tasks import report_listeners; report_listeners.delay()"
    page = publish(browser, "Counted")
    project.manage("shell", "-c", report)
    for _ in range(3):
        browser.get(f"{page.url.path}audio")
    project.manage("shell", "-c", report)
    latest = browser.get("/listeners/").text.split("data-report=")[1]
    assert "<td>3</td>" in latest
