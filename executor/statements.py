"""The executor's SQL (`executor/sql/*.sql`), run for typed rows."""

from pathlib import Path
from typing import Any, TypeVar

import aiosql
import psycopg
from psycopg.rows import class_row

Row = TypeVar("Row")
Connection = psycopg.Connection[Any]

_QUERIES = aiosql.from_path(Path(__file__).parent / "sql", "psycopg")


def fetch(conn: Connection, name: str, row: type[Row], **parameters: Any) -> list[Row]:
    """All rows of a named statement, as `row` objects."""
    with conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(_text(name), parameters).fetchall()


def fetch_value(conn: Connection, name: str, **parameters: Any) -> Any:
    """First value of a named statement's first row; None if there is no row."""
    found = conn.execute(_text(name), parameters).fetchone()
    return None if found is None else found[0]


def run(conn: Connection, name: str, **parameters: Any) -> int:
    """Run a named statement; how many rows it touched."""
    return conn.execute(_text(name), parameters).rowcount


def _text(name: str) -> bytes:
    text: str = getattr(_QUERIES, name).sql
    return text.encode()
