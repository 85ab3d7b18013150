"""The live feed: each newly published signal, to every WebSocket that follows.

A notification only says that there is something to read. What is sent comes
from the ledger, in order, after the last signal seen: a lost connection to the
database delays signals, but never loses or repeats one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
import structlog
from litestar import WebSocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.subscriber import Subscriber
from litestar.handlers import send_websocket_stream
from psycopg import AsyncConnection

from api.database import CONNECTION, fetch_all, fetch_value, prepare_connection
from api.schema import Signal

CHANNEL = "signals"
APPLICATION_NAME = "desk feed"
BACKLOG = 10_000  # all clients share the encoded signals
LOOK_ANYWAY_SECONDS = 30.0
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
TRY_AGAIN_LATER = 1013

log = structlog.get_logger()


class SignalFeed(ChannelsBackend):
    """Litestar's channels, fed from `trading.signals` over one connection."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._last_sequence: int | None = None

    async def stream_events(self) -> AsyncGenerator[tuple[str, bytes], None]:
        """Signals as they are published, through any loss of the connection."""
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            try:
                async with await self._connect() as conn:
                    await self._listen(conn)
                    pause = SHORTEST_PAUSE_SECONDS
                    async for signal in self._unseen(conn):
                        yield CHANNEL, msgspec.json.encode(signal)
            except psycopg.Error as lost:
                log.warning("feed_lost", reason=str(lost).strip(), pause=pause)
            except Exception:
                log.exception("feed_failed", pause=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _connect(self) -> AsyncConnection[Any]:
        conn = await AsyncConnection.connect(
            self._conninfo, application_name=APPLICATION_NAME, **CONNECTION
        )
        await prepare_connection(conn)
        return conn

    async def _listen(self, conn: AsyncConnection[Any]) -> None:
        await conn.execute("listen desk_signals")
        if self._last_sequence is None:
            self._last_sequence = await fetch_value(conn, "last_sequence")
        log.info("feed_listens", after=self._last_sequence)

    async def _unseen(self, conn: AsyncConnection[Any]) -> AsyncGenerator[Signal, None]:
        while True:
            signals = await fetch_all(
                conn, "signals_after", Signal, sequence=self._last_sequence
            )
            for signal in signals:
                self._last_sequence = signal.sequence
                yield signal
            if not signals:
                # The time limit finds a connection that died without a word.
                async for _ in conn.notifies(timeout=LOOK_ANYWAY_SECONDS, stop_after=1):
                    pass

    async def on_startup(self) -> None:
        """Where the feed begins: known before the first client is let in."""
        with suppress(psycopg.Error):
            async with await self._connect() as conn:
                self._last_sequence = await fetch_value(conn, "last_sequence")

    async def on_shutdown(self) -> None:
        """Nothing: the stream closes its connection when it is cancelled."""

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Nothing: there is one channel, always listened to."""

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Nothing: there is one channel, always listened to."""

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Refused: signals are published by inserting them into the ledger."""
        raise NotImplementedError("insert into trading.signals instead")

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """Refused: the past is asked for over REST."""
        raise NotImplementedError("ask /latest instead")


class Follower(Subscriber):
    """A client's queue of signals; when it overflows, the client is let go."""

    is_too_slow = False

    def put_nowait(self, item: bytes | None) -> bool:
        """Queue a signal; whether there was room."""
        if not self.is_too_slow and super().put_nowait(item):
            return True
        self.is_too_slow = True
        return False

    async def iter_events(self) -> AsyncGenerator[bytes, None]:
        """Signals in order, without a gap; ends at the first that had no room."""
        async for signal in super().iter_events():
            yield signal
            if self.is_too_slow:
                return


async def follow(socket: WebSocket[Any, Any, Any], channels: ChannelsPlugin) -> None:
    """Send one client each signal published from now on, until it leaves."""
    # Subscribed first: what is published after the handshake is not missed.
    async with channels.start_subscription(CHANNEL) as follower:
        await socket.accept()
        await send_websocket_stream(
            socket,
            follower.iter_events(),
            close=False,
            listen_for_disconnect=True,
            warn_on_data_discard=False,
        )
        if (
            isinstance(follower, Follower)
            and follower.is_too_slow
            and socket.connection_state != "disconnect"
        ):
            await socket.close(TRY_AGAIN_LATER, "too slow: connect anew, ask /latest")
