"""An increment ends where a full refresh does, whatever changed before it."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from desk.calendar import sessions_between
from desk.database import Database
from desk.settings import Settings
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

SESSIONS = [
    session.session_date
    for session in sessions_between(date(2010, 1, 4), date(2011, 12, 30))
]
TABLES = {
    "int_corporate_actions": "symbol, ex_date, kind",
    "int_bars": "symbol, bar_date",
    "int_symbols": "symbol",
    "int_indicators": "symbol, bar_date",
}
MODELS = ["+int_indicators", "int_symbols"]


class Prices:
    """Made-up raw prices of a few symbols, and ways they change."""

    def __init__(self, database: Database, random: Random) -> None:
        self.database = database
        self.random = random
        self.last = {"OLD": 400, "MID": 230, "SHORT": 30}

    def fill(self) -> None:
        for symbol, bars in self.last.items():
            self._store(symbol, range(bars))

    def append(self) -> None:
        for symbol, bars in self.last.items():
            self._store(symbol, [bars])
            self.last[symbol] = bars + 1

    def correct(self) -> None:
        symbol, day = self._stored()
        self._run(
            "update raw.raw_prices set close = low where (symbol, bar_date) = (%s, %s)",
            symbol,
            day,
        )

    def delete(self) -> None:
        symbol, day = self._stored()
        self._run(
            "delete from raw.raw_prices where (symbol, bar_date) = (%s, %s)",
            symbol,
            day,
        )

    def delete_the_last(self) -> None:
        symbol = self.random.choice(list(self.last))
        self._run(
            "delete from raw.raw_prices where symbol = %s and bar_date >= %s",
            symbol,
            SESSIONS[self.last[symbol] - 3],
        )

    def come_late(self) -> None:
        symbol = self.random.choice(list(self.last))
        self._store(symbol, self.random.sample(range(self.last[symbol]), 3))

    def list_a_new_symbol(self) -> None:
        symbol = f"NEW{len(self.last)}"
        self.last[symbol] = self.random.randint(1, 260)
        self._store(symbol, range(self.last[symbol]))

    def rename(self) -> None:
        """A key that moves leaves one symbol and joins another."""
        symbol, day = self._stored()
        self._run(
            "update raw.raw_prices set symbol = 'RENAMED' "
            "where (symbol, bar_date) = (%s, %s)",
            symbol,
            day,
        )

    def act(self) -> None:
        symbol, day = self._stored()
        kind = self.random.choice(["split", "dividend"])
        self._run(
            "insert into raw.corporate_actions "
            "(symbol, ex_date, kind, value, source, known_at) "
            "values (%s, %s, %s, %s, 'made-up', now()) "
            "on conflict (symbol, ex_date, kind) do update set value = excluded.value",
            symbol,
            day + timedelta(days=self.random.choice([0, 0, 1, 2])),
            kind,
            self.random.choice([2.0, 0.5, 3.0]) if kind == "split" else 0.75,
        )

    def withdraw_an_action(self) -> None:
        self._run(
            "delete from raw.corporate_actions where ctid in "
            "(select ctid from raw.corporate_actions order by symbol, ex_date limit 1)"
        )

    def change(self, times: int) -> list[str]:
        ways = [
            self.append,
            self.correct,
            self.delete,
            self.delete_the_last,
            self.come_late,
            self.list_a_new_symbol,
            self.rename,
            self.act,
            self.act,
            self.withdraw_an_action,
        ]
        chosen = [self.random.choice(ways) for _ in range(times)]
        for way in chosen:
            way()
        return [way.__name__ for way in chosen]

    def _stored(self) -> tuple[str, date]:
        rows = rows_of(
            self.database,
            "select symbol, bar_date from raw.raw_prices order by symbol, bar_date",
        )
        row = self.random.choice(rows)
        return row["symbol"], row["bar_date"]

    def _store(self, symbol: str, numbers: Any) -> None:
        with self.database.connect() as conn, conn.cursor() as cursor:
            for number in numbers:
                close = self.random.uniform(20, 30)
                cursor.execute(
                    "insert into raw.raw_prices values "
                    "(%s, %s, %s, %s, %s, %s, %s, 'made-up', now()) "
                    "on conflict do nothing",
                    [
                        symbol,
                        SESSIONS[number],
                        close,
                        close + self.random.uniform(0, 1),
                        close - self.random.uniform(0, 1),
                        close,
                        self.random.randint(0, 9_000),
                    ],
                )

    def _run(self, statement: str, *parameters: Any) -> None:
        with self.database.connect() as conn:
            conn.execute(statement.encode(), parameters or None)


def random_numbers(seed: int) -> Random:
    return Random(seed)  # noqa: S311


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {
        table: rows_of(database, f"select * from intermediate.{table} order by {key}")
        for table, key in TABLES.items()
    }


def assert_equal(
    actual: dict[str, list[dict[str, Any]]], expected: dict[str, list[dict[str, Any]]]
) -> None:
    for table in TABLES:
        assert len(actual[table]) == len(expected[table]), table
        for ours, theirs in zip(actual[table], expected[table], strict=True):
            for column, value in theirs.items():
                if isinstance(value, float) and isinstance(ours[column], float):
                    np.testing.assert_allclose(
                        ours[column],
                        value,
                        rtol=1e-9,
                        # Differences of prices and of volumes, near zero.
                        atol=1e-6 if abs(value) > 1e4 else 1e-9,
                        err_msg=f"{table}.{column} of {theirs}",
                    )
                else:
                    assert ours[column] == value, (table, column, theirs)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_increment_equals_a_full_refresh_after_any_changes(
    database: Database, copies: CopyDatabase, tmp_path: Path, seed: int
) -> None:
    settings = Settings(home=tmp_path)
    prices = Prices(database, random_numbers(seed))
    prices.fill()
    build(settings, database, select=MODELS)
    for changes in (1, 7):
        prices.change(changes)
        build(settings, database, select=MODELS)
        fresh = copies(database)
        build(settings, fresh, select=MODELS, full_refresh=True)
        assert_equal(everything(database), everything(fresh))


def test_a_change_stays_on_the_list_until_all_of_it_is_built(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    prices = Prices(database, random_numbers(4))
    prices.fill()
    waiting = "select count(*) as changes from raw.bar_changes"
    build(settings, database, select=["+int_bars"])
    assert rows_of(database, waiting)[0]["changes"] > 0
    build(settings, database, select=MODELS)
    assert rows_of(database, waiting)[0]["changes"] == 0


@pytest.mark.slow
def test_other_code_calculates_everything_anew(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    Prices(database, random_numbers(6)).fill()
    build(settings, database, select=MODELS)
    stale = "update intermediate.int_trend set sma_20 = 0"
    count = "select count(*) as rows from intermediate.int_trend where sma_20 = 0"
    with database.connect() as conn:
        conn.execute(stale.encode())
    build(settings, database, select=MODELS)
    assert rows_of(database, count)[0]["rows"] > 0
    for module in ("parsed", "transform"):
        monkeypatch.setattr(f"flows.{module}.code_hash", lambda: "other")
    build(settings, database, select=MODELS)
    assert rows_of(database, count)[0]["rows"] == 0


def test_a_truncated_table_leaves_nothing_behind(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    Prices(database, random_numbers(5)).fill()
    build(settings, database, select=MODELS)
    with database.connect() as conn:
        conn.execute("truncate raw.raw_prices")
    build(settings, database, select=MODELS)
    assert not any(everything(database).values())
