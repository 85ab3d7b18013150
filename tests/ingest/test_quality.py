"""Series that look wrong are marked; those that merely look odd are not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sin

import pytest

from desk.calendar import evening_of, sessions_between
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from ingest.gate import GateReport, check
from ingest.marks import dismiss
from ingest.sources import Action, Bar, Batch
from tests.ingest.conftest import WEDNESDAY, GivenSource, LoadGiven, a_bar, rows_of

DAYS = [s.session_date for s in sessions_between(date(2012, 9, 24), WEDNESDAY)]
LAST = len(DAYS) - 1


@dataclass
class Series:
    """A quiet stock's bars at about 40 US dollars, and what a test does to them."""

    symbol: str = "MSFT"
    bars: list[Bar] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        seed = 0.37 * sum(map(ord, self.symbol))
        closes = [round(40 + sin(seed + day), 2) for day in range(len(DAYS))]
        self.bars = [
            quiet_bar(self.symbol, day, close, 100_000 + 7 * n)
            for n, (day, close) in enumerate(zip(DAYS, closes, strict=True))
        ]

    def scale(self, first: int, last: int, by: float, volume: float = 1) -> None:
        """Multiply the prices from one bar to another, both included."""
        for n in range(first, last + 1):
            bar = self.bars[n]
            prices = {
                name: round(float(str(getattr(bar, name))) * by, 4)
                for name in ("open", "high", "low", "close")
            }
            shares = round(float(str(bar.volume)) * volume)
            self.bars[n] = bar._replace(**prices, volume=shares)

    def act(self, n: int, kind: str, value: float) -> None:
        self.actions.append(Action(self.symbol, DAYS[n], kind, value))


def quiet_bar(symbol: str, day: date, close: float, volume: float) -> Bar:
    return a_bar(symbol, day, close, close + 0.3, close - 0.3, close, volume)


@pytest.fixture
def judged(settings: Settings, database: Database, load_given: LoadGiven) -> "Judged":
    return Judged(settings, database, load_given)


@dataclass
class Judged:
    """Loads the series beside a clean one, and judges."""

    settings: Settings
    database: Database
    load_given: LoadGiven
    currencies: dict[str, str] = field(default_factory=dict)

    def marks(self, *series: Series, source: str = "given") -> list[tuple[object, ...]]:
        """(rule, position of the bar, value) of each open mark."""
        return [
            (m.rule, DAYS.index(m.bar_date), float(f"{m.value:.3g}"))
            for m in self.report(*series, source=source).marks
        ]

    def report(self, *series: Series, source: str = "given") -> GateReport:
        loaded = [Series("AAPL"), *series]
        batches = [
            Batch((one.symbol,), one.bars, one.actions, currencies=self.currencies)
            for one in loaded
        ]
        symbols = tuple(one.symbol for one in loaded)
        self.load_given(GivenSource(batches, symbols=symbols, name=source))
        return check(self.settings, self.database, evening_of(WEDNESDAY))


def hundredfold_block(series: Series) -> None:
    series.scale(30, 35, 100)


def one_bad_bar(series: Series) -> None:
    series.scale(30, 30, 1.7)


def two_for_one_nobody_told_of(series: Series) -> None:
    series.scale(30, LAST, 1 / 2, volume=2)


def split_applied_twice(series: Series) -> None:
    series.scale(30, LAST, 1 / 7, volume=7)
    series.act(29, "split", 7)
    series.act(30, "split", 7)


def dividend_in_cents(series: Series) -> None:
    series.act(30, "dividend", 20.0)


def dividend_told_twice(series: Series) -> None:
    series.act(29, "dividend", 0.4)
    series.act(31, "dividend", 0.42)


def seven_sessions_missing(series: Series) -> None:
    del series.bars[30:37]


def stopped_eight_sessions_ago(series: Series) -> None:
    del series.bars[-8:]


def flat_for_a_month(series: Series) -> None:
    close = float(str(series.bars[-22].close))
    for n in range(len(DAYS) - 21, len(DAYS)):
        series.bars[n] = a_bar("MSFT", DAYS[n], close, close, close, close, 0)


def same_as_the_other(series: Series) -> None:
    series.bars = [bar._replace(symbol="MSFT") for bar in Series("AAPL").bars]


@pytest.mark.parametrize(
    ("defect", "marks"),
    [
        (
            hundredfold_block,
            [("jump_without_action", 30, 99.9), ("jump_without_action", 36, -0.99)],
        ),
        (one_bad_bar, [("reversed_move", 30, 1.7)]),
        (two_for_one_nobody_told_of, [("split_without_action", 30, 2.0)]),
        (
            split_applied_twice,
            [("action_without_jump", 29, -0.857), ("jump_without_action", 29, 6.17)],
        ),
        (dividend_in_cents, [("action_without_jump", 30, -0.492)]),
        (dividend_told_twice, [("repeated_dividend", 31, 2.0)]),
        (seven_sessions_missing, [("gap", 37, 7.0)]),
        (stopped_eight_sessions_ago, [("stale_last_bar", LAST - 8, 8.0)]),
        (flat_for_a_month, [("flat_run", LAST, 21.0)]),
    ],
)
def test_a_series_with_a_defect_is_marked_where_it_is(
    defect: object, marks: list[tuple[object, ...]], judged: Judged
) -> None:
    series = Series()
    assert callable(defect)
    defect(series)

    assert judged.marks(series) == marks


