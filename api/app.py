"""The Litestar application: routes, who may use them, and what they share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Router
from litestar.channels import ChannelsPlugin
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.openapi.spec import SecurityRequirement

from api.database import DatabaseAwayError, NotBuiltError, reader_pool
from api.errors import database_away, keep_failure, log_failure, not_built
from api.feed import CHANNEL, Feed
from api.follow import BACKLOG, Follower, Source
from api.keyring import KeyRing
from api.metrics import Metrics
from api.openapi import describe_schemas, docs_handlers, openapi_config
from api.routes import events, ledger, market, research, service, signals
from api.routes import feed as websockets
from api.security import add_headers, needs
from desk.database import Database
from desk.settings import Settings

LARGEST_BODY = 16_384
BY_KEY: list[SecurityRequirement] = [{"key": []}, {"bearer": []}]


def create_app(settings: Settings, database: Database) -> Litestar:
    """The application; it opens its own connections when it starts."""
    keys = KeyRing(settings.api_requests_per_minute)
    feed = Feed(database.conninfo("api"), keys)
    channels = ChannelsPlugin(
        feed,
        channels=[CHANNEL],
        subscriber_class=Follower,
        subscriber_max_backlog=BACKLOG,
    )
    pool = reader_pool(database)
    metrics = Metrics()

    @asynccontextmanager
    async def pooled(_: Litestar) -> AsyncIterator[None]:
        await pool.open()
        yield
        await pool.close()

    app = Litestar(
        [
            *service.open_handlers,
            *docs_handlers(),
            _for_keys("read", [m.handlers for m in READABLE]),
            _for_keys("control", [ledger.control_handlers]),
        ],
        state=State(
            {
                "settings": settings,
                "key_ring": keys,
                "pool": pool,
                "source": Source(feed, channels, pool),
                "metrics": metrics,
                "origins": frozenset(settings.api_origins),
                "control_conninfo": database.conninfo("api"),
            }
        ),
        lifespan=[pooled],
        plugins=[channels],
        middleware=[metrics.counted],
        before_send=[add_headers],
        cors_config=_cors(settings),
        exception_handlers={
            DatabaseAwayError: database_away,
            NotBuiltError: not_built,
        },
        after_exception=[log_failure, keep_failure],
        request_max_body_size=LARGEST_BODY,
        debug=False,
        logging_config=None,
        openapi_config=openapi_config(),
    )
    describe_schemas(app)
    return app


READABLE = (signals, market, research, ledger, service, events, websockets)


def _for_keys(scope: Any, handlers: list[Any]) -> Router:
    return Router(
        "/",
        route_handlers=[handler for some in handlers for handler in some],
        guards=[needs(scope)],
        security=BY_KEY,
    )


def _cors(settings: Settings) -> CORSConfig | None:
    """Closed, unless pages of some origins may use the API."""
    if not settings.api_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.api_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["X-API-Key", "Authorization", "Content-Type", "If-None-Match"],
        expose_headers=["ETag", "Retry-After", "X-Next-Cursor"],
    )
