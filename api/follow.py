"""One client's feed: what it missed, then what happens, each event once."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import cast

import msgspec
from litestar.channels import ChannelsPlugin
from litestar.channels.subscriber import Subscriber
from litestar.exceptions import NotFoundException

from api.database import DatabaseAwayError, Pool, answer, fetch_all
from api.events import Event, Wanted
from api.feed import CHANNEL, Feed, oldest_remembered, read_events
from api.schema.service import FeedMessage

BACKLOG = 10_000  # all clients share the encoded events
HEARTBEAT_SECONDS = 15.0


class Follower(Subscriber):
    """A client's queue of events; when it overflows, the client is let go."""

    is_too_slow = False

    def put_nowait(self, item: bytes | None) -> bool:
        """Queue an event; whether there was room."""
        if not self.is_too_slow and super().put_nowait(item):
            return True
        self.is_too_slow = True
        return False

    async def put(self, item: bytes | None) -> None:
        """Queue without waiting: at the end nobody may take anything any more."""
        self.put_nowait(item)

    async def next_event(self, seconds: float) -> Event | None:
        """The next event in order; None when there was none, or to look around.

        Raises `FeedEndError` once there was no room for one.
        """
        if self.is_too_slow:
            raise too_slow()
        try:
            async with asyncio.timeout(seconds):
                found = await self._queue.get()
        except TimeoutError:
            return None
        return found if isinstance(found, Event) else None


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """The first and last sequence in the database."""

    oldest: int
    newest: int


class FeedEndError(Exception):
    """Why the desk ends a client's feed: a WebSocket close code, and words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def key_revoked() -> FeedEndError:
    """Its key does not hold any more."""
    return FeedEndError(4001, "the key was revoked")


def too_slow() -> FeedEndError:
    """It takes less than there is; it may go on where it was."""
    return FeedEndError(4008, "too slow: connect anew with ?after=…")


def no_longer_kept() -> FeedEndError:
    """What it missed is not in the database any more."""
    return FeedEndError(4004, "no longer kept from there on: ask /signals")


def begun_anew() -> FeedEndError:
    """The desk was restored: its place is one of events that are no more."""
    return FeedEndError(4004, "the desk was restored: begin anew from /latest")


def database_away() -> FeedEndError:
    """What it missed can't be read now."""
    return FeedEndError(1013, "the database is away: try again")


@dataclass(frozen=True, slots=True)
class Source:
    """Where clients' feeds come from: what happens now, and what is past."""

    feed: Feed
    channels: ChannelsPlugin
    pool: Pool


async def starting_place(source: Source, after: int | None) -> int:
    """The sequence after which a client's feed begins: the last one, or its own.

    404 when what came after that is not kept any more, or never was.
    """
    newest = source.feed.last_sequence
    if newest is None:
        raise DatabaseAwayError("the feed has not been read yet")
    if after is None:
        return newest
    if not oldest_remembered(source.feed) - 1 <= after <= newest:
        (kept,) = await answer(
            source.pool, lambda conn: fetch_all(conn, "kept_events", KeptEvents)
        )
        if not kept.oldest - 1 <= after <= kept.newest:
            raise NotFoundException(
                f"no events after {after}: kept are {kept.oldest} to {kept.newest}"
            )
    return after


async def follow(
    source: Source,
    wanted: Wanted,
    place: int,
    is_live: Callable[[], bool],
    seconds: float = inf,
) -> AsyncGenerator[bytes, None]:
    """A heartbeat with the place it starts at, then events and heartbeats.

    Ends after `seconds`, but not before all that was missed is sent. Raises
    `FeedEndError` when the client has to be let go.
    """
    until = monotonic() + seconds
    beginnings = source.feed.beginnings

    def check() -> None:
        if not is_live():
            raise key_revoked()
        if source.feed.beginnings != beginnings:
            raise begun_anew()

    yield heartbeat(place)
    while place + 1 < oldest_remembered(source.feed):
        for event in await _page(source.pool, place):
            check()
            place = event.sequence
            if event in wanted:
                yield event
    # Subscribed before the memory is looked at: what comes in between is in both,
    # and taken once, because the next event is always place + 1.
    async with source.channels.start_subscription(CHANNEL) as follower:
        for event in list(source.feed.remembered):
            check()
            if event.sequence > place:
                place = event.sequence
                if event in wanted:
                    yield event
        check()
        beat_at = monotonic() + HEARTBEAT_SECONDS
        while (now := monotonic()) < until:
            waiting = min(beat_at, until) - now
            found = await cast(Follower, follower).next_event(waiting)
            check()
            if found is not None:
                if found.sequence <= place:
                    continue
                place = found.sequence
            if found is not None and found in wanted:
                yield found
            elif found is None or monotonic() >= beat_at:
                yield heartbeat(place)  # also while all that comes is unwanted
            else:
                continue
            beat_at = monotonic() + HEARTBEAT_SECONDS


async def _page(pool: Pool, after: int) -> list[Event]:
    try:
        page = await answer(pool, lambda conn: read_events(conn, after))
    except DatabaseAwayError:
        raise database_away() from None
    if not page or page[0].sequence != after + 1:
        raise no_longer_kept()
    return page


def heartbeat(sequence: int) -> bytes:
    """The message that says: nothing new after this sequence."""
    return msgspec.json.encode(FeedMessage(sequence, "heartbeat"))
