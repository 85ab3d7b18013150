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
        return cursor.execute(text_of(name), parameters).fetchall()


def fetch_value(conn: Connection, name: str, **parameters: Any) -> Any:
    """First value of a named statement's first row; None if there is no row."""
    found = conn.execute(text_of(name), parameters).fetchone()
    return None if found is None else found[0]


def run(conn: Connection, name: str, **parameters: Any) -> int:
    """Run a named statement; how many rows it touched."""
    return conn.execute(text_of(name), parameters).rowcount


def text_of(name: str) -> bytes:
    """The text of a named statement."""
    text: str = getattr(_QUERIES, name).sql
    return text.encode()
