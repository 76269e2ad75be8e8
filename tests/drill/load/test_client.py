"""Each way in which a request can fail has its name, and none is sent twice."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from support.answering import PAGE, Server, always, once, read_request, reset, serving

from django_scaleready.drill.load.client import Client, WrongAnswerError
from django_scaleready.drill.load.plan import Plan, Step
from django_scaleready.drill.recording import Sample
from django_scaleready.drill.waiting import until

GET = Step("get", "/")
POST = Step("post", "/count/", "POST", fields={"text": "ä b"})


def client(port: int, **options: object) -> Client:
    return Client("127.0.0.1", port, Plan([], **{"timeout": 20.0, **options}))  # type: ignore[arg-type]


def send(to: Client, step: Step = GET, id_: str = "", *, fresh: bool = False) -> Sample:
    return to.send(step, id_, fresh=fresh, zero=0.0)


def test_an_answer_is_timed_and_names_its_replica() -> None:
    with serving(always(PAGE)) as server:
        began = time.monotonic()
        sample = send(client(server.port))
    assert (sample.outcome, sample.replica, sample.kind, sample.path) == ("ok", "a", "get", "/")
    assert began <= sample.at <= sample.ended <= time.monotonic()


def hang(connection: socket.socket) -> None:
    """Until the client has gone."""
    connection.settimeout(30)
    with contextlib.suppress(OSError):
        connection.recv(1)


def cut_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200")


def cut_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")


def cut_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")


def noise(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x01\r\n\r\n")


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (hang, "timeout"),
        (reset, "reset"),
        (socket.socket.close, "reset"),
        (cut_body, "truncated"),
        (cut_head, "truncated"),
        (cut_headers, "truncated"),
        (noise, "garbled"),
    ],
)
@pytest.mark.parametrize("step", [GET, POST], ids=["get", "post"])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_failure_has_a_name_and_is_not_repeated(
    act: Callable[[socket.socket], None], outcome: str, step: Step, fresh: bool
) -> None:
    with serving(once(act)) as server:
        limit = {"timeout": 0.5} if act is hang else {}
        sample = send(client(server.port, **limit), step, fresh=fresh)
        assert sample.outcome == outcome
        until(lambda: server.requests, 5, "the request, which a client that gave up has sent")
        assert len(server.requests) == server.connections == 1


def test_a_closed_port_refuses() -> None:
    with serving(always(PAGE)) as server:
        port = server.port
    assert send(client(port)).outcome == "refused"


@pytest.mark.parametrize(
    ("answer", "step", "outcome"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", GET, "502"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", GET, "404"),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Step("get", "/", status=302), "ok"),
        (PAGE, Step("get", "/", contains="pag"), "ok"),
        (PAGE, Step("get", "/", contains="sold out"), "wrong"),
    ],
)
def test_an_answer_is_compared_with_what_is_expected(
    answer: bytes, step: Step, outcome: str
) -> None:
    with serving(always(answer)) as server:
        assert send(client(server.port), step).outcome == outcome


def test_a_connection_is_kept_and_a_fresh_one_is_not() -> None:
    with serving(always(PAGE)) as server:
        one = client(server.port)
        for fresh in (False, True, False, True, False):
            assert send(one, fresh=fresh).outcome == "ok"
        assert server.connections == 3
        assert [b"Connection: close" in request for request in server.requests] == [
            False, True, False, True, False,
        ]  # fmt: skip


def test_a_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    closed = threading.Event()

    def answer_and_close(connection: socket.socket) -> None:
        connection.sendall(PAGE)
        connection.close()
        closed.set()

    with serving(once(answer_and_close)) as server:
        one = client(server.port)
        for _ in range(3):
            assert send(one).outcome == "ok"
            assert closed.wait(5)
            closed.clear()
        assert server.connections == len(server.requests) == 3


def test_after_a_failure_it_goes_on_with_another_connection() -> None:
    def first_reset(server: Server, connection: socket.socket) -> None:
        while server.next_request(connection):
            if len(server.requests) == 1:
                reset(connection)
                return
            connection.sendall(PAGE)

    with serving(first_reset) as server:
        one = client(server.port)
        assert [send(one).outcome for _ in range(3)] == ["reset", "ok", "ok"]


def test_a_post_carries_its_id_its_fields_and_what_django_asks_of_a_form() -> None:
    with serving(always(PAGE)) as server:
        one = client(server.port, proxy_header=["HTTP_X_FORWARDED_PROTO", "https"])
        assert send(one, POST, "7-1").id == "7-1"
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert headers["X-Drill-Id"] == "7-1"
    assert headers["Cookie"] == f"csrftoken={headers['X-CSRFToken']}"
    assert headers["X-FORWARDED-PROTO"] == "https"
    assert headers["Referer"] == f"https://{headers['Host']}/"
    assert parse_qs(body.decode()) == {"text": ["ä b"]}


def session_site(known: Callable[[str], object]) -> Callable[[Server, socket.socket], None]:
    """Signs in with a cookie, and says of a session what ``known`` makes of its cookie."""

    def handle(server: Server, connection: socket.socket) -> None:
        while request := read_request(connection):
            server.requests.append(request)
            cookie = (
                b"Set-Cookie: sessionid=s1; HttpOnly; Path=/\r\n" if b"/login/" in request else b""
            )
            body = json.dumps(known(request.decode())).encode()
            length = b"Content-Length: %d\r\n\r\n" % len(body)
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + cookie + length + body)

    return handle


SESSION = Step("session", "/.drill/session/", session=True)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"user": "u", "mark": "m"}, "ok"),
        ({"user": None, "mark": None}, "wrong"),
        ({"user": "u", "mark": "another's"}, "wrong"),
    ],
)
def test_a_session_is_known_by_its_user_and_its_mark(told: object, outcome: str) -> None:
    with serving(session_site(lambda _: told)) as server:
        one = client(server.port, user="u")
        one.sign_in("m")
        assert send(one, SESSION).outcome == outcome
        assert b"sessionid=s1" in server.requests[-1]
        send(one)
        assert b"sessionid" not in server.requests[-1]


def test_a_sign_in_that_fails_says_so() -> None:
    with (
        serving(always(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")) as server,
        pytest.raises(WrongAnswerError, match="500"),
    ):
        client(server.port).sign_in("m")
