"""What the backtest's report shows is what the tables hold."""

import csv
import io
import json
from datetime import date
from xml.etree import ElementTree

import pytest
from rich.console import Console

from desk.database import Database
from flows.backtest import read_backtest, render_backtest, write_csv, write_json
from flows.backtest_picture import picture
from tests.dbt.rows import rows_of


def test_the_report_shows_every_strategy_and_its_last_trades(built: Database) -> None:
    found = read_backtest(built)
    out = io.StringIO()
    Console(file=out, width=120).print(render_backtest(found, all_trades=False))
    text = out.getvalue()
    trades = rows_of(built, "select * from marts.trades where account = 'portfolio'")
    for strategy in {row["strategy"] for row in trades}:
        own = [row for row in trades if row["strategy"] == strategy]
        assert f"{strategy.replace('_', ' ')}: {len(own):,} trades" in text
        newest = max(own, key=lambda row: row["entry_date"])
        assert f"{newest['pnl']:+,.2f}" in text


def test_machines_get_the_same_rows(built: Database) -> None:
    found = read_backtest(built)
    as_json, as_csv = io.StringIO(), io.StringIO()
    write_json(found, as_json)
    write_csv(found, as_csv)
    told = json.loads(as_json.getvalue())
    metrics = rows_of(
        built, "select * from marts.backtest_metrics where symbol = 'portfolio'"
    )
    by_name = {row["strategy"]: row for row in metrics}
    assert len(told["metrics"]) == len(by_name)
    for row in told["metrics"]:
        assert row["total_return"] == by_name[row["strategy"]]["total_return"]
    lines = list(csv.DictReader(io.StringIO(as_csv.getvalue())))
    assert {line["strategy"] for line in lines} == by_name.keys()
    for line in lines:
        assert float(line["costs"]) == by_name[line["strategy"]]["costs"]


def test_the_picture_draws_a_line_per_strategy_in_both_panels(built: Database) -> None:
    found = read_backtest(built)
    drawn = picture(found.curves)
    strategies = {row["strategy"] for row in found.curves}
    panels = [part.split("</svg>")[0] + "</svg>" for part in drawn.split("<svg")[1:]]
    assert len(panels) == 2
    for panel in panels:
        lines = ElementTree.fromstring("<svg" + panel).findall("polyline")  # noqa: S314
        assert {line.findtext("title") for line in lines} == strategies
        for line in lines:
            assert len(line.attrib["points"].split()) > 3000
    assert "Equity, US dollars (logarithmic)" in drawn
    assert picture([]).count("No sessions.") == 2


@pytest.mark.parametrize("left", [0.0, -250.0])
def test_the_picture_of_an_account_that_lost_all_has_a_linear_axis(left: float) -> None:
    drawn = picture(
        [
            {"strategy": "short", "bar_date": day, "equity": equity, "drawdown": 0}
            for day, equity in ((date(2020, 1, 2), 1_000.0), (date(2020, 1, 3), left))
        ]
    )
    assert "<h2>Equity, US dollars</h2>" in drawn
    assert f">{left:,.0f}</text>" in drawn
