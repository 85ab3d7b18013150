"""Desk against the package `backtesting`, under that package's conventions."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from flows.transform import build
from ingest.load import load
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

CASH, COMMISSION = 10_000, 0.002


@pytest.fixture(scope="module")
def theirs() -> Any:
    """The package, whose import warns of what is none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import backtesting
        import backtesting.lib
        import backtesting.test
    return backtesting


def run_theirs(theirs: Any, *, has_shorts: bool) -> Any:
    """Its tutorial's SMA 10/20 cross; long only, it closes where that one turns."""

    class SmaCross(theirs.Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.fast = self.I(theirs.test.SMA, self.data.Close, 10)
            self.slow = self.I(theirs.test.SMA, self.data.Close, 20)

        def next(self) -> None:
            if theirs.lib.crossover(self.fast, self.slow):
                self.position.close()
                self.buy()
            elif theirs.lib.crossover(self.slow, self.fast):
                self.position.close()
                if has_shorts:
                    self.sell()

    options = {"cash": CASH, "commission": COMMISSION}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the position open at the end
        return theirs.Backtest(theirs.test.GOOG, SmaCross, **options).run()


@pytest.fixture(scope="module")
def loaded(
    migrated: Database,
    templates: CopyDatabase,
    theirs: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Database:
    """The package's GOOG, as the desk loads a file."""
    prices = theirs.test.GOOG.rename(columns=str.lower).rename_axis("date")
    path = tmp_path_factory.mktemp("prices") / "GOOG.csv"
    prices.to_csv(path)
    settings = Settings(price_source="files", files_path=path)
    database = templates(migrated)
    report = load(settings, database, evening_of(prices.index[-1].date()))
    assert report.rows_new == len(prices)
    return database


@pytest.mark.parametrize(
    "has_shorts", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_the_sma_cross_on_goog_makes_the_packages_trades_and_its_return(
    loaded: Database,
    copies: CopyDatabase,
    theirs: Any,
    tmp_path: Path,
    has_shorts: bool,
) -> None:
    settings = Settings(
        home=tmp_path,
        starting_cash=CASH,
        commission_bps=COMMISSION * 1e4,
        slippage_bps=0,
        whole_shares=True,
        strategy_parameters={
            "sma_cross": {"fast_bars": 10, "slow_bars": 20, "has_shorts": has_shorts}
        },
    )
    database = copies(loaded)
    build(settings, database, select=["+backtest_metrics", "+trades"])

    stats = run_theirs(theirs, has_shorts=has_shorts)
    (metrics,) = rows_of(
        database,
        "select * from marts.backtest_metrics "
        "where strategy = 'sma_cross' and symbol = 'GOOG'",
    )
    assert metrics["trades"] == stats["# Trades"]
    assert metrics["total_return"] * 100 == pytest.approx(stats["Return [%]"])

    trades = rows_of(
        database,
        "select * from marts.trades where strategy = 'sma_cross' "
        "and account = 'symbol' order by entry_date",
    )
    for ours, (_, other) in zip(trades, stats["_trades"].iterrows(), strict=True):
        size = ours["qty"] if ours["side"] == "long" else -ours["qty"]
        assert size == pytest.approx(other["Size"])
        assert ours["entry_date"] == other["EntryTime"].date()
        assert ours["exit_date"] == other["ExitTime"].date()
        assert ours["pnl"] == pytest.approx(other["PnL"])
