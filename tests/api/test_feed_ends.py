"""When the desk ends a client's feed: its key, or its place, holds no more."""

import asyncio

import pytest
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from api.database import reader_pool
from api.events import Wanted
from api.feed import REMEMBERED, Feed
from api.follow import FeedEndError, Follower, Source, follow
from api.keyring import KeyRing
from desk.database import Database
from tests.api.conftest import FRIDAY, insert_signal, publish_session


def publish_at_once(database: Database, *symbols: str) -> None:
    with database.connect("executor") as conn:
        publish_session(conn, FRIDAY)
        for symbol in symbols:
            insert_signal(conn, symbol, FRIDAY, {})


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
