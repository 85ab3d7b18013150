"""Price sources behind one small protocol."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from desk.settings import Settings

if TYPE_CHECKING:
    from pyrate_limiter import BucketFactory

# What a vendor may put in a field. Nothing is judged here: whatever it is
# reaches the database, where SQL accepts it or rejects it with reasons.
Value = str | float | date | None


class Bar(NamedTuple):
    """One row of daily prices as traded that day, as the vendor gave it."""

    symbol: Value
    bar_date: Value
    open: Value
    high: Value
    low: Value
    close: Value
    volume: Value


class Action(NamedTuple):
    """One corporate action, as the vendor gave it.

    `kind` split: new shares for one old share. `kind` dividend: US dollars per
    share as paid that day, several of one ex-date added up.
    """

    symbol: Value
    ex_date: Value
    kind: Value
    value: Value


@dataclass(frozen=True, slots=True)
class Window:
    """What is asked of a source: one symbol from `start` to `end`, both included."""

    symbol: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class BarLines:
    """Many bars as CSV: `Bar`'s fields in its order, without a header.

    UTF-8 without null characters; a missing field is empty and not quoted.
    `is_typed`: every date is a date and every field after it a number, or missing,
    so that the lines can be copied into typed columns.
    """

    csv: bytes
    rows: int
    is_typed: bool

    def __len__(self) -> int:
        return self.rows


@dataclass(frozen=True, slots=True)
class Batch:
    """What a source gives for some of the symbols asked for.

    `failures`: symbols for which it could give nothing, each with the reason.
    `rows_outside`: bars it holds of these symbols outside the window.
    `currencies`: what it says the prices of a symbol are in.
    """

    symbols: tuple[str, ...]
    bars: Sequence[Bar] | BarLines = ()
    actions: Sequence[Action] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    rows_outside: int = 0
    currencies: Mapping[str, str] = field(default_factory=dict)


def rows_of(batch: Batch) -> Sequence[Bar]:
    """The bars of a batch that was not given as lines."""
    if isinstance(batch.bars, BarLines):
        raise TypeError("the batch's bars are lines")
    return batch.bars


class Source(Protocol):
    """Where daily prices come from."""

    @property
    def name(self) -> str:
        """The name kept with every row."""

    @property
    def is_local(self) -> bool:
        """Whether each load may read all of it again, without asking a vendor."""

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """The symbols to load for `DESK_SYMBOLS`; `SettingError` if it can't be."""

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        """Bars as traded and corporate actions of each window, in batches.

        A symbol that fails is named in its batch and stops no other.
        """


def open_source(settings: Settings, limit: "BucketFactory | None" = None) -> Source:
    """The source that `DESK_PRICE_SOURCE` names.

    `limit`: the rate limit that a vendor's requests keep together with those of other
    processes (`ingest/limits.py`); None: this process's own.
    """
    match settings.price_source:
        case "sample":
            from ingest.sources.sample import SampleSource

            return SampleSource()
        case "files":
            from ingest.sources.files import FilesSource

            return FilesSource(settings.files_path)
        case "yfinance":
            from ingest.sources.vendor import manners_of
            from ingest.sources.yfinance import YfinanceSource

            return YfinanceSource(
                settings.yfinance_url,
                manners_of(settings, limit),
                repair=settings.yfinance_repair,
            )
        case "alpaca":
            from ingest.sources.alpaca import AlpacaSource
            from ingest.sources.vendor import manners_of

            return AlpacaSource(settings, manners_of(settings, limit))
