"""Bars, indicators, symbols, and loads."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Struct

from api.schema.fields import Adjusted, BarDate, Moment, PerShare, Symbol, about


class Bar(Struct, frozen=True):
    """One session of one symbol, as traded and in today's terms."""

    symbol: Symbol
    bar_date: BarDate
    open: PerShare
    high: PerShare
    low: PerShare
    close: PerShare
    volume: Annotated[float, about("Shares traded, as counted that day.", 19731500)]
    adjusted_open: Adjusted
    adjusted_high: Adjusted
    adjusted_low: Adjusted
    adjusted_close: Adjusted
    adjusted_volume: Annotated[float, about("Shares traded, in today's shares.")]


class Indicators(Struct, frozen=True):
    """Indicators of one symbol at one session, in today's terms."""

    symbol: Symbol
    bar_date: BarDate
    values: Annotated[
        Mapping[str, float | None],
        about("By column; null until warm. Units: marts.indicators.", {"rsi_14": 31.2}),
    ]


class Mark(Struct, frozen=True):
    """Something that looks wrong in a symbol's series."""

    rule: Annotated[str, about("Which rule found it.", "gap")]
    bar_date: BarDate
    detail: Annotated[str, about("What was found, and what should be.")]
    marked_at: Moment


class SymbolHealth(Struct, frozen=True):
    """A symbol and how good its data are."""

    symbol: Symbol
    bars: Annotated[int, about("Sessions with a bar.", 3270)]
    first_bar_date: Annotated[date, about("Session of its first bar.")]
    last_bar_date: Annotated[date, about("Session of its last bar.")]
    sessions_behind: Annotated[
        int, about("Sessions that have closed since its last bar.", 0)
    ]
    is_tradable: Annotated[
        bool, about("Whether it may open positions: no mark is open.")
    ]
    checked_at: Annotated[
        datetime | None, about("When the quality gate last judged it (UTC).")
    ]
    marks: Annotated[list[Mark], about("Open findings of the quality gate.")]


class Run(Struct, frozen=True):
    """One load of prices and corporate actions."""

    run_id: UUID
    source: Annotated[str, about("Where the prices came from.", "sample")]
    outcome: Literal["running", "succeeded", "failed", "died"]
    gate_outcome: Annotated[
        Literal["pending", "passed", "failed"], about("The quality gate's verdict.")
    ]
    window_start: Annotated[date | None, about("First session asked for.")]
    window_end: Annotated[date, about("Last session asked for.")]
    rows_received: Annotated[int, about("Bars: new + changed + same + rejected.")]
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_rejected: int
    actions_received: Annotated[int, about("Splits and dividends, likewise.")]
    actions_new: int
    actions_changed: int
    actions_same: int
    actions_rejected: int
    started_at: Moment
    finished_at: Annotated[datetime | None, about("When it ended (UTC).")]
    error: Annotated[str | None, about("Why it failed.")]
