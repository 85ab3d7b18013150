"""A chunk of what a source gives: received into temporary tables, merged at once.

One transaction judges a chunk, writes it, and counts it in its run's row. So a load
that dies keeps its finished chunks, and every row of those is accounted for.
"""

import csv
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosql
import psycopg
from psycopg.types.json import Jsonb

from desk.errors import DeskError
from ingest.sources import BarLines, Batch
from ingest.straight import NotStraight, Straight

SQL = Path(__file__).parent / "sql"
BARS = aiosql.from_path(SQL / "bars.sql", "psycopg")
ACTIONS = aiosql.from_path(SQL / "actions.sql", "psycopg")
RUNS = aiosql.from_path(SQL / "runs.sql", "psycopg")
# A chunk is done when it has so many bars, or is so old.
CHUNK_BARS = 100_000
CHUNK_SECONDS = 10.0
# For the merge alone: sorts and joins of millions of rows stay in memory.
WORK_MEMORY = "256MB"

TYPED = b"""
    copy received_bars (symbol, bar_date, open, high, low, close, volume)
    from stdin (format csv)
"""
TEXTS = b"""
    copy received_texts (symbol, bar_date, open, high, low, close, volume)
    from stdin (format csv)
"""
ACTION_TEXTS = b"copy received_actions from stdin (format csv)"

Connection = psycopg.Connection[Any]


class RunEnded(DeskError):  # noqa: N818
    """The run that rows came for has ended, or its process is dead."""


@dataclass(frozen=True, slots=True)
class Run:
    """The load that chunks belong to. `now`: when its rows are known from."""

    run_id: UUID
    source: str
    since: date
    session: date
    now: datetime


@dataclass(slots=True)
class Chunk:
    """Rows received on a connection and not merged yet.

    `straight`: bars need not wait for that, as long as all are typed.
    """

    conn: Connection
    straight: Straight | None = None
    symbols: dict[str, None] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    bars: int = 0
    texts: int = 0
    actions: int = 0
    rows_outside: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        """Whether it is time to merge it."""
        age = time.monotonic() - self.begun
        return self.bars >= CHUNK_BARS or age >= CHUNK_SECONDS

    def receive(self, batch: Batch) -> None:
        """Copy a batch's rows as they are; typed columns need no parsing later."""
        is_straight = self._receive_straight(batch)
        if is_straight:
            is_typed = True
        elif isinstance(batch.bars, BarLines):
            is_typed = batch.bars.is_typed
            _copy(self.conn, TYPED if is_typed else TEXTS, batch.bars.csv)
        else:
            is_typed = False
            _copy(self.conn, TEXTS, _lines(batch.bars))
        _copy(self.conn, ACTION_TEXTS, _lines(batch.actions))
        self.bars += len(batch.bars)
        self.texts += 0 if is_typed else len(batch.bars)
        self.actions += len(batch.actions)
        self.rows_outside += batch.rows_outside
        self.failures.update(batch.failures)
        self.currencies.update(batch.currencies)
        self.symbols.update(dict.fromkeys(batch.symbols))

    def _receive_straight(self, batch: Batch) -> bool:
        if self.straight is None or not len(batch.bars):
            return False
        if isinstance(batch.bars, BarLines) and self.straight.takes(batch.bars):
            self.straight.copy(batch.bars)
            return True
        if self.straight.has_begun:
            raise NotStraight
        self.straight = None
        return False

    def merge(self, run: Run, asked: Iterable[str]) -> None:
        """Judge and write all rows, in one transaction; rows of symbols that were
        not asked for are rejected. `RunEnded`: the run isn't running."""
        asked = list(asked)
        failed: Mapping[str, str] = self.failures
        with self.conn.transaction():
            if not RUNS.hold_run(self.conn, run_id=run.run_id):
                raise RunEnded("the load has ended meanwhile")
            self.conn.execute(f"set local work_mem = '{WORK_MEMORY}'")
            RUNS.allow_restating(self.conn)
            first = self.straight.first_date(asked) if self.straight else None
            rows_new = self._merge_bars(run, asked)
            rows_new += self.straight.copied if self.straight else 0
            self._merge_actions(run, asked)
            RUNS.count_chunk(
                self.conn,
                run_id=run.run_id,
                rows_received=self.bars,
                rows_new=rows_new,
                rows_outside=self.rows_outside,
                earliest_date=first,
                actions_received=self.actions,
                failures=Jsonb(failed),
            )
            RUNS.remember_symbols(
                self.conn,
                source=run.source,
                symbols=[symbol for symbol in asked if symbol not in failed],
                currencies=Jsonb(self.currencies),
                since=run.since,
                run_id=run.run_id,
            )
            RUNS.mark_done(self.conn, run_id=run.run_id, symbols=asked)
            BARS.empty_bar_tables(self.conn)
            ACTIONS.empty_action_tables(self.conn)

    def _merge_bars(self, run: Run, asked: Sequence[str]) -> int:
        """The number of new bars."""
        conn, now = self.conn, run.now
        if self.texts:
            BARS.parse_bars(conn)
        conn.execute("analyze received_bars (symbol, bar_date)")
        BARS.judge_bars(conn, symbols=asked, session=run.session)
        is_ascending, first, last = BARS.received_order(conn)
        if not is_ascending:
            BARS.judge_repeated_bars(conn)
        span = {"first_date": first, "last_date": last}
        BARS.meet_bars(conn, **span)
        conn.execute("analyze judged_bars")
        BARS.reject_bars(conn, run_id=run.run_id, now=now)
        BARS.revise_bars(conn, now=now, **span)
        BARS.update_bars(conn, source=run.source, now=now, **span)
        new: int = BARS.insert_bars(conn, source=run.source, now=now)
        return new

    def _merge_actions(self, run: Run, asked: Sequence[str]) -> None:
        conn, now = self.conn, run.now
        if not self.actions:
            return
        conn.execute("analyze received_actions")
        ACTIONS.judge_actions(conn, symbols=asked, session=run.session)
        conn.execute("analyze judged_actions")
        ACTIONS.reject_actions(conn, run_id=run.run_id, now=now)
        ACTIONS.revise_actions(conn, now=now)
        ACTIONS.update_actions(conn, source=run.source, now=now)
        ACTIONS.insert_actions(conn, source=run.source, now=now)


def create_tables(conn: Connection) -> None:
    """The temporary tables, once per connection."""
    BARS.create_bar_tables(conn)
    ACTIONS.create_action_tables(conn)


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    # What Postgres' text can't hold arrives escaped, to be judged like the rest.
    return text.getvalue().encode(errors="backslashreplace").replace(b"\0", b"\\0")


def _copy(conn: Connection, statement: bytes, lines: bytes) -> None:
    if lines:
        with conn.cursor().copy(statement) as copy:
            copy.write(lines)
