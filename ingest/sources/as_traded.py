"""Yahoo's prices as traded: the splits up to the fetch undone."""

from typing import TYPE_CHECKING

from ingest.sources import Action, Bar, Batch, Window
from ingest.sources.vendor import VendorFailure

if TYPE_CHECKING:
    import pandas as pd

# Yahoo keeps split-adjusted prices in single precision. Four decimals are what a
# US price has; more would change with each later split.
PRICE_DECIMALS = 4
AMOUNT_DECIMALS = 6
PRICES = ("Open", "High", "Low", "Close")
COLUMNS = (*PRICES, "Volume", "Dividends", "Stock Splits")


def as_traded(window: Window, history: "pd.DataFrame", currency: str | None) -> Batch:
    """The window's bars and actions, with the splits up to the fetch undone."""
    if missing := [name for name in COLUMNS if name not in history]:
        raise VendorFailure(f"Yahoo's answer has changed: no {', '.join(missing)}")
    splits = history["Stock Splits"].where(history["Stock Splits"] > 0, 1.0)
    # Shares of the fetch for one share of that session: splits after it.
    later = splits.iloc[::-1].cumprod().shift(1, fill_value=1.0).iloc[::-1]
    history = history.assign(
        **{name: (history[name] * later).round(PRICE_DECIMALS) for name in PRICES},
        Volume=(history["Volume"] / later).round(),
        Dividends=(history["Dividends"] * later).round(AMOUNT_DECIMALS),
    )
    # Stamped with the exchange's midnight, in the exchange's zone.
    history = history.set_axis([moment.date() for moment in history.index])
    history = history.loc[[window.start <= day <= window.end for day in history.index]]
    if history.empty:
        raise VendorFailure(f"no prices between {window.start} and {window.end}")
    given = history.astype(object).where(history.notna(), None)
    bars = [
        Bar(window.symbol, day, *row)
        for day, *row in given[[*PRICES, "Volume"]].itertuples(name=None)
    ]
    actions = [
        Action(window.symbol, day, kind, value)
        for column, kind in (("Stock Splits", "split"), ("Dividends", "dividend"))
        for day, value in given[[column]].itertuples(name=None)
        if value
    ]
    return Batch(
        symbols=(window.symbol,),
        bars=bars,
        actions=actions,
        currencies={window.symbol: currency} if currency else {},
    )
