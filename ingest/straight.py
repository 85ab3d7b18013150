"""Typed bars straight into `raw.raw_prices`, where none of their symbols is stored.

As fast as COPY itself: no staging. Whatever needs judgement among rows (a bar that is
there twice) raises, and the load begins again by way of the temporary tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from desk.calendar import FIRST_YEAR
from ingest.sources import BarLines


class NotStraight(Exception):  # noqa: N818
    """Something came that has to be judged together with other rows."""


@dataclass(slots=True)
class Straight:
    """COPY into the stored bars. `tail`: source and known_at as a line's end.

    While it goes on (from the first copy to `first_date`, in one transaction) no
    trigger notes what is inserted and nobody else reads the prices.
    """

    conn: psycopg.Connection[Any]
    queries: Any
    sound: str
    unsound: str
    tail: bytes
    has_begun: bool = False
    copied: int = 0

    def takes(self, bars: object) -> bool:
        """Whether these can go straight: typed, one line each."""
        if isinstance(bars, BarLines) and bars.is_typed:
            return bars.csv.count(b"\n") == bars.rows
        return False

    def copy(self, bars: BarLines) -> None:
        """Store the sound ones; the others go to `received_bars`."""
        if not self.has_begun:
            self.queries.begin_first_load(self.conn)
            self.has_begun = True
        lines = bars.csv.replace(b"\n", self.tail)
        stored = _copy(self.conn, self.sound, lines)
        self.copied += stored
        if stored < bars.rows:
            _copy(self.conn, self.unsound, bars.csv)

    def first_date(self, symbols: Sequence[str]) -> date | None:
        """The earliest bar stored; raises `NotStraight` for a symbol not asked for."""
        if not self.has_begun:
            return None
        self.queries.end_first_load(self.conn, symbols=list(symbols))
        bars, first = self.queries.stored_bars(self.conn, symbols=list(symbols))
        if bars != self.copied:
            raise NotStraight
        assert first is None or isinstance(first, date)  # noqa: S101
        return first


def open_straight(
    conn: psycopg.Connection[Any], queries: Any, source: str, session: date, now: object
) -> Straight:
    """For a load of `source` up to `session`, known from `now` on."""
    first = date(FIRST_YEAR, 1, 1)
    bits = queries.session_bits(conn, first_date=first, session=session)
    days = {"first_date": first, "bits": bits}
    client = psycopg.ClientCursor(conn)
    return Straight(
        conn,
        queries,
        sound=client.mogrify(queries.copy_sound_bars.sql, days),
        unsound=client.mogrify(queries.copy_unsound_bars.sql, days),
        tail=f",{source},{now}\n".encode(),
    )


def _copy(conn: psycopg.Connection[Any], statement: str, lines: bytes) -> int:
    cursor = conn.cursor()
    with cursor.copy(statement.encode()) as copy:
        copy.write(lines)
    return cursor.rowcount
