"""When the desk ends a client's feed: its key, or its place, holds no more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from websockets.exceptions import ConnectionClosed
from websockets.sync.connection import Connection

from api.database import reader_pool
from api.events import Wanted
from api.feed import REMEMBERED, Feed
from api.follow import FeedEndError, Follower, Source, follow
from api.keyring import KeyRing
from desk.backup import backup
from desk.database import Database
from desk.restore import restore
from tests.api.conftest import (
    FRIDAY,
    Service,
    insert_signal,
    publish_session,
    serving,
)
from tests.api.test_feed import heard, message


@pytest.fixture
def restorable(database: Database, tmp_path: Path) -> Iterator[Service]:
    yield from serving(database, tmp_path / "home")


def publish_at_once(database: Database, *symbols: str) -> None:
    with database.connect("executor") as conn:
        publish_session(conn, FRIDAY)
        for symbol in symbols:
            insert_signal(conn, symbol, FRIDAY, {})


def code_at_the_end(client: Connection) -> int:
    """Why the desk closed it, without another word."""
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=10)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


@pytest.mark.parametrize("after_it", [1, 2, 3], ids=["fewer", "as many", "more"])
def test_a_restore_lets_clients_go_and_the_feed_begins_anew(
    restorable: Service, tmp_path: Path, after_it: int
) -> None:
    """Though as many events or more than were lost follow it at once."""
    service = restorable
    publish_at_once(service.database, "KEPT")
    backup(service.database, tmp_path / "backup")
    with service.listen() as client:
        publish_at_once(service.database, "LOST", "LOST_TOO")
        assert [heard(client), heard(client)] == ["LOST", "LOST_TOO"]
        restore(service.database, tmp_path / "backup", replace=True)
        new = [f"NEW{number}" for number in range(after_it)]
        publish_at_once(service.database, *new)
        assert code_at_the_end(client) == 4004
    with service.listen("?after=1") as back, service.listen() as fresh:
        assert [heard(back) for _ in new] == new
        publish_at_once(service.database, "NOW")
        assert message(back) == (now := message(fresh))
        assert (now["sequence"], now["symbol"]) == (2 + after_it, "NOW")


@pytest.mark.parametrize("after", [0, REMEMBERED], ids=["from pages", "from memory"])
def test_a_key_revoked_while_its_client_catches_up_gets_nothing_more(
    database: Database, after: int
) -> None:
    many = range(REMEMBERED + 500)
    publish_at_once(database, *(f"MANY{number}" for number in many))
    live = {"key"}

    async def catch_up() -> FeedEndError:
        feed = Feed(database.conninfo("api"), KeyRing(1))
        await feed.on_startup()
        plugin = ChannelsPlugin(
            MemoryChannelsBackend(), channels=["feed"], subscriber_class=Follower
        )
        async with reader_pool(database) as pool, plugin:
            source = Source(feed, plugin, pool)
            messages = follow(source, Wanted(), after, lambda: "key" in live)
            for _ in range(3):
                await anext(messages)
            live.clear()
            with pytest.raises(FeedEndError) as end:
                await anext(messages)
        return end.value

    assert asyncio.run(catch_up()).code == 4001
