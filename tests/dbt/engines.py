"""dbt's target duckdb in this process, and what other engines build beside Postgres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flows.parsed import DBT_PROJECT

Row = dict[str, Any]

# What is compared, and the order of its rows.
TABLES = {
    "intermediate.int_corporate_actions": "1, 2, 3",
    "intermediate.int_bars": "symbol, bar_date",
    "intermediate.int_symbols": "symbol",
    "intermediate.int_indicators": "symbol, bar_date",
    "marts.bars": "symbol, bar_date",
    "marts.indicators": "symbol, bar_date",
}
BACKTEST = {
    "intermediate.int_candidates": "signal_key",
    "intermediate.int_positions": "account, signal_key",
    "marts.trades": "account, trade_key",
    "marts.monthly_returns": "strategy, symbol, month_date",
    "marts.backtest_metrics": "strategy, symbol",
}
# Dollars that sums of 100,000 may differ by.
OF_CASH = 1e-6

# Settings under which each way out of a position is taken, and each refusal given.
EVERY_EXIT: dict[str, Any] = {
    "commission_per_share": 0.005,
    "commission_minimum": 1,
    "borrow_bps": 300,
    "starting_cash": 2_000,
    "position_weight": 0.3,
    "max_positions": 2,
    "strategy_parameters": {
        "donchian": {"trailing_stop_pct": 8},
        "macd_cross": {"has_shorts": True, "stop_loss_pct": 4},
        "rsi_reversal": {"take_profit_pct": 6, "max_holding_bars": 15},
        "sma_cross": {"has_shorts": True},
    },
}
EXIT_REASONS = {"signal", "stop_loss", "trailing_stop", "take_profit", "max_bars"}
OUTCOMES = {"filled", "held", "no slot", "no cash"}


@dataclass(frozen=True, slots=True)
class DuckDb:
    """A folder in which dbt builds a DuckDB file from a snapshot."""

    folder: Path
    snapshot: Path
    project: Path = DBT_PROJECT

    @property
    def file(self) -> Path:
        """Where the tables are."""
        return self.folder / "desk.duckdb"

    def dbt(self, *arguments: str, said: list[str] | None = None) -> Any:
        """What `dbt <arguments>` gives; the errors it tells go into `said`."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        flags = (
            *("--target", "duckdb", "--project-dir", str(self.project)),
            *("--profiles-dir", str(self.project)),
            *("--target-path", str(self.folder / "target")),
            *("--log-path", str(self.folder), "--log-level", "none"),
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DUCKDB_PATH", str(self.file))
            patch.setenv("DUCKDB_SNAPSHOT", str(self.snapshot))
            runner = dbtRunner(callbacks=[partial(_note_error, said)])
            done = runner.invoke([*arguments, *flags])
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if done.exception is not None:
            raise done.exception
        return done.result

    def rows_of(self, query: str) -> list[Row]:
        """All rows of a query."""
        import duckdb

        with duckdb.connect(str(self.file), read_only=True) as conn:
            return list(conn.sql(query).to_arrow_table().to_pylist())


def _note_error(said: list[str] | None, event: Any) -> None:
    if said is not None and event.info.level == "error":
        said.append(event.info.msg)


def differences(
    ours: Sequence[Row], theirs: Sequence[Row]
) -> list[tuple[str, Row, Row]]:
    """Columns with the first rows in which they differ; numbers, by 1e-9 of them."""
    assert len(ours) == len(theirs) > 0
    assert list(ours[0]) == list(theirs[0])
    pairs = list(zip(ours, theirs, strict=True))
    found = ((name, _first_apart(pairs, name)) for name in ours[0])
    return [(name, *pair) for name, pair in found if pair]


def _first_apart(pairs: Sequence[tuple[Row, Row]], name: str) -> tuple[Row, Row] | None:
    apart = (pair for pair in pairs if not _same(pair[0][name], pair[1][name]))
    return next(apart, None)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-11)
    return type(one) is type(other) and bool(one == other)


def same_details(ours: Any, theirs: Any) -> bool:
    """Sentences to the letter, numbers to 1e-9 of them."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(
            same_details(ours[key], theirs[key]) for key in ours
        )
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same_details, ours, theirs))
    if isinstance(ours, float | int) and not isinstance(ours, bool):
        return bool(theirs == pytest.approx(ours, rel=1e-9, abs=1e-9))
    return bool(ours == theirs)
