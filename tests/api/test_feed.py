"""The live feed over real WebSockets: each signal once, whatever is lost."""

import asyncio
import json
import signal
import time
from pathlib import Path

import psycopg
import pytest
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.connection import Connection

from api.feed import APPLICATION_NAME, Follower
from desk.database import Database
from tests.api.conftest import (
    FRIDAY,
    Service,
    insert_signal,
    publish_session,
    settings_of,
)
from tests.processes import running_api

SECONDS = 10


def heard(client: Connection) -> str:
    return str(json.loads(client.recv(timeout=SECONDS))["symbol"])


def test_a_signal_published_while_listening_arrives_as_in_latest(
    service: Service,
) -> None:
    with service.listen() as client:
        key = service.publish("LIVE", sentence="RSI 14 fell below 30.")
        received = json.loads(client.recv(timeout=SECONDS))
    (latest,) = service.ask("/latest?limit=1")["signals"]
    assert received == latest
    assert received["signal_key"] == key


def test_every_listener_gets_every_signal_in_order(service: Service) -> None:
    clients = [service.listen() for _ in range(5)]
    symbols = [f"MANY{number}" for number in range(40)]
    for symbol in symbols:
        service.publish(symbol)
    for client in clients:
        assert [heard(client) for _ in symbols] == symbols
        client.close()


@pytest.mark.parametrize("headers", [{"X-API-Key": "wrong"}, {"X-Other": "none"}])
def test_nobody_listens_without_the_key(
    service: Service, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        service.listen(**headers)
    assert refused.value.response.status_code == 401


def test_a_talkative_client_is_listened_to_no_further(service: Service) -> None:
    with service.listen() as client:
        client.send("hello")
        client.send(b"\x00\xff")
        service.publish("CALM")
        assert heard(client) == "CALM"


def test_a_signal_published_while_the_feed_is_cut_off_arrives_once(
    service: Service,
) -> None:
    with service.listen() as client, service.database.connect(autocommit=True) as conn:
        cut = conn.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = %s and datname = current_database()",
            [APPLICATION_NAME],
        )
        assert cut.fetchall() == [(True,)]
        for symbol in ("UNHEARD", "UNHEARD_TOO"):
            service.publish(symbol)
        assert [heard(client), heard(client)] == ["UNHEARD", "UNHEARD_TOO"]
        service.publish("AFTERWARDS")
        assert heard(client) == "AFTERWARDS"


def test_publishers_take_turns_so_that_no_signal_is_overtaken(
    service: Service,
) -> None:
    with service.listen() as client:
        with service.database.connect("executor") as first:
            publish_session(first, FRIDAY)
            insert_signal(first, "FIRST", FRIDAY, {})
            with service.database.connect("executor") as second:
                second.execute("set lock_timeout to '200ms'")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    insert_signal(second, "SECOND", FRIDAY, {})
        service.publish("SECOND")
        assert [heard(client), heard(client)] == ["FIRST", "SECOND"]


def test_the_service_stops_in_seconds_with_listeners_connected(
    database: Database, tmp_path: Path
) -> None:
    settings = settings_of(database, tmp_path / "home")
    with running_api(settings) as process:
        key = (settings.home / "api_key").read_text().strip()
        clients = [Service(settings.api_port, key, database).listen() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(timeout=15) == 0
        assert time.monotonic() - started < 5
        for client in clients:
            with pytest.raises(ConnectionClosed):
                client.recv(timeout=SECONDS)


def test_a_follower_that_falls_behind_gets_no_gap_but_an_end() -> None:
    async def followed() -> list[bytes]:
        plugin = ChannelsPlugin(MemoryChannelsBackend(), channels=["signals"])
        follower = Follower(plugin, max_backlog=2)
        taken = [follower.put_nowait(signal) for signal in (b"1", b"2", b"3")]
        assert taken == [True, True, False]
        events = follower.iter_events()
        first = await anext(events)
        assert not follower.put_nowait(b"4")  # there is room again, but a gap
        return [first, *[event async for event in events]]

    assert asyncio.run(followed()) == [b"1"]
