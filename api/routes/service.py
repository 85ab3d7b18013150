"""/health/live, /health/ready, /metrics."""

from typing import Any

import msgspec
import structlog
from litestar import Response, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.database import (
    Connection,
    DatabaseAwayError,
    answer,
    fetch_all,
)
from api.errors import RETRY_AFTER_SECONDS, documented
from api.schema.service import Live, Ready
from desk.calendar import desk_now
from desk.metrics import STATEMENT, Figure, exposition
from desk.migrate import migration_names

log = structlog.get_logger()


class Readiness(msgspec.Struct, frozen=True):
    """What the database says of prices and schema."""

    last_bar_date: Any
    expected_session: Any
    sessions_behind: int | None
    has_all_migrations: bool


@get("/health/live", tags=["service"])
async def live() -> Live:
    """Whether the process answers; asks nothing of the database."""
    return Live()


@get(
    "/health/ready",
    tags=["service"],
    responses={503: ResponseSpec(Ready, description="Requests can't be answered.")},
)
async def ready(state: State) -> Response[Ready]:
    """Whether requests can be answered (else 503), and whether prices are fresh."""

    async def ask(conn: Connection) -> Readiness:
        return await _readiness(conn, state)

    try:
        found = await answer(state.pool, ask)
    except DatabaseAwayError as away:
        log.warning("database_away", reason=str(away))
        return _unavailable(
            Ready("unavailable", "unreachable", "unknown", None, None, None)
        )
    dates = (found.last_bar_date, found.expected_session, found.sessions_behind)
    if not found.has_all_migrations:
        return _unavailable(Ready("unavailable", "reachable", "behind", *dates))
    status: Any = "ready" if found.sessions_behind == 0 else "stale"
    return Response(Ready(status, "reachable", "current", *dates))


async def _readiness(conn: Connection, state: State) -> Readiness:
    (found,) = await fetch_all(
        conn,
        "readiness",
        Readiness,
        now=desk_now(state.settings),
        migrations=migration_names(),
    )
    return found


def _unavailable(ready: Ready) -> Response[Ready]:
    return Response(
        ready, status_code=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
    )


@get(
    "/metrics",
    tags=["service"],
    responses={
        200: ResponseSpec(str, media_type="text/plain", description="Metrics."),
        **documented(),
    },
)
async def metrics(state: State) -> Response[str]:
    """What Prometheus collects; it sends the key as a bearer token."""

    async def ask(conn: Connection) -> tuple[Readiness, list[Figure]]:
        return await _readiness(conn, state), await _figures(conn)

    gauges = state.metrics
    figures: list[Figure] = []
    try:
        found, figures = await answer(state.pool, ask)
        gauges.database_up.set(1)
        if found.sessions_behind is not None:
            gauges.sessions_behind.set(found.sessions_behind)
    except DatabaseAwayError:
        gauges.database_up.set(0)
    gauges.sequence.set(state.source.feed.last_sequence or 0)
    text = generate_latest(gauges.registry) + exposition(figures)
    return Response(text.decode(), media_type=CONTENT_TYPE_LATEST)


async def _figures(conn: Connection) -> list[Figure]:
    cursor = await conn.execute(STATEMENT.encode())
    return [
        Figure(metric, msgspec.json.decode(labels), value)
        for metric, labels, value in await cursor.fetchall()
    ]


open_handlers = [live, ready]
handlers = [metrics]
