"""Backup: every row that can't be calculated again, in one file.

A zip file with `manifest.json` and, for each table, its rows as COPY writes them. Not
pg_dump: it can't take a hypertable to a plain Postgres or back, see DECISIONS.md.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import aiosql
import psycopg
from psycopg import IsolationLevel, sql

from desk.code_version import code_version
from desk.database import Database
from desk.errors import DeskError

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "backup.sql", "psycopg")
MANIFEST = "manifest.json"
FORMAT = 1

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """How many tables and rows a file holds, and its size in bytes."""

    tables: int
    rows: int
    size: int

    @property
    def said(self) -> str:
        """The report as a line."""
        megabytes = self.size / 1e6
        return f"{self.rows:,} rows of {self.tables} tables, {megabytes:,.1f} MB"


def backup(database: Database, path: Path) -> BackupReport:
    """Write all of `raw`, `trading` and `research`, as of one moment, to a file.

    The file appears when it is complete; an older one of that name is then replaced.
    Only its owner may read it. Raises `DeskError` when it can't be written.
    """
    with database.connect("owner") as conn, _replacing(path) as draft:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        rows: dict[str, int] = {}
        tables = dict(QUERIES.tables(conn))
        with ZipFile(draft, "w", ZIP_DEFLATED) as archive:
            for name, columns in tables.items():
                rows[name] = _copy_out(conn, archive, name, columns)
            manifest = {
                "format": FORMAT,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "code_version": code_version(),
                "migrations": [row[0] for row in QUERIES.migrations(conn)],
                "columns": tables,
                "rows": rows,
                "sequences": _sequences(conn),
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return BackupReport(len(rows), sum(rows.values()), path.stat().st_size)


def identifier(name: str) -> sql.SQL:
    """A name that Postgres itself has quoted (`quote_ident`)."""
    return sql.SQL(name)


def _copy_out(conn: Connection, archive: ZipFile, name: str, columns: str) -> int:
    # A query, not the table: of a hypertable's own rows there are none.
    statement = sql.SQL("copy (select {} from {}) to stdout").format(
        identifier(columns), identifier(name)
    )
    with conn.cursor() as cursor:
        with (
            archive.open(name, "w", force_zip64=True) as entry,
            cursor.copy(statement) as rows,
        ):
            for block in rows:
                entry.write(block)
        return cursor.rowcount


def _sequences(conn: Connection) -> dict[str, tuple[int, bool]]:
    statement = "select last_value, is_called from {}"
    found: dict[str, tuple[int, bool]] = {}
    for (name,) in QUERIES.sequences(conn):
        row = conn.execute(sql.SQL(statement).format(identifier(name))).fetchone()
        if row is not None:
            found[name] = row
    return found


@contextmanager
def _replacing(path: Path) -> Iterator[Any]:
    """A file that takes the name when the block ends well, and else goes away."""
    draft = None
    try:
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as draft:
            yield draft
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(path)
    except OSError as broken:
        reason = broken.strerror or broken
        raise DeskError(f"the backup can't be written to {path}: {reason}") from None
    finally:
        if draft is not None:
            Path(draft.name).unlink(missing_ok=True)
