"""Messages on a real Valkey that answers nothing while they are acknowledged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kombu import Connection, Consumer, Message, Queue
from kombu.transport import redis
from support.celery_site import CelerySite, said

from django_scaleready.celery import acknowledging
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor

pytestmark = pytest.mark.live

TIMEOUT = 0.3
QUEUE = Queue("jobs", routing_key="jobs")


@pytest.fixture
def connection(own_valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """As a worker has it; ``unacked`` is where kombu keeps what is not acknowledged."""
    monkeypatch.setattr(redis.Channel, "QoS", redis.Channel.QoS)
    acknowledging.use()
    options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    with Connection(own_valkey.url(), transport_options=options) as made:
        yield made


@pytest.fixture
def taken(connection: Connection) -> list[Message]:
    """One of two messages; with a prefetch count of 1 there is no place for the other."""
    messages: list[Message] = []
    channel = connection.channel()
    consumer = Consumer(channel, [QUEUE], on_message=messages.append, prefetch_count=1)
    consumer.consume()
    producer = connection.Producer()
    for number in range(2):
        producer.publish({"number": number}, routing_key="jobs", declare=[QUEUE])
    connection.drain_events(timeout=5)
    assert len(messages) == 1
    return messages


@pytest.mark.parametrize("how", ["ack", "reject", "requeue"])
def test_its_place_is_free_and_redis_hears_of_it_later(
    connection: Connection,
    taken: list[Message],
    own_valkey: Valkey,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    (message,) = taken
    qos = message.channel.qos
    assert not qos.can_consume()
    own_valkey.process.freeze()
    getattr(message, how)()
    assert qos.can_consume()
    assert "Redis did not take the acknowledgement" in caplog.text
    with pytest.raises(acknowledging._ERRORS):
        qos.restore_visible()  # still away
    own_valkey.process.thaw()
    qos.restore_visible()
    with own_valkey.client() as client:
        assert client.hlen("unacked") == client.zcard("unacked_index") == 0
        assert client.llen("jobs") == (2 if how == "requeue" else 1)
    connection.drain_events(timeout=5)
    assert len(taken) == 2


def test_at_its_end_a_channel_gives_back_only_what_was_not_done(
    taken: list[Message], own_valkey: Valkey
) -> None:
    (message,) = taken
    own_valkey.process.freeze()
    message.ack()
    own_valkey.process.thaw()
    message.channel.close()
    with own_valkey.client() as client:
        assert client.hlen("unacked") == 0
        assert client.llen("jobs") == 1


def test_a_worker_settles_so(supervisor: Supervisor, own_valkey: Valkey) -> None:
    worker = CelerySite(supervisor, own_valkey).worker()
    assert said(worker, "settles messages by django_scaleready.celery.acknowledging") == 1
