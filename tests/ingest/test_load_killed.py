"""A load killed at any step, and run again, ends as if nothing had happened."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pytest

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from ingest import chunks
from ingest.load import load
from ingest.parts import Workers
from ingest.sources import Action, Bar, BarLines, Batch, Window
from tests.crashes import SavedTables, killed_at
from tests.ingest.conftest import (
    ACTIONS,
    MONDAY,
    PRICES,
    TUESDAY,
    WEDNESDAY,
    GivenSource,
    a_bar,
    rows_of,
)

REVISIONS = """
select symbol, bar_date, open, high, low, close, volume, source, known_at,
superseded_at from raw.raw_price_revisions order by 1, 2, 9
"""
ACTION_REVISIONS = """
select symbol, ex_date, kind, value, source, known_at, superseded_at
from raw.corporate_action_revisions order by 1, 2, 3, 6
"""
# A load that died after its last commit and before its end has kept its account;
# the next one refuses the same rows again, in an account of its own.
REJECTED = """
select distinct received::text, reasons, rejected_at
from raw.rejected_prices order by 1, 2, 3
"""
REJECTED_ACTIONS = REJECTED.replace("prices", "corporate_actions")
OUTCOME = "select outcome from raw.ingest_runs order by started_at desc limit 1"
LOST = """
select ingest_runs.run_id from raw.ingest_runs
left join raw.rejected_prices using (run_id)
group by ingest_runs.run_id having rows_rejected <> count(rejection_id)
"""
STATE = (
    PRICES,
    ACTIONS,
    REVISIONS,
    ACTION_REVISIONS,
    REJECTED,
    REJECTED_ACTIONS,
    OUTCOME,
    LOST,
)
FRIDAY = date(2013, 1, 4)
SYMBOLS = ("AAPL", "MSFT")


@dataclass
class Vendor(GivenSource):
    """Gives only what it is asked for, as a vendor does."""

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        asked = list(windows)
        wanted = {window.symbol for window in asked}
        given = super().fetch(asked)
        yield from (batch for batch in given if wanted.issuperset(batch.symbols))


def batches(day: date) -> list[Batch]:
    """A symbol each: on the second day some of the first are corrected."""
    close, dividend = (10.75, 0.5) if day == MONDAY else (10.9, 0.55)
    return [
        Batch(
            symbols=(symbol,),
            bars=[
                a_bar(symbol, FRIDAY),
                a_bar(symbol, MONDAY, close=close),
                a_bar(symbol, day, volume=7) if day > MONDAY else a_bar(symbol, day),
                a_bar(symbol, day, close=99),
                a_bar(symbol, "2013-01-06", volume="x"),
            ],
            actions=[
                Action(symbol, FRIDAY, "split", 2),
                Action(symbol, MONDAY, "dividend", dividend),
                Action(symbol, day, "split", day.day),
                Action(symbol, day, "bonus", 1),
            ],
        )
        for symbol in SYMBOLS
    ]


def typed(bars: Sequence[Bar], actions: Sequence[Action] = ()) -> Batch:
    text = "".join(",".join(map(str, bar)) + "\n" for bar in bars)
    lines = BarLines(text.encode(), len(bars), is_typed=True)
    return Batch(symbols=SYMBOLS, bars=lines, actions=actions)


def load_from(
    source: GivenSource, database: Database, day: date, workers: Workers | None = None
) -> None:
    settings = Settings(_env_file=None, home="/nonexistent")
    load(settings, database, evening_of(day), source=source, workers=workers)


def load_tuesday_from_files(database: Database) -> None:
    load_from(GivenSource(batches(TUESDAY), SYMBOLS), database, TUESDAY)


def load_tuesday_from_a_vendor(database: Database) -> None:
    chunks.CHUNK_BARS = 1
    source = Vendor(batches(TUESDAY), SYMBOLS, is_local=False)
    load_from(source, database, TUESDAY)


def load_tuesday_in_parts(database: Database) -> None:
    """Which other processes could claim; none comes."""
    chunks.CHUNK_BARS = 1
    source = Vendor(batches(TUESDAY), SYMBOLS, is_local=False)
    nobody = Workers(2, lambda _: nullcontext())
    load_from(source, database, TUESDAY, nobody)


def load_a_first_time(database: Database) -> None:
    """Straight where the bars belong."""
    good = [a_bar(symbol, day) for symbol in SYMBOLS for day in (FRIDAY, MONDAY)]
    given = [
        typed([*good[:3], a_bar("MSFT", TUESDAY, close=99)]),
        typed(good[3:], [Action("MSFT", MONDAY, "split", 2)]),
    ]
    load_from(GivenSource(given, SYMBOLS), database, WEDNESDAY)


def load_a_bar_twice(database: Database) -> None:
    """Straight at first, then by way of the temporary tables."""
    first = [a_bar(symbol) for symbol in SYMBOLS]
    given = [typed(first), typed([a_bar("MSFT"), a_bar("MSFT", TUESDAY)])]
    load_from(GivenSource(given, SYMBOLS), database, WEDNESDAY)


def state_of(database: Database) -> list[list[tuple[Any, ...]]]:
    return [rows_of(database, query) for query in STATE]


@pytest.mark.parametrize(
    ("work", "least", "stride"),
    [
        (load_tuesday_from_files, 40, 1),
        (load_tuesday_from_a_vendor, 60, 1),
        # What is merged between its claims is that of the one before.
        (load_tuesday_in_parts, 80, 5),
        (load_a_first_time, 40, 1),
        (load_a_bar_twice, 40, 1),
    ],
)
def test_a_load_killed_at_any_step_ends_the_same_when_run_again(
    database: Database,
    work: Callable[[Database], None],
    least: int,
    stride: int,
    one_in: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BARS", chunks.CHUNK_BARS)
    if work not in (load_a_first_time, load_a_bar_twice):
        load_from(GivenSource(batches(MONDAY), SYMBOLS), database, MONDAY)
    saved = SavedTables(database, "raw")
    work(database)
    expected = state_of(database)

    wrong: list[tuple[int, str]] = []
    for step in count(1, stride * one_in):
        saved.restore()
        if not killed_at(step, work, database):
            break
        work(database)
        wrong += [
            (step, query)
            for query, rows in zip(STATE, state_of(database), strict=True)
            if rows != expected[STATE.index(query)]
        ]

    assert wrong == []
    assert step > least
