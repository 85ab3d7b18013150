"""/ws: the live feed over WebSockets."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

from litestar import WebSocket, websocket
from litestar.datastructures import State

from api.errors import in_words
from api.events import Wanted
from api.follow import FeedEndError, follow, starting_place, too_slow
from api.routes.feed_parameters import (
    SEND_SECONDS,
    After,
    Kinds,
    Strategies,
    Symbols,
    note_end,
    text_of,
    wanted_events,
)
from api.security import SUBPROTOCOL


@websocket("/ws", middleware=[in_words])
async def ws(
    socket: WebSocket[Any, Any, Any],
    state: State,
    after: After = None,
    kinds: Kinds = None,
    symbols: Symbols = None,
    strategies: Strategies = None,
) -> None:
    """The live feed; see the document's introduction."""
    wanted = await wanted_events(state, kinds, symbols, strategies)
    place = await starting_place(state.source, after)
    offered = socket.scope["subprotocols"]
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    sending = asyncio.create_task(_send_all(socket, state, wanted, place))
    listening = asyncio.create_task(_until_it_leaves(socket))
    with state.metrics.clients.track_inprogress():
        try:
            done, _ = await asyncio.wait(
                {sending, listening}, return_when="FIRST_COMPLETED"
            )
        finally:
            sending.cancel()
            listening.cancel()
            await asyncio.gather(sending, listening, return_exceptions=True)
    if listening not in done:
        await _let_go(socket, state, sending.result())


async def _send_all(
    socket: WebSocket[Any, Any, Any], state: State, wanted: Wanted, place: int
) -> FeedEndError:
    """Send until the desk ends it; why."""

    def is_live() -> bool:
        return bool(state.key_ring.is_live(socket.auth))

    try:
        async with aclosing(follow(state.source, wanted, place, is_live)) as messages:
            async for message in messages:
                async with asyncio.timeout(SEND_SECONDS):
                    await socket.send_text(text_of(message))
    except FeedEndError as end:
        return end
    except TimeoutError:
        pass
    return too_slow()


async def _let_go(
    socket: WebSocket[Any, Any, Any], state: State, end: FeedEndError
) -> None:
    note_end(state, socket.auth, end)
    with suppress(TimeoutError):
        async with asyncio.timeout(SEND_SECONDS):
            await socket.close(end.code, end.reason)


async def _until_it_leaves(socket: WebSocket[Any, Any, Any]) -> None:
    """What a client says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


handlers = [ws]
