"""Descriptions of fields, which become the OpenAPI document's."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta


def about(description: str, *examples: object) -> Meta:
    """What a field means, with its unit, and examples of it."""
    return Meta(description=description, examples=list(examples))


Symbol = Annotated[str, about("Ticker.", "AAPL")]
Strategy = Annotated[str, about("The strategy's name.", "sma_cross")]
SignalKey = Annotated[
    str,
    about(
        "strategy|symbol|bar_date: unique, never published twice.",
        "sma_cross|AAPL|2013-03-01",
    ),
]
BarDate = Annotated[date, about("Session.", "2013-03-01")]
Side = Annotated[Literal["buy", "sell"], about("What to do.", "buy")]
Account = Annotated[
    str, about("Account; sim:… are simulated by the dry run.", "sim:desk")
]
Sequence = Annotated[
    int, about("Place in the live feed: 1, 2, 3 … without a gap.", 4711)
]
Moment = Annotated[datetime, about("When (UTC).", "2013-03-02T01:00:00Z")]
Dollars = Annotated[float, about("US dollars.", 430.47)]
PerShare = Annotated[float, about("US dollars a share, as traded that day.", 430.47)]
Adjusted = Annotated[
    float, about("US dollars a share, in today's terms (splits, dividends).", 61.5)
]
Shares = Annotated[float, about("Shares; fractions possible.", 21)]
Fraction = Annotated[float, about("A fraction, not percent.", 0.973)]