def test_one_series_under_two_symbols_is_marked_under_both(judged: Judged) -> None:
    series = Series()
    same_as_the_other(series)
    clean = [Series(symbol) for symbol in ("B", "C", "D", "E", "F", "G", "H", "I")]

    report = judged.report(series, *clean)

    assert [(m.symbol, m.rule) for m in report.marks] == [
        ("AAPL", "same_as_another_symbol"),
        ("MSFT", "same_as_another_symbol"),
    ]


def test_two_sources_that_disagree_mark_the_bar_until_they_agree(
    judged: Judged,
) -> None:
    other = Series()
    other.scale(30, 30, 1.08)
    agreeing = Series()
    agreeing.scale(30, 30, 1.001)

    assert judged.marks(Series()) == []
    assert judged.marks(other, source="other") == [("sources_disagree", 30, 0.08)]
    assert judged.marks(agreeing, source="third") == [("sources_disagree", 30, -0.0731)]
    assert judged.marks(Series(), source="given") == []


def odd_but_right() -> Sequence[Series]:
    """What thin stocks, news, splits and delistings really look like."""
    thin = Series("THIN")
    for n in (3, 4, 5, 20, 33, LAST):  # Days without a trade.
        close = float(str(thin.bars[n - 1].close))
        thin.bars[n] = a_bar("THIN", DAYS[n], close, close, close, close, 0)
    flat_once = Series("FLAT")  # Half a year in one place, and then it trades again.
    for n in range(5, 60):
        flat_once.bars[n] = a_bar("FLAT", DAYS[n], 41, 41, 41, 41, 0)
    halted = Series("HALT")
    del halted.bars[30:35]  # Five sessions.
    warned = Series("WARN")  # -52 % on news, on a wild and busy day, as AAPL in 2000.
    warned.scale(30, LAST, 0.48)
    warned.bars[30] = a_bar("WARN", DAYS[30], 21, 21.5, 18.5, 19.2, 2_000_000)
    bought = Series("BIDS")  # +110 % on a bid, calm but busy.
    bought.scale(30, LAST, 2.1, volume=9)
    split = Series("SPLT")
    split.scale(30, LAST, 1 / 4, volume=4)
    split.act(30, "split", 4)
    paid = Series("PAID")  # A special dividend of a quarter of the price.
    paid.scale(30, LAST, 0.75)
    paid.act(30, "dividend", 10)
    kept = Series("KEPT")  # A dividend of 1 %, on a day when the price rose.
    kept.act(30, "dividend", 0.4)
    both = Series("BOTH")  # A special dividend beside the usual one.
    both.act(30, "dividend", 0.4)
    both.act(31, "dividend", 0.6)
    weekly = Series("WEEK")  # A fund that pays each week.
    for n in range(1, LAST, 5):
        weekly.act(n, "dividend", 0.1)
    return thin, flat_once, halted, warned, bought, split, paid, kept, both, weekly


def test_what_merely_looks_odd_is_neither_rejected_nor_marked(judged: Judged) -> None:
    assert judged.marks(*odd_but_right()) == []
    rejected = rows_of(judged.database, "select * from raw.rejected_prices")
    assert rejected == []


def test_a_spike_is_seen_once_the_next_bar_has_come(judged: Judged) -> None:
    series, early = Series(), Series()
    series.scale(LAST - 1, LAST - 1, 1.7)
    early.bars = series.bars[:-1]

    assert judged.marks(early) == []
    assert judged.marks(series) == [("reversed_move", LAST - 1, 1.66)]


def test_prices_in_another_currency_mark_their_symbol(judged: Judged) -> None:
    series = Series()

    judged.currencies = {"AAPL": "USD", "MSFT": "GBp"}
    assert judged.marks(series) == [("foreign_currency", LAST, 1)]

    judged.currencies = {"MSFT": "USD"}
    assert judged.marks(series) == []


def test_a_dismissed_mark_stays_away_until_the_bar_changes(judged: Judged) -> None:
    series = Series()
    hundredfold_block(series)
    clock = evening_of(WEDNESDAY)
    judged.report(series)

    assert dismiss(judged.database, clock, ["MSFT"], "it really did") == 2

    assert judged.marks(series) == []
    again = Series()
    again.scale(30, 35, 90)
    assert [rule for rule, _, _ in judged.marks(again)] == ["jump_without_action"] * 2
    history = rows_of(
        judged.database,
        "select dismissed_reason, count(*) from raw.symbol_marks group by 1 order by 1",
    )
    assert history == [("it really did", 2), (None, 2)]
    with pytest.raises(DeskError, match="no open mark on AAPL; nothing was"):
        dismiss(judged.database, clock, ["MSFT", "AAPL"], "typo")
    assert len(judged.marks(again)) == 2
