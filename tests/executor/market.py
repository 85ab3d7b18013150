"""A small market to trade in: bars, corporate actions and signals, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk.calendar import Clock, evening_of, sessions_between
from desk.database import Database
from desk.settings import Settings

MARTS = """
create table marts.bars (
    symbol text,
    bar_date date,
    bar_number bigint,
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    volume double precision,
    primary key (symbol, bar_date)
);
create table marts.signals (
    signal_key text primary key,
    strategy text not null,
    symbol text not null,
    bar_date date not null,
    side text not null,
    close double precision not null,
    details jsonb not null
)
"""

# A week of February 2013, and the Monday after it.
WEEK = tuple(
    session.session_date
    for session in sessions_between(date(2013, 2, 4), date(2013, 2, 11))
)
MON, TUE, WED, THU, FRI, NEXT_MON = WEEK

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """A migrated database with marts, and what happens in its market."""

    database: Database

    def build_marts(self) -> None:
        with self.database.connect("dbt") as conn:
            conn.execute(MARTS)
        with self.database.connect("ingest") as conn:
            conn.execute(
                "insert into raw.ingest_runs (run_id, source, symbols, window_end,"
                " started_at, finished_at, outcome) values (gen_random_uuid(),"
                " 'test', '{}', '2013-03-01', now(), now(), 'succeeded')"
            )

    def bars(self, symbol: str, prices: Mapping[date, tuple[float, float]]) -> None:
        """Bars with an open and a close on each day, as traded."""
        with self.database.connect("ingest") as conn, conn.cursor() as cur:
            cur.executemany(
                "insert into raw.raw_prices values"
                " (%s, %s, %s, %s, %s, %s, 1000, 'test', now())",
                [
                    (symbol, day, o, max(o, c), min(o, c), c)
                    for day, (o, c) in prices.items()
                ],
            )
        with self.database.connect("dbt") as conn, conn.cursor() as cur:
            cur.executemany(
                "insert into marts.bars (symbol, bar_date, open, close)"
                " values (%s, %s, %s, %s)",
                [(symbol, day, o, c) for day, (o, c) in prices.items()],
            )

    def flat_bars(self, symbol: str, price: float, days: Sequence[date] = WEEK) -> None:
        """Bars that never move."""
        self.bars(symbol, dict.fromkeys(days, (price, price)))

    def action(self, symbol: str, ex_date: date, kind: str, value: float) -> None:
        with self.database.connect("ingest") as conn:
            conn.execute(
                "insert into raw.corporate_actions values (%s, %s, %s, %s, 'test',"
                " now())",
                [symbol, ex_date, kind, value],
            )

    def signal(
        self,
        symbol: str,
        day: date,
        side: str,
        close: float,
        strategy: str = "sma_cross",
    ) -> str:
        """A signal in the marts; its key."""
        key = f"{strategy}|{symbol}|{day}"
        with self.database.connect("dbt") as conn:
            conn.execute(
                "insert into marts.signals values (%s, %s, %s, %s, %s, %s, '{}')",
                [key, strategy, symbol, day, side, close],
            )
        return key

    def rows(self, query: str) -> list[Row]:
        with self.database.connect() as conn:
            return conn.execute(query).fetchall()

    def run(self, statement: str, role: str = "executor") -> None:
        with self.database.connect(role) as conn:  # type: ignore[arg-type]
            conn.execute(statement)

    def orders(self) -> list[Row]:
        """symbol, side, qty, state and reason of all orders, as decided."""
        return self.rows(
            "select symbol, side, qty, state, reason from trading.orders order by id"
        )


def evening(day: date) -> Clock:
    return evening_of(day)


def free_settings(settings: Settings, **changes: Any) -> Settings:
    """Settings without costs, unless given, so that sums are easy to check."""
    return settings.model_copy(
        update={"commission_bps": 0, "slippage_bps": 0} | changes
    )
