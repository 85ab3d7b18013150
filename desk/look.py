"""`desk sql`: one read-only statement, printed as a table or as CSV."""

import csv
import sys
from decimal import Decimal

import psycopg
from rich.console import Console
from rich.table import Table

from desk.database import Database
from desk.errors import DeskError


def look(database: Database, query: str, *, as_csv: bool) -> None:
    """Run one statement with the reader's rights, read-only, and print its rows.

    Raises `DeskError` with Postgres' own message when the statement fails.
    """
    with database.connect("reader") as conn:
        conn.read_only = True
        # Prepared: Postgres itself then refuses a second statement.
        try:
            cursor = conn.execute(query.encode(), prepare=True)
            columns = [column.name for column in cursor.description or ()]
            rows = cursor.fetchall() if columns else []
        except psycopg.Error as failed:
            message = failed.diag.message_primary or str(failed)
            raise DeskError(f"the statement failed: {message}") from None
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _print_table(columns, rows)


def _print_table(columns: list[str], rows: list[tuple[object, ...]]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for position, column in enumerate(columns):
        values = [row[position] for row in rows]
        number = any(isinstance(value, int | float | Decimal) for value in values)
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, markup=False, highlight=False).print(table)
    print(f"({len(rows)} row{'s' if len(rows) != 1 else ''})")
