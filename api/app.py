"""The Litestar application: routes, who may use them, and plain errors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

import structlog
from litestar import Litestar, Request, Response, Router, WebSocket, get, websocket
from litestar.channels import ChannelsPlugin
from litestar.datastructures import State
from litestar.exceptions import HTTPException, WebSocketException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import QueryParameter
from litestar.types import Scope
from psycopg import AsyncConnection

from api.database import DatabaseAwayError, answer, fetch_all, fetch_value, reader_pool
from api.feed import BACKLOG, CHANNEL, Follower, SignalFeed, follow
from api.schema import Health, Latest, Signal
from api.security import holder_of
from desk import __version__
from desk.database import Database
from desk.keys import read_or_create_key
from desk.settings import Settings

MOST_SIGNALS = 500
USUAL_SIGNALS = 50
RETRY_AFTER_SECONDS = 2

log = structlog.get_logger()


@get("/latest")
async def latest(
    state: State,
    limit: Annotated[
        int, QueryParameter(ge=1, le=MOST_SIGNALS, description="How many signals.")
    ] = USUAL_SIGNALS,
) -> Latest:
    """Newest published signals of any session, with why, and what became of them."""

    async def ask(conn: AsyncConnection[Any]) -> Latest:
        session: date | None = await fetch_value(conn, "last_published_session")
        signals = await fetch_all(conn, "newest_signals", Signal, limit=limit)
        return Latest(session_date=session, signals=signals)

    return await answer(state.pool, ask)


@get("/health")
async def health(state: State) -> Response[Health]:
    """Whether the database answers, and the last session with bars."""

    async def ask(conn: AsyncConnection[Any]) -> date | None:
        found: date | None = await fetch_value(conn, "last_session_with_bars")
        return found

    try:
        last_session = await answer(state.pool, ask)
    except DatabaseAwayError as away:
        log.warning("database_away", reason=str(away))
        return Response(
            Health(status="unavailable", database="unreachable", last_session=None),
            status_code=503,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )
    return Response(Health("ok", "reachable", last_session))


@websocket("/ws")
async def ws(socket: WebSocket[Any, Any, Any], channels: ChannelsPlugin) -> None:
    """Each newly published signal, as in /latest, one JSON message each."""
    await follow(socket, channels)


def create_app(settings: Settings, database: Database) -> Litestar:
    """The application; it opens its own connections when it starts."""
    key = read_or_create_key(settings.home)
    pool = reader_pool(database)
    channels = ChannelsPlugin(
        SignalFeed(database.conninfo("reader")),
        channels=[CHANNEL],
        subscriber_class=Follower,
        subscriber_max_backlog=BACKLOG,
    )
    for_holders = Router("/", route_handlers=[latest, ws], guards=[holder_of(key)])

    @asynccontextmanager
    async def pooled(_: Litestar) -> AsyncIterator[None]:
        await pool.open()
        yield
        await pool.close()

    return Litestar(
        [health, for_holders],
        state=State({"pool": pool}),
        lifespan=[pooled],
        plugins=[channels],
        exception_handlers={DatabaseAwayError: _try_again},
        after_exception=[_log_failure],
        debug=False,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="Desk",
            version=__version__,
            render_plugins=[JsonRenderPlugin()],
        ),
    )


def _try_again(_: Request[Any, Any, Any], away: DatabaseAwayError) -> Response[Any]:
    log.warning("database_away", reason=str(away))
    return Response(
        {"status_code": 503, "detail": "The database is away; try again."},
        status_code=503,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


async def _log_failure(failure: Exception, scope: Scope) -> None:
    if not isinstance(failure, HTTPException | WebSocketException | DatabaseAwayError):
        log.error("request_failed", path=scope["path"], exc_info=failure)
