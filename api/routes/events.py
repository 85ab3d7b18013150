"""/events: the live feed as Server-Sent Events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import inf
from typing import Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.response import Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import documented
from api.events import Event, Wanted
from api.follow import FeedEndError, follow, starting_place, too_slow
from api.openapi import EVENT_STREAM, ServerSent
from api.routes.feed_parameters import (
    SEND_SECONDS,
    After,
    Kinds,
    LastEventId,
    Seconds,
    Strategies,
    Symbols,
    note_end,
    text_of,
    wanted_events,
)
from api.schema.service import FeedMessage


def impatient(app: ASGIApp) -> ASGIApp:
    """A middleware that gives up on a client that takes nothing for too long."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        gave_up = False

        async def sending(message: Message) -> None:
            nonlocal gave_up
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send(message)
            except TimeoutError:
                gave_up = True
                raise

        try:
            await app(scope, receive, sending)
        except Exception:
            if not gave_up:
                raise
            note_end(scope["litestar_app"].state, scope["auth"], too_slow())

    return middleware


@get(
    "/events",
    tags=["service"],
    middleware=[impatient],
    operation_class=ServerSent,
    responses={
        200: ResponseSpec(
            FeedMessage,
            media_type=EVENT_STREAM,
            description="Without end, unless `seconds` says so; the event `end` tells "
            "why the desk ends it.",
        ),
        **documented(400, 404),
    },
)
async def events(
    request: Request[Any, Any, Any],
    state: State,
    after: After = None,
    last_event_id: LastEventId = None,
    kinds: Kinds = None,
    symbols: Symbols = None,
    strategies: Strategies = None,
    seconds: Seconds = None,
) -> Stream:
    """The live feed as Server-Sent Events; with `seconds`, a long poll."""
    wanted = await wanted_events(state, kinds, symbols, strategies)
    place = await starting_place(
        state.source, last_event_id if last_event_id is not None else after
    )
    return Stream(
        _stream(request, state, wanted, place, inf if seconds is None else seconds),
        media_type=EVENT_STREAM,
    )


async def _stream(
    request: Request[Any, Any, Any],
    state: State,
    wanted: Wanted,
    place: int,
    seconds: float,
) -> AsyncGenerator[str, None]:
    def is_live() -> bool:
        return bool(state.key_ring.is_live(request.auth))

    with state.metrics.clients.track_inprogress():
        try:
            async with aclosing(
                follow(state.source, wanted, place, is_live, seconds)
            ) as messages:
                async for message in messages:
                    yield _server_sent(message)
        except FeedEndError as end:
            note_end(state, request.auth, end)
            said = msgspec.json.encode({"code": end.code, "reason": end.reason})
            yield f"event: end\ndata: {said.decode()}\n\n"


def _server_sent(message: bytes) -> str:
    if isinstance(message, Event):
        head = f"id: {message.sequence}\nevent: {message.kind}\n"
    else:
        head = "event: heartbeat\n"
    return f"{head}data: {text_of(message)}\n\n"


handlers = [events]
