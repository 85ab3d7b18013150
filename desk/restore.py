"""Restore: a backup's rows into a database, whatever its version and kind."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import psycopg
from psycopg import sql

from desk.backup import FORMAT, MANIFEST, QUERIES, BackupReport, identifier
from desk.database import Database
from desk.errors import DeskError
from desk.locks import MIGRATION_LOCK
from desk.migrate import FOLDER, migrate

# Filled by every start of the desk: they don't make a database a used one.
ALWAYS_FILLED = ("raw.exchange_sessions", "trading.control")
BLOCK_BYTES = 1 << 20

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a backup says of itself. Columns and rows by table, in one order."""

    migrations: Sequence[str]
    columns: Mapping[str, str]
    rows: Mapping[str, int]
    sequences: Mapping[str, tuple[int, bool]]


def restore(
    database: Database, path: Path, *, replace: bool = False, columnstore: str = "off"
) -> BackupReport:
    """Put a backup into the migrated database; the next build calculates the rest.

    One transaction: killed or failed, it leaves the database as it was. A backup of
    an older desk is brought to this one's schema. Raises `DeskError` when the
    database holds anything and may not be replaced, and for a file that is no
    backup, is damaged or was made by a newer desk.
    """
    try:
        with ZipFile(path) as archive:
            manifest = _read_manifest(path, archive)
            with database.connect() as conn:
                _take_over(conn, archive, manifest, replace=replace)
    except FileNotFoundError:
        raise DeskError(f"there is no file {path}") from None
    except BadZipFile as damaged:
        raise DeskError(f"{path} is no backup, or damaged: {damaged}") from None
    migrate(database, columnstore)
    return BackupReport(
        len(manifest.rows), sum(manifest.rows.values()), path.stat().st_size
    )


def _read_manifest(path: Path, archive: ZipFile) -> _Manifest:
    try:
        told = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError):
        raise DeskError(f"{path} is no backup of a desk") from None
    known = {file.stem for file in (FOLDER / "migrations").glob("*.sql")}
    newer = [name for name in told["migrations"] if name not in known]
    if told["format"] != FORMAT or newer:
        why = f" (this desk doesn't know {newer[0]})" if newer else ""
        raise DeskError(f"{path} was made by a newer desk{why}; update this one")
    return _Manifest(
        told["migrations"], told["columns"], told["rows"], told["sequences"]
    )


def _take_over(
    conn: Connection, archive: ZipFile, manifest: _Manifest, *, replace: bool
) -> None:
    conn.execute("select pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
    if not replace and (filled := _filled_tables(conn)):
        raise DeskError(
            f"the database is not empty ({', '.join(filled[:3])}): restore into "
            "another, or add --replace to throw away what it holds"
        )
    _make_anew(conn, manifest.migrations)
    conn.execute("set local role desk_owner")
    tables = _in_order(conn, manifest.columns)
    for name in tables:
        _alter(conn, name, "disable")
    listed = sql.SQL(", ").join(map(identifier, tables))
    conn.execute(sql.SQL("truncate {}").format(listed))
    for name in tables:
        _copy_in(conn, archive, name, manifest)
    for name in tables:
        _alter(conn, name, "enable")
    for name, (last_value, is_called) in manifest.sequences.items():
        conn.execute(
            "select setval(%s::regclass, %s, %s)", [name, last_value, is_called]
        )


def _filled_tables(conn: Connection) -> list[str]:
    conn.execute("set local role desk_owner")
    statement = "select exists (select from {})"
    filled = [
        name
        for name, _ in QUERIES.tables(conn)
        if name not in ALWAYS_FILLED
        and conn.execute(sql.SQL(statement).format(identifier(name))).fetchone()
        == (True,)
    ]
    conn.execute("reset role")
    return filled


def _make_anew(conn: Connection, migrations: Sequence[str]) -> None:
    """Empty schemas as the backup's desk had them."""
    for name, owner in QUERIES.schemas(conn):
        conn.execute(sql.SQL("set local role {}").format(sql.Identifier(owner)))
        conn.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))
    conn.execute("reset role")
    conn.execute((FOLDER / "sql" / "bootstrap.sql").read_bytes())
    conn.execute("set local role desk_owner")
    for name in sorted(migrations):
        conn.execute((FOLDER / "migrations" / f"{name}.sql").read_bytes())
    QUERIES.forget_migrations(conn, kept=list(migrations))
    conn.execute("reset role")


def _in_order(conn: Connection, tables: Mapping[str, str]) -> list[str]:
    """Referred tables before those that refer to them."""
    order = TopologicalSorter[str](dict.fromkeys(tables, ()))
    for referring, referred in QUERIES.references(conn):
        order.add(referring, referred)
    return list(order.static_order())


def _alter(conn: Connection, name: str, verb: str) -> None:
    # A ledger is filled as it was, not anew: no events, no announcements.
    statement = f"alter table {{}} {verb} trigger user"
    conn.execute(sql.SQL(statement).format(identifier(name)))


def _copy_in(
    conn: Connection, archive: ZipFile, name: str, manifest: _Manifest
) -> None:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        identifier(name), identifier(manifest.columns[name])
    )
    with conn.cursor() as cursor:
        with archive.open(name) as entry, cursor.copy(statement) as rows:
            while block := entry.read(BLOCK_BYTES):
                rows.write(block)
        if cursor.rowcount != manifest.rows[name]:
            raise BadZipFile(
                f"{name} has {cursor.rowcount} of {manifest.rows[name]} rows"
            )
