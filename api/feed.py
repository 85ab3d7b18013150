"""The live feed's source: one connection that reads each event once, for all clients.

A notification only says that there is something to read. What is sent comes from
`trading.feed_events`, in order, after the last event seen: a lost connection to the
database delays events, but never loses or repeats one. Where that event is not there
any more, another database was restored: the feed begins anew, and clients are let go.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress

import psycopg
import structlog
from litestar.channels.backends.base import ChannelsBackend
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from api.database import (
    CONNECTION,
    Connection,
    fetch_all,
    fetch_value,
    prepare_connection,
    statement,
)
from api.events import Event, event
from api.keyring import Holder, KeyRing

CHANNEL = "feed"
WAKE = b""  # no event: clients look whether key and place still hold
APPLICATION_NAME = "desk feed"
REMEMBERED = 1_000  # events that need no query when a client comes back
LOOK_ANYWAY_SECONDS = 10.0
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0

log = structlog.get_logger()


class Feed(ChannelsBackend):
    """Litestar's channels, fed from `trading.feed_events` over one connection.

    The same connection keeps the key ring up to date.
    """

    def __init__(self, conninfo: str, keys: KeyRing) -> None:
        self._conninfo = conninfo
        self._keys = keys
        self.beginnings = 0
        self.last_sequence: int | None = None
        self.remembered: deque[Event] = deque(maxlen=REMEMBERED)

    async def stream_events(self) -> AsyncGenerator[tuple[str, bytes], None]:
        """Events as they are committed, through any loss of the connection."""
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            try:
                async with await self._connect() as conn:
                    await conn.execute("listen desk_feed; listen desk_keys")
                    await self._catch_up(conn)
                    log.info("feed_listens", after=self.last_sequence)
                    pause = SHORTEST_PAUSE_SECONDS
                    async for unseen in self._unseen(conn):
                        yield CHANNEL, unseen
            except psycopg.Error as lost:
                log.warning("feed_lost", reason=str(lost).strip(), pause=pause)
            except Exception:
                log.exception("feed_failed", pause=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def on_startup(self) -> None:
        """Keys and place are known before the first client is let in."""
        with suppress(psycopg.Error):
            async with await self._connect() as conn:
                await self._catch_up(conn)

    async def _connect(self) -> Connection:
        conn = await AsyncConnection.connect(
            self._conninfo, application_name=APPLICATION_NAME, **CONNECTION
        )
        await prepare_connection(conn)
        return conn

    async def _catch_up(self, conn: Connection) -> None:
        await self._read_keys(conn)
        if self.last_sequence is None:
            await self._begin(conn)

    async def _begin(self, conn: Connection) -> None:
        newest = await fetch_value(conn, "last_sequence")
        found = await read_events(conn, newest - REMEMBERED)
        self.beginnings += 1
        self.last_sequence = found[-1].sequence if found else newest
        self.remembered = deque(found, REMEMBERED)

    async def _read_keys(self, conn: Connection) -> bool:
        return self._keys.replace(await fetch_all(conn, "live_keys", Holder))

    async def _unseen(self, conn: Connection) -> AsyncGenerator[bytes, None]:
        while True:
            last = self.last_sequence or 0
            # From the last one on: that it is still the same shows that no number
            # was given out anew.
            events = await read_events(conn, last - 1)
            if self.remembered and events[:1] != [self.remembered[-1]]:
                log.warning("feed_begins_anew", forgotten=last)
                await self._begin(conn)
                yield WAKE
                continue
            events = [one for one in events if one.sequence > last]
            for unseen in events:
                self.remembered.append(unseen)
                self.last_sequence = unseen.sequence
                yield unseen
            if not events:
                # The time limit finds a connection that died without a word.
                async for _ in conn.notifies(timeout=LOOK_ANYWAY_SECONDS, stop_after=1):
                    pass
                if await self._read_keys(conn):
                    yield WAKE

    async def on_shutdown(self) -> None:
        """Nothing: the stream closes its connection when it is cancelled."""

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Nothing: there is one channel, always listened to."""

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Nothing: there is one channel, always listened to."""

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Refused: events are published by what happens in the ledger."""
        raise NotImplementedError("insert into the ledger instead")

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """Refused: a client says after which event it wants to go on."""
        raise NotImplementedError("connect with ?after=… instead")


async def read_events(conn: Connection, after: int) -> list[Event]:
    """Some of the events after a sequence, in order; none when there are none."""
    async with conn.cursor(row_factory=kwargs_row(event)) as cursor:
        await cursor.execute(statement("events_after"), {"sequence": after})
        return await cursor.fetchall()


def oldest_remembered(feed: Feed) -> int:
    """The first sequence that needs no query; one past the last if none does."""
    if feed.remembered:
        return feed.remembered[0].sequence
    return (feed.last_sequence or 0) + 1
