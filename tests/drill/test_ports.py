"""A port stays free for its owner while nothing listens on it."""

from __future__ import annotations

import socket

from django_scaleready.drill.ports import HOST, Ports


def test_nothing_listens_on_it() -> None:
    ports = Ports()
    with socket.create_server((HOST, ports.reserve())):
        pass
    ports.close()


def test_two_drills_never_get_the_same() -> None:
    first, second = Ports(), Ports()
    mine = {first.reserve() for _ in range(100)}
    theirs = {second.reserve() for _ in range(100)}
    assert len(mine) == len(theirs) == 100
    assert not mine & theirs
    first.close()
    second.close()


def test_it_is_no_port_that_an_outgoing_connection_takes() -> None:
    ports = Ports()
    with (
        socket.create_server((HOST, 0)) as server,
        socket.create_connection(server.getsockname()) as outgoing,
    ):
        lowest = min(server.getsockname()[1], outgoing.getsockname()[1])
    assert max(ports.reserve() for _ in range(50)) < max(lowest, 32_768)
    ports.close()


def test_a_reserved_port_is_refused_to_others_until_closed() -> None:
    ports = Ports()
    port = ports.reserve()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guard:
        try:
            guard.bind((HOST, port))
        except OSError:
            pass
        else:
            raise AssertionError("the reservation is not held")
    ports.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guard:
        guard.bind((HOST, port))
