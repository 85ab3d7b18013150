"""The service itself: health, errors, and the live feed's messages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Struct

from api.schema.fields import Sequence, about


class Error(Struct, frozen=True, omit_defaults=True):
    """Why there is no answer."""

    status_code: Annotated[int, about("As the response's.", 404)]
    detail: Annotated[str, about("In words.", "no symbol XYZ")]
    extra: Annotated[
        list[Mapping[str, Any]], about("What was wrong with each parameter.")
    ] = []


class Live(Struct, frozen=True):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(Struct, frozen=True):
    """Whether requests can be answered, and whether the prices are fresh."""

    status: Annotated[
        Literal["ready", "stale", "unavailable"],
        about("stale: it answers, but bars are missing; unavailable: 503."),
    ]
    database: Literal["reachable", "unreachable"]
    migrations: Annotated[
        Literal["current", "behind", "unknown"],
        about("Whether the schema is the program's."),
    ]
    last_bar_date: Annotated[date | None, about("Newest bar of any symbol.")]
    expected_session: Annotated[
        date | None,
        about("Last session that closed 16 hours ago or longer: its bars are due."),
    ]
    sessions_behind: Annotated[
        int | None, about("Sessions due since the newest bar; null: no bars.", 0)
    ]


class FeedMessage(Struct, frozen=True, omit_defaults=True):
    """One message of the live feed."""

    sequence: Annotated[
        Sequence,
        about("Reconnect with ?after=… (a heartbeat's too) and nothing is missed."),
    ]
    kind: Literal["signals", "orders", "runs", "heartbeat"]
    symbol: Annotated[str | None, about("Ticker; not with runs.", "AAPL")] = None
    strategy: Annotated[str | None, about("Not with runs.", "sma_cross")] = None
    happened_at: Annotated[datetime | None, about("On the desk's clock (UTC).")] = None
    data: Annotated[
        Mapping[str, Any],
        about("The published signal, the order's step, or the load's turn."),
    ] = {}
