"""The live feed over real WebSockets: each signal once, whatever is lost."""

import asyncio
import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

import api.follow as following
from api.database import Pool
from api.events import Event, Wanted, event
from api.feed import APPLICATION_NAME, REMEMBERED, Feed
from api.follow import FeedEndError, Follower
from api.keyring import KeyRing
from desk.database import Database
from tests.api.conftest import (
    FRIDAY,
    Service,
    insert_signal,
    order_for,
    publish,
    publish_session,
    settings_of,
)
from tests.processes import running_api, within

SECONDS = 10
THURSDAY, WEDNESDAY = date(2013, 2, 28), date(2013, 2, 27)


def message(client: Connection) -> Any:
    return json.loads(client.recv(timeout=SECONDS))


def news(client: Connection) -> Any:
    """The next message that is more than a heartbeat."""
    while (told := message(client))["kind"] == "heartbeat":
        pass
    return told


def heard(client: Connection) -> str:
    return str(news(client)["symbol"])


def test_a_signal_published_while_listening_arrives_as_in_latest(
    service: Service,
) -> None:
    with service.listen() as client:
        key = service.publish("LIVE", sentence="RSI 14 fell below 30.")
        received = news(client)
    latest = service.ask("/latest?limit=1")
    assert received["sequence"] == latest["sequence"]
    assert received["kind"] == "signals"
    assert received["data"]["signal_key"] == key
    (signal,) = latest["signals"]
    for name in ("symbol", "side", "close", "bar_date", "details"):
        assert received["data"][name] == signal[name]


def test_the_first_message_says_where_the_feed_begins(service: Service) -> None:
    newest = service.ask("/latest?limit=1")["sequence"]
    client = connect(
        f"ws://127.0.0.1:{service.port}/ws",
        additional_headers={"X-API-Key": service.key},
        proxy=None,
    )
    with client:
        assert message(client) == {"sequence": newest, "kind": "heartbeat"}


def test_who_comes_back_with_a_sequence_gets_what_came_after_it_once(
    service: Service,
) -> None:
    symbols = [f"MISSED{number}" for number in range(5)]
    with service.listen() as client:
        service.publish("SEEN")
        place = message(client)["sequence"]
    for symbol in symbols:
        service.publish(symbol)
    with service.listen(f"?after={place}") as client:
        service.publish("NOW")
        got = [news(client) for _ in range(6)]
    assert [one["symbol"] for one in got] == [*symbols, "NOW"]
    assert [one["sequence"] for one in got] == list(range(place + 1, place + 7))


def test_what_is_longer_past_than_memory_comes_from_the_database(
    service: Service,
) -> None:
    with service.database.connect("executor") as conn:
        publish_session(conn, FRIDAY)
        for number in range(REMEMBERED + 1_500):
            insert_signal(conn, f"LONG{number}", FRIDAY, {})
    newest = service.ask("/latest?limit=1")["sequence"]
    for after in (0, newest - REMEMBERED - 700):
        with service.listen(f"?after={after}") as client:
            got = [news(client)["sequence"] for _ in range(newest - after)]
        assert got == list(range(after + 1, newest + 1))


