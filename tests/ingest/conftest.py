"""A source that gives what a test says, and tables as rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from desk.calendar import desk_clock, evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.load import LoadReport, load
from ingest.sources import Action, Bar, Batch, Value, Window
from tests.conftest import CopyDatabase

MONDAY, TUESDAY, WEDNESDAY = date(2013, 1, 7), date(2013, 1, 8), date(2013, 1, 9)


@dataclass
class GivenSource:
    """Gives its batches, whatever the window, and remembers what was asked."""

    batches: Iterable[Batch]
    symbols: tuple[str, ...] = ("AAPL", "MSFT")
    is_local: bool = True
    name: str = "given"
    asked: list[Window] = field(default_factory=list)

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG002
        return self.symbols

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        self.asked = list(windows)
        yield from self.batches


def a_bar(
    symbol: Value = "AAPL",
    bar_date: Value = MONDAY,
    open: Value = 10.5,  # noqa: A002
    high: Value = 11.0,
    low: Value = 10.0,
    close: Value = 10.75,
    volume: Value = 1000,
) -> Bar:
    return Bar(symbol, bar_date, open, high, low, close, volume)


def given(*bars: Bar, actions: Sequence[Action] = (), **options: Any) -> GivenSource:
    batch = Batch(symbols=("AAPL", "MSFT"), bars=bars, actions=actions)
    return GivenSource([batch], **options)


LoadGiven = Callable[..., LoadReport]


@pytest.fixture
def load_given(settings: Settings, database: Database) -> LoadGiven:
    """Load a source's batches as of a day's evening; Wednesday's unless said."""

    def loaded(
        source: GivenSource, as_of: date = WEDNESDAY, **options: Any
    ) -> LoadReport:
        return load(settings, database, evening_of(as_of), source=source, **options)

    return loaded


def rows_of(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.connect("reader") as conn:
        return conn.execute(query.encode()).fetchall()


PRICES = """
select symbol, bar_date, open, high, low, close, volume, source, known_at
from raw.raw_prices order by symbol, bar_date
"""
ACTIONS = """
select symbol, ex_date, kind, value, source, known_at
from raw.corporate_actions order by symbol, ex_date, kind
"""


@pytest.fixture(scope="session")
def loaded_template(
    migrated: Database,
    templates: CopyDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Database:
    """Template: the whole sample, not yet judged. Copy it, never write to it."""
    database = templates(migrated)
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    load(settings, database, desk_clock(settings))
    return database


@pytest.fixture
def loaded(loaded_template: Database, copies: CopyDatabase) -> Database:
    """A database of the test's own with the whole sample."""
    return copies(loaded_template)
