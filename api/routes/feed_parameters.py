"""What a client of the live feed may ask for, and how it is let go."""

from typing import Annotated

import structlog
from litestar.datastructures import State
from litestar.params import HeaderParameter, QueryParameter

from api.database import Connection, answer
from api.events import Event, Wanted
from api.follow import FeedEndError
from api.keyring import Holder
from api.routes.parameters import LARGEST_NUMBER, check_strategy, check_symbol

SEND_SECONDS = 10.0  # a client that takes nothing for so long is let go
NAMES = r"^[A-Za-z0-9.^=_-]{1,32}(,[A-Za-z0-9.^=_-]{1,32})*$"

log = structlog.get_logger()

After = Annotated[
    int | None,
    QueryParameter(
        gt=-1,  # ge=0 would not be in the document
        le=LARGEST_NUMBER,
        description="The last sequence seen: all that came after it is sent first.",
    ),
]
Kinds = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^(signals|orders|runs)(,(signals|orders|runs)){0,2}$",
        description="Only these of signals, orders and runs, separated by commas.",
    ),
]
Symbols = Annotated[
    str | None,
    QueryParameter(
        pattern=NAMES,
        max_length=4_000,
        description="Only these symbols, separated by commas; runs have none.",
    ),
]
Strategies = Annotated[
    str | None,
    QueryParameter(
        pattern=NAMES,
        max_length=4_000,
        description="Only these strategies, separated by commas; runs have none.",
    ),
]
LastEventId = Annotated[
    int | None,
    HeaderParameter(
        name="Last-Event-ID",
        gt=-1,
        le=LARGEST_NUMBER,
        description="As after; browsers send it when they reconnect.",
    ),
]
Seconds = Annotated[
    int | None,
    QueryParameter(
        gt=-1,
        le=86_400,
        description="End after so long; 0: as soon as what was missed is sent.",
    ),
]


async def wanted_events(
    state: State, kinds: str | None, symbols: str | None, strategies: str | None
) -> Wanted:
    """What a client subscribes to; 404 for a symbol or strategy that is not there."""
    wanted = Wanted(_names(kinds), _names(symbols), _names(strategies))
    if wanted.symbols or wanted.strategies:

        async def ask(conn: Connection) -> None:
            for symbol in sorted(wanted.symbols):
                await check_symbol(conn, symbol)
            for strategy in sorted(wanted.strategies):
                await check_strategy(conn, strategy)

        await answer(state.pool, ask)
    return wanted


def _names(given: str | None) -> frozenset[str]:
    return frozenset(given.split(",")) if given else frozenset()


def note_end(state: State, holder: Holder, end: FeedEndError) -> None:
    """Count and log that a client was let go."""
    state.metrics.let_go.labels(end.code).inc()
    log.info("client_let_go", key=holder.name, code=end.code, reason=end.reason)


def text_of(message: bytes) -> str:
    """A message as text, which an event has ready."""
    return message.text if isinstance(message, Event) else message.decode()
