"""Marks: what the quality gate holds against a symbol, until it is right again."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosql
import psycopg
from psycopg.rows import class_row

from desk.calendar import Clock
from desk.database import Database
from desk.errors import DeskError

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "gate.sql", "psycopg")

Connection = psycopg.Connection[Any]
FindingRow = tuple[str, str, date, float, str, bool]


@dataclass(frozen=True, slots=True)
class Mark:
    """An open mark: the rule a symbol's series breaks, where, and by which value."""

    symbol: str
    rule: str
    bar_date: date
    value: float

    @property
    def said(self) -> str:
        """The mark as a person reads it, without its symbol."""
        return f"{self.rule} on {self.bar_date} ({self.value:.3g})"


def record(
    conn: Connection, clock: Clock, check_id: UUID, findings: list[FindingRow]
) -> None:
    """Mark what a check found and clear what it no longer finds.

    A finding that was dismissed is not marked again. Bars outside the check's
    windows keep their marks.
    """
    with conn.transaction():
        QUERIES.create_findings(conn)
        with conn.cursor().copy("copy findings from stdin") as copy:
            for finding in findings:
                copy.write_row(finding)
        QUERIES.record_findings(conn, check_id=check_id, now=clock.now)
        conn.execute("drop table findings")


def open_marks(conn: Connection) -> list[Mark]:
    """Every open mark, by symbol and bar."""
    with conn.cursor(row_factory=class_row(Mark)) as cursor:
        return cursor.execute(QUERIES.open_marks.sql.encode()).fetchall()


def dismiss(database: Database, clock: Clock, symbol: str, reason: str) -> int:
    """Clear a symbol's open marks for good, because its data are right; how many.

    The reason is kept. Raises `DeskError` when the symbol has none.
    """
    with database.connect("ingest") as conn:
        count: int = QUERIES.dismiss_marks(
            conn, symbol=symbol, reason=reason, now=clock.now
        )
    if not count:
        raise DeskError(f"{symbol} has no open mark")
    return count
