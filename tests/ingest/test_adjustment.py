"""Splits and dividends that come late, twice or corrected end in the right bars."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest

from desk.calendar import evening_of, sessions_between
from desk.database import Database
from desk.settings import Settings
from flows.transform import build
from ingest.load import load
from ingest.sources import Action, Batch
from ingest.sources.sample import read_sample
from tests.conftest import CopyDatabase
from tests.ingest.conftest import GivenSource, a_bar, rows_of

DAYS = [s.session_date for s in sessions_between(date(2013, 1, 2), date(2013, 1, 31))]
SPLIT_DAY, DIVIDEND_DAY, SECOND_SPLIT_DAY = DAYS[5], DAYS[9], DAYS[14]
BARS = [
    a_bar("AAPL", day, price, price + 1, price - 1, price + 0.5, 1000 + n)
    for n, day in enumerate(DAYS)
    for price in [
        (80 if day < SPLIT_DAY else 40 if day < SECOND_SPLIT_DAY else 10) + n / 10
    ]
]
SPLIT = Action("AAPL", SPLIT_DAY, "split", 2)
DIVIDEND = Action("AAPL", DIVIDEND_DAY, "dividend", 1.5)
SECOND_SPLIT = Action("AAPL", SECOND_SPLIT_DAY, "split", 4)
RIGHT = (SPLIT, DIVIDEND, SECOND_SPLIT)

SERIES = "select * from intermediate.int_bars order by symbol, bar_date"
CURRENT = """
select kind, ex_date, value from raw.corporate_actions order by ex_date, kind
"""
REVISIONS = """
select kind, ex_date, value from raw.corporate_action_revisions order by revision_id
"""


class Desk:
    """Delivers bars and actions as a vendor does, one load after the other."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    def deliver(self, *actions: Action, bars: Sequence[object] = BARS) -> None:
        """Load, and build the bars from what is there then."""
        batch = Batch(symbols=("AAPL",), bars=bars, actions=actions)  # type: ignore[arg-type]
        source = GivenSource([batch], symbols=("AAPL",))
        load(self.settings, self.database, evening_of(DAYS[-1]), source=source)
        build(self.settings, self.database, select=["+int_bars"])

    @property
    def series(self) -> list[tuple[object, ...]]:
        return rows_of(self.database, SERIES)


@pytest.fixture(scope="module")
def expected(
    migrated: Database,
    templates: CopyDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[tuple[object, ...]]:
    """The series of a desk that knew every action from the start."""
    home = Settings(home=tmp_path_factory.mktemp("expected"))
    desk = Desk(home, templates(migrated))
    desk.deliver(*RIGHT)
    return desk.series


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return Desk(settings, database)


def test_the_expected_series_has_no_step_at_an_action(
    expected: list[tuple[object, ...]],
) -> None:
    closes = [float(str(row[6])) for row in expected]
    returns = [b / a - 1 for a, b in pairwise(closes)]
    assert len(returns) == len(DAYS) - 1
    assert max(map(abs, returns)) < 0.25


@pytest.mark.parametrize(
    "deliveries",
    [
        pytest.param([(), (SPLIT, DIVIDEND), RIGHT], id="late"),
        pytest.param([RIGHT, RIGHT, (SPLIT,)], id="twice, in several loads"),
        pytest.param([(*RIGHT, SPLIT, DIVIDEND)], id="twice, in one load"),
        pytest.param(
            [
                (SPLIT._replace(value=20), DIVIDEND._replace(value=15)),
                (SECOND_SPLIT, DIVIDEND._replace(value=0.15)),
                (SPLIT, DIVIDEND),
            ],
            id="corrected",
        ),
        pytest.param([RIGHT[::-1]], id="in another order"),
    ],
)
def test_actions_end_in_the_right_series_however_they_come(
    deliveries: list[tuple[Action, ...]],
    desk: Desk,
    expected: list[tuple[object, ...]],
) -> None:
    for delivered in deliveries:
        desk.deliver(*delivered)

    assert desk.series == expected


def test_an_action_ahead_of_its_bars_waits_for_them(
    desk: Desk, expected: list[tuple[object, ...]]
) -> None:
    desk.deliver(*RIGHT, bars=BARS[:14])
    assert desk.series == expected[:14]

    desk.deliver(bars=BARS[14:])

    assert desk.series == expected


def test_a_late_action_changes_no_bar_before_its_ex_date(desk: Desk) -> None:
    desk.deliver(SPLIT)
    before = desk.series

    desk.deliver(DIVIDEND)

    position = DAYS.index(DIVIDEND_DAY)
    assert desk.series[:position] == before[:position]
    assert desk.series[position:] != before[position:]


def test_what_a_corrected_action_said_before_is_kept(desk: Desk) -> None:
    for value in (20, 3, 2, 2):
        desk.deliver(SPLIT._replace(value=value))

    assert rows_of(desk.database, CURRENT) == [("split", SPLIT_DAY, 2)]
    assert rows_of(desk.database, REVISIONS) == [
        ("split", SPLIT_DAY, 20),
        ("split", SPLIT_DAY, 3),
    ]


def test_returns_are_the_vendors_by_the_vendors_own_definition(built: Database) -> None:
    """Its adjusted closes are to the cent; a dividend's share is that of the close
    after, where ours is that of the close before."""
    rows = rows_of(
        built,
        """
        select
            int_bars.symbol,
            int_bars.close,
            int_bars.close_as_traded,
            coalesce(dividends.value, 0),
            coalesce(dividends.factor, 1)
        from intermediate.int_bars
        left join intermediate.int_corporate_actions as dividends
            on
                int_bars.symbol = dividends.symbol
                and int_bars.bar_date = dividends.bar_date
                and dividends.kind = 'dividend'
        order by int_bars.symbol, int_bars.bar_date
        """,
    )
    vendors = [
        float(bar.adjusted_close)
        for symbol in sorted(read_sample())
        for bar in read_sample()[symbol]
    ]
    assert len(rows) == len(vendors) == 12154
    dividends = 0
    for (before, old), (row, new) in pairwise(zip(rows, vendors, strict=True)):
        if before[0] != row[0]:
            continue
        _, close, as_traded, dividend, factor = row
        ours = close / before[1] / factor * (1 + dividend / as_traded)
        rounding = 0.0051 / old + 0.0051 / new
        assert ours == pytest.approx(new / old, rel=rounding)
        dividends += dividend > 0
    assert dividends == 92
