"""The daily report: a page that needs nothing from anywhere else."""

import re
from html import unescape

import pytest

from desk.calendar import desk_clock
from desk.database import Database
from desk.settings import Settings
from executor.control import halt
from executor.replay import replay
from flows.report import render_report, write_report
from flows.stages import Desk
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of


@pytest.fixture(scope="module")
def desk(built: Database, templates: CopyDatabase, built_settings: Settings) -> Desk:
    database = templates(built)
    clock = desk_clock(built_settings)
    replay(built_settings, database, clock, 20)
    halt(database, "entries", "<b>looking</b>")
    return Desk(built_settings, database, clock)


@pytest.fixture(scope="module")
def page(desk: Desk) -> str:
    return render_report(desk)


def test_the_report_tells_the_session_as_the_tables_do(desk: Desk, page: str) -> None:
    session = desk.clock.session
    told = " ".join(unescape(page).split())
    for row in rows_of(
        desk.database,
        "select details ->> 'sentence' as why from trading.signals"
        f" where bar_date = '{session}'",
    ):
        assert row["why"] in told
    (account,) = rows_of(
        desk.database,
        f"select * from trading.account_equity where session_date = '{session}'",
    )
    assert f"{account['equity']:,.2f}" in told
    for row in rows_of(
        desk.database,
        f"select * from trading.positions where session_date = '{session}'",
    ):
        assert f"{row['market_value']:,.2f}" in told
    assert "Halted (entries): <b>looking</b>" in told
    assert "<b>" not in page


def test_the_report_draws_the_account_and_each_symbol(desk: Desk, page: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    symbols = rows_of(
        desk.database,
        "select symbol from trading.signals"
        f" where bar_date = '{desk.clock.session}'"
        " union select symbol from trading.positions"
        f" where session_date = '{desk.clock.session}'",
    )
    assert len(pictures) == 1 + len(symbols)
    for picture in pictures:
        (drawn,) = re.findall(r'<polyline points="([^"]+)"', picture)
        points = [tuple(map(float, point.split(","))) for point in drawn.split()]
        assert points[0][0] == 0
        assert points[-1][0] == pytest.approx(600, abs=0.1)
        assert len({y for _, y in points}) > 1


def test_the_report_suits_the_dark_a_phone_and_a_train_without_network(
    desk: Desk, page: str
) -> None:
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport" content="width=device-width' in page
    assert not re.search(r"https?://|<script|@import|<link|<img", page)
    assert write_report(desk).read_text() == page