@pytest.mark.parametrize("after", [10**9, 2**53 - 1])
def test_a_sequence_that_is_not_in_the_feed_is_refused(
    service: Service, after: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        service.listen(f"?after={after}")
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("query", ["after=abc", "after=-1", "kinds=x", "symbols=%25"])
def test_a_parameter_that_can_not_be_used_is_refused_in_the_words_of_http(
    service: Service, query: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        service.listen(f"?{query}")
    assert refused.value.response.status_code == 400
    over_http = service.get(f"/events?{query}", **{"X-API-Key": service.key}).json()
    assert json.loads(refused.value.response.body)["extra"] == over_http["extra"]


def test_a_client_hears_the_symbols_strategies_and_kinds_it_wants(
    service: Service,
) -> None:
    for symbol in ("ONE", "TWO"):
        service.publish(symbol)
    with (
        service.listen("?symbols=ONE") as one,
        service.listen("?kinds=orders,runs") as orders,
        service.listen("?strategies=sma_cross&kinds=signals") as strategy,
    ):
        for day in (THURSDAY, WEDNESDAY):
            service.publish("TWO", day)
            key = service.publish("ONE", day)
            with service.database.connect("executor") as conn:
                order_for(conn, key)
        assert [heard(one) for _ in range(4)] == ["ONE"] * 4
        kinds = [news(orders) for _ in range(2)]
        assert [(got["kind"], got["data"]["state"]) for got in kinds] == [
            ("orders", "blocked")
        ] * 2
        assert [heard(strategy) for _ in range(4)] == ["TWO", "ONE"] * 2


def test_loads_are_told_when_they_begin_and_end(service: Service) -> None:
    with (
        service.listen("?kinds=runs") as client,
        service.database.connect("ingest", autocommit=True) as conn,
    ):
        conn.execute(
            "insert into raw.ingest_runs (run_id, source, symbols, window_end,"
            " started_at) values (gen_random_uuid(), 'test', '{A}', now(), now())"
        )
        conn.execute("update raw.ingest_runs set rows_new = 0")
        conn.execute("update raw.ingest_runs set outcome = 'succeeded'")
        told = [news(client)["data"]["outcome"] for _ in range(2)]
    assert told == ["running", "succeeded"]


def test_server_sent_events_tell_the_same(service: Service) -> None:
    place = service.ask("/latest?limit=1")["sequence"]
    service.publish("SENT")
    key = {"X-API-Key": service.key}
    for asked in (
        service.get(f"/events?after={place}&seconds=1", **key),
        service.get("/events?seconds=1", **{"Last-Event-ID": str(place)}, **key),
    ):
        assert asked.headers["Content-Type"].startswith("text/event-stream")
        begin, sent, *_ = asked.text.strip().split("\n\n")
        assert begin.startswith("event: heartbeat\n")
        first, second, data = sent.split("\n")
        assert (first, second) == (f"id: {place + 1}", "event: signals")
        assert json.loads(data.removeprefix("data: "))["symbol"] == "SENT"


def test_events_are_numbered_without_a_gap_in_the_order_of_commits(
    database: Database,
) -> None:
    """Transactions that begin, wait and give up in any order, at the same time."""
    with database.connect("executor") as conn:
        publish_session(conn, FRIDAY)

    def publish_some(worker: int) -> None:
        for number in range(15):
            with database.connect("executor") as conn:
                insert_signal(conn, f"W{worker}N{number}", FRIDAY, {})
                time.sleep(0.001 * (worker % 3))
                if number % 4 == worker % 4:
                    conn.rollback()

    seen: list[int] = []
    with ThreadPoolExecutor(6) as workers, database.connect(autocommit=True) as conn:
        running = [workers.submit(publish_some, worker) for worker in range(6)]
        while not all(one.done() for one in running) or not seen:
            last = seen[-1] if seen else 0
            found = conn.execute(
                "select sequence from trading.feed_events where sequence > %s"
                " order by sequence",
                [last],
            )
            seen += [sequence for (sequence,) in found]
        for one in running:
            one.result()
        total = conn.execute("select count(*) from trading.signals").fetchone()
        newest = conn.execute("select max(sequence) from trading.feed_events")
        assert newest.fetchone() == total
    assert seen == list(range(1, len(seen) + 1))


def test_only_the_newest_million_events_is_kept(database: Database) -> None:
    with database.connect() as conn:
        conn.execute(
            "insert into trading.feed_events"
            " select sequence, 'runs', null, null, now(), '{}'"
            " from unnest(array[7, 8, 1000006, 1000007]) as sequence"
        )
        conn.commit()
        publish(database, "NEXT")
        kept = conn.execute(
            "select array_agg(sequence order by sequence) from trading.feed_events"
        )
        assert kept.fetchone() == ([1000006, 1000007, 1000008],)


def test_a_payload_larger_than_a_notification_arrives(service: Service) -> None:
    with service.listen() as client:
        service.publish("LARGE", padding="x" * 100_000)
        assert len(news(client)["data"]["details"]["padding"]) == 100_000


@pytest.mark.slow
def test_a_client_that_takes_nothing_is_let_go_and_memory_stays(
    service: Service,
) -> None:
    with service.listen() as quick, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", service.port))
        slow.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nX-API-Key: "
            + service.key.encode()
            + b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert slow.recv(12) == b"HTTP/1.1 101"
        for number in range(60):
            service.publish(f"HEAVY{number}", padding="x" * 100_000)
        assert [heard(quick) for _ in range(60)][-1] == "HEAVY59"
        key = {"X-API-Key": service.key}
        let_go = 'desk_feed_let_go_total{code="4008"} 1.0'
        assert within(25, lambda: let_go in service.get("/metrics", **key).text)


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
        service = Service(settings.api_port, key, "", database, settings)
        clients = [service.listen() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(timeout=15) == 0
        assert time.monotonic() - started < 5
        for client in clients:
            with pytest.raises(ConnectionClosed):
                client.recv(timeout=SECONDS)


def run_event(sequence: int, symbol: str) -> Event:
    return event(
        sequence=sequence,
        kind="runs",
        symbol=symbol,
        strategy=None,
        happened_at=datetime.now(UTC),
        data={},
    )


def test_a_follower_that_falls_behind_gets_no_gap_but_an_end() -> None:
    async def followed() -> list[int]:
        plugin = ChannelsPlugin(MemoryChannelsBackend(), channels=["feed"])
        follower = Follower(plugin, max_backlog=2)
        events = [run_event(number, "A") for number in (1, 2, 3, 4)]
        first = follower.put_nowait(events[0])
        found = await follower.next_event(1)
        assert first
        assert found is not None
        taken = [follower.put_nowait(one) for one in events[1:]]
        assert taken == [True, True, False]
        with pytest.raises(FeedEndError, match="too slow"):
            await follower.next_event(1)
        return [found.sequence]

    assert asyncio.run(followed()) == [1]


def test_heart_beats_though_all_that_comes_is_unwanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0.2)

    async def followed() -> list[dict[str, Any]]:
        plugin = ChannelsPlugin(
            MemoryChannelsBackend(), channels=["feed"], subscriber_class=Follower
        )
        feed = Feed("", KeyRing(1))
        feed.last_sequence = 0
        source = following.Source(feed, plugin, cast(Pool, None))
        wanted = Wanted(symbols=frozenset({"WANTED"}))

        async def publish_many() -> None:
            for number in range(1, 100):
                symbol = "WANTED" if number == 60 else "OTHER"
                await plugin.wait_published(run_event(number, symbol), ["feed"])
                await asyncio.sleep(0.005)

        async with plugin:
            publishing = asyncio.create_task(publish_many())
            stream = following.follow(source, wanted, 0, lambda: True, seconds=3)
            got = [json.loads(one) async for one in stream]
            await publishing
        return got

    got = asyncio.run(followed())
    kinds = [one["kind"] for one in got]
    assert kinds.count("runs") == 1
    assert kinds.count("heartbeat") >= 4
    assert [one["sequence"] for one in got] == sorted(one["sequence"] for one in got)
    assert got[-1]["sequence"] == 99
