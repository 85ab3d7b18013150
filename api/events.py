"""The feed's events: what one is, and who wants which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from api.schema.service import FeedMessage

Kind = Literal["signals", "orders", "runs"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Event(bytes):
    """An encoded message; as bytes, it passes through Litestar's channels."""

    sequence: int
    kind: Kind
    symbol: str | None
    strategy: str | None
    text: str


def event(
    *,
    sequence: int,
    kind: Kind,
    symbol: str | None,
    strategy: str | None,
    happened_at: datetime,
    data: Mapping[str, Any],
) -> Event:
    """An event from its row in `trading.feed_events`, encoded once for all clients."""
    message = FeedMessage(sequence, kind, symbol, strategy, happened_at, data)
    made = Event(msgspec.json.encode(message))
    made.sequence, made.kind = sequence, kind
    made.symbol, made.strategy = symbol, strategy
    made.text = made.decode()
    return made


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client subscribes to; empty means all. Runs have no symbol."""

    kinds: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()

    def __contains__(self, found: Event) -> bool:
        return (
            (not self.kinds or found.kind in self.kinds)
            and (not self.symbols or found.symbol in self.symbols)
            and (not self.strategies or found.strategy in self.strategies)
        )
