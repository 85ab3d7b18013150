"""What clients get, as JSON: one struct per answer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec


class Signal(msgspec.Struct, frozen=True):
    """One published signal, and what became of it."""

    signal_key: str
    """strategy|symbol|bar_date: unique, and never published twice."""
    sequence: int
    """Place in the order of publication."""
    strategy: str
    symbol: str
    bar_date: date
    """The session whose bar gave the signal."""
    side: Literal["buy", "sell"]
    close: float
    """Close of that session, US dollars as traded."""
    details: Mapping[str, Any]
    """Why: a sentence, the rule, its parameters, each value compared."""
    published_at: datetime
    valid_until: datetime
    """Close of the next session; not to be acted on after it."""
    executed: str | None
    """State of its newest order; null when nothing is decided yet."""
    executed_reason: str | None
    """Why that order was blocked or rejected."""


class Latest(msgspec.Struct, frozen=True):
    """The newest signals, newest first."""

    session_date: date | None
    """The last published session; null before the first."""
    signals: list[Signal]


class Health(msgspec.Struct, frozen=True):
    """Whether the desk can answer, and how far its prices reach."""

    status: Literal["ok", "unavailable"]
    database: Literal["reachable", "unreachable"]
    last_session: date | None
    """The last session with bars; null when there are none, or unknown."""
