"""Alpaca's answers as bars and corporate actions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from math import prod
from typing import Any

from desk.calendar import NEW_YORK
from ingest.sources import Action, Bar
from ingest.sources.vendor import VendorFailure

BAR_KEYS = ("t", "o", "h", "l", "c", "v")
SPLITS = ("forward_splits", "reverse_splits")


def bars_in(given: Mapping[str, Any], symbol: str) -> Iterator[Bar]:
    """A symbol's bars, as traded, on their sessions."""
    for bar in given.get(symbol) or ():
        if missing := [key for key in BAR_KEYS if key not in bar]:
            raise VendorFailure(
                f"Alpaca's answer has changed: a bar has no {', '.join(missing)}"
            )
        stamp, *values = (bar[key] for key in BAR_KEYS)
        yield Bar(symbol, _day(stamp), *values)


def _day(stamp: str) -> date | str:
    try:
        return datetime.fromisoformat(stamp).astimezone(NEW_YORK).date()
    except ValueError:
        return stamp


def actions_in(told: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Action]:
    """Splits and dividends. Several of one kind and ex-date are one: cash adds up,
    ratios multiply."""
    ratios: dict[tuple[str, str], list[float]] = {}
    amounts: dict[tuple[str, str], list[float]] = {}
    try:
        for name, actions in told.items():
            for action in actions:
                key = (action["symbol"], action["ex_date"])
                if name in SPLITS:
                    ratio = float(action["new_rate"]) / float(action["old_rate"])
                    ratios.setdefault(key, []).append(ratio)
                elif name == "stock_dividends":
                    ratios.setdefault(key, []).append(1 + float(action["rate"]))
                elif name == "cash_dividends":
                    amounts.setdefault(key, []).append(float(action["rate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as changed:
        raise VendorFailure(
            f"Alpaca's answer has changed: a corporate action has no usable {changed}"
        ) from None
    for (symbol, ex_date), values in ratios.items():
        yield Action(symbol, ex_date, "split", prod(values))
    for (symbol, ex_date), values in amounts.items():
        yield Action(symbol, ex_date, "dividend", round(sum(values), 6))
