"""Marks: what the quality gate holds against a symbol, until it is right again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    detail: str
    marked_at: datetime

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


def dismiss(
    database: Database, clock: Clock, symbols: Sequence[str], reason: str
) -> int:
    """Clear symbols' open marks for good, because their data are right; how many.

    The reason is kept. Raises `DeskError`, and dismisses nothing, when a symbol has
    no open mark.
    """
    with database.connect("ingest") as conn:
        dismissed = QUERIES.dismiss_marks(
            conn, symbols=list(symbols), reason=reason, now=clock.now
        )
        marked = [symbol for (symbol,) in dismissed]
        if without := [symbol for symbol in symbols if symbol not in marked]:
            raise DeskError(
                f"no open mark on {', '.join(without)}; nothing was dismissed"
            )
    return len(marked)
