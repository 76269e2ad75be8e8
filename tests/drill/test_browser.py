"""The browser hops between replicas and stays who it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx
import pytest

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.ports import HOST, Ports


class Handler(BaseHTTPRequestHandler):
    """Says what it saw: its own name, the request, the cookies."""

    server: Site

    def do_GET(self) -> None:
        self.server.seen.append(f"GET {self.path}")
        if self.path == "/old":
            self.answer(302, Location="/new")
        elif self.path == "/round":
            self.answer(302, Location="/round")
        else:
            self.answer(200, **{"Set-Cookie": f"csrftoken=from-{self.server.name}; Path=/"})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = parse_qs(self.rfile.read(length).decode())
        self.server.seen.append(f"POST {self.path} {body['csrfmiddlewaretoken'][0]}")
        self.answer(302, Location="/done")

    def answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        body = f"{self.server.name} {self.headers.get('Cookie', '')}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Site(ThreadingHTTPServer):
    def __init__(self, name: str) -> None:
        super().__init__((HOST, 0), Handler)
        self.name = name
        self.seen: list[str] = []
        self.url = f"http://{HOST}:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    sites = [Site("a"), Site("b"), Site("c")]
    yield sites
    for site in sites:
        site.shutdown()
        site.server_close()


@pytest.fixture
def browser(sites: list[Site]) -> Iterator[Browser]:
    with Browser([site.url for site in sites]) as browser:
        yield browser


def test_each_request_goes_to_the_next(browser: Browser) -> None:
    assert [browser.get("/").text[0] for _ in range(5)] == ["a", "b", "c", "a", "b"]


def test_the_cookies_of_one_go_to_the_others(browser: Browser) -> None:
    assert browser.get("/").text == "a "
    assert browser.get("/").text == "b csrftoken=from-a"


def test_one_can_be_chosen(browser: Browser, sites: list[Site]) -> None:
    assert [browser.get("/", on=sites[2].url).text[0] for _ in range(2)] == ["c", "c"]


def test_a_redirect_leads_to_another(browser: Browser, sites: list[Site]) -> None:
    assert browser.get("/old").text == "b "
    assert [site.seen for site in sites] == [["GET /old"], ["GET /new"], []]


def test_a_form_of_one_is_sent_to_the_next_and_followed_to_the_third(
    browser: Browser, sites: list[Site]
) -> None:
    assert browser.submit("/form", {"title": "Ferries"}).text.startswith("c")
    assert [site.seen for site in sites] == [
        ["GET /form"],
        ["POST /form from-a"],
        ["GET /done"],
    ]


def test_the_form_may_stand_on_another_page(browser: Browser, sites: list[Site]) -> None:
    browser.submit("/logout", {}, form="/")
    assert (sites[0].seen, sites[1].seen) == (["GET /"], ["POST /logout from-a"])


def test_one_that_refuses_is_passed_over(browser: Browser, sites: list[Site]) -> None:
    sites[0].shutdown()
    sites[0].server_close()
    assert [browser.get("/").text[0] for _ in range(4)] == ["b", "c", "b", "c"]


def test_with_nobody_left_it_is_the_callers_error() -> None:
    ports = Ports()
    urls = [f"http://{HOST}:{ports.reserve()}" for _ in range(2)]
    with Browser(urls) as browser, pytest.raises(httpx.ConnectError):
        browser.get("/")
    ports.close()


def test_going_round_in_circles_ends(browser: Browser) -> None:
    with pytest.raises(httpx.TooManyRedirects):
        browser.get("/round")
