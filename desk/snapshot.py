"""Snapshot: the desk's prices as Parquet files, for engines that read files.

`<root>/raw_prices/year=YYYY/part-0.parquet` by year of the session, ordered by symbol
and session; `<root>/<table>/part-0.parquet` for the other tables; `manifest.json` last.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import aiosql
import fsspec
import psycopg
from fsspec.implementations.local import LocalFileSystem

from desk.code_version import code_version
from desk.database import Database
from desk.errors import DeskError
from desk.locks import SNAPSHOT_LOCK
from desk.parquet import PartFile, write_part

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "snapshot.sql", "psycopg")
MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
FORMAT = 1
NOW = "infinity"
BY_YEAR = "raw_prices"
WHOLE = ("raw_price_revisions", "corporate_actions", "corporate_action_revisions")

Connection = psycopg.Connection[Any]
OnPart = Callable[[str], None]


@dataclass(slots=True)
class TableFiles:
    """One table: its columns with their Arrow types, and its files in order."""

    columns: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    fingerprint: str = ""
    files: list[PartFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """Where a snapshot is, its files, rows of all tables, and size in bytes."""

    location: str
    files: int
    rows: int
    size: int

    @property
    def said(self) -> str:
        """The report as a line."""
        return f"{self.rows:,} rows in {self.files} files, {self.size / 1e6:,.1f} MB"


def snapshot(
    database: Database,
    to: str,
    as_of: datetime | None = None,
    on_part: OnPart = lambda _: None,
) -> SnapshotReport:
    """Write `raw`'s prices and corporate actions (those known `as_of`) to a folder.

    `to` is a path or any URL that fsspec knows. All of it is one moment of the
    database. It appears when it is whole: a folder by its name, elsewhere by its
    manifest. Raises `DeskError` where something is already, and if no price was known
    then.
    """
    with _one_moment(database) as conn, _place(to, database) as (store, folder):
        tables = _write_tables(conn, store, folder, as_of or NOW, on_part)
        if as_of and not tables[BY_YEAR].rows:
            raise DeskError(f"no price was known at {as_of:%Y-%m-%d %H:%M %Z}")
        manifest = {
            "format": FORMAT,
            "schema_version": QUERIES.newest_migration(conn),
            "code_version": code_version(),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "as_of": as_of.isoformat() if as_of else None,
            "fingerprint": fingerprint_of(
                {n: t.fingerprint for n, t in tables.items()}
            ),
            "tables": {name: asdict(table) for name, table in tables.items()},
        }
        store.pipe_file(f"{folder}/{MANIFEST}", json.dumps(manifest, indent=1).encode())
    files = [file for table in tables.values() for file in table.files]
    return SnapshotReport(
        to, len(files), sum(f.rows for f in files), sum(f.size for f in files)
    )


def fingerprint_of(tables: dict[str, str]) -> str:
    """One hash of the tables' data, which are hashed as COPY writes them."""
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def store_of(location: str) -> tuple[Any, str]:
    """The file system of a path or URL, and the folder there.

    Raises `DeskError` if the address means nothing or needs a package that is missing.
    """
    try:
        store, folder = fsspec.core.url_to_fs(location)
    except (ImportError, ValueError) as unknown:
        raise DeskError(f"{location}: {unknown}") from None
    return store, str(folder).rstrip("/")


@contextmanager
def _place(to: str, database: Database) -> Iterator[tuple[Any, str]]:
    """Where to write: beside a folder that then gets its name, or where it will be.

    What a run that died has left is taken away: a draft bears its database's name, and
    in an object store the mark of what is not finished.
    """
    store, folder = store_of(to)
    local = isinstance(store, LocalFileSystem)
    draft = str(PurePosixPath(folder).with_name(_draft_of(database)))
    draft = draft if local else folder
    mark = f"{draft}/{UNFINISHED}"
    if store.exists(f"{folder}/{MANIFEST}"):
        raise DeskError(f"{to}: a snapshot is there already; name another place")
    if store.exists(folder) and (local or not store.exists(mark)):
        raise DeskError(f"{to}: something else is there already; name another place")
    try:
        _remove(store, draft)
        store.makedirs(draft, exist_ok=True)
        store.pipe_file(mark, b"")
        yield store, draft
        store.rm_file(mark)
        if local:
            Path(draft).rename(folder)
    except OSError as broken:
        _remove(store, draft)
        reason = broken.strerror or broken
        raise DeskError(f"the snapshot can't be written to {to}: {reason}") from None
    except BaseException:
        _remove(store, draft)
        raise


def _draft_of(database: Database) -> str:
    """One database writes one snapshot at a time, and finds what it left behind."""
    where = [database.parameters.get(name) for name in ("host", "port", "dbname")]
    digest = hashlib.sha256(json.dumps(where).encode()).hexdigest()
    return f".desk-{digest[:12]}.partial"


def _remove(store: Any, folder: str) -> None:
    if store.exists(folder):
        store.rm(folder, recursive=True)


@contextmanager
def _one_moment(database: Database) -> Iterator[Connection]:
    with database.connect("reader", autocommit=True) as conn:
        # Two at once would write into the same unfinished folder.
        list(QUERIES.wait_for_turn(conn, lock=SNAPSHOT_LOCK))
        conn.execute("set timezone = 'UTC'")
        conn.execute("begin isolation level repeatable read, read only")
        yield conn


def _write_tables(
    conn: Connection, store: Any, folder: str, moment: datetime | str, on_part: OnPart
) -> dict[str, TableFiles]:
    tables = {name: TableFiles() for name in (BY_YEAR, *WHOLE)}
    digests = {name: hashlib.sha256() for name in tables}
    for name, part, given in _parts(conn, moment):
        on_part(part)
        statement = psycopg.ClientCursor(conn).mogrify(
            getattr(QUERIES, name).sql.rstrip().rstrip(";"), given
        )
        written, columns = write_part(
            conn, statement, store, folder, f"{part}/part-0.parquet", digests[name]
        )
        tables[name].columns = columns
        tables[name].rows += written.rows
        tables[name].files.append(written)
    for name, digest in digests.items():
        tables[name].fingerprint = digest.hexdigest()
    return tables


def _parts(
    conn: Connection, moment: datetime | str
) -> Iterator[tuple[str, str, dict[str, object]]]:
    first, last = QUERIES.years(conn, moment=moment)
    # An empty table has a file too: without one, nobody knows its columns.
    for year in range(first or 1, (last or 1) + 1):
        yield BY_YEAR, f"{BY_YEAR}/year={year}", {"moment": moment, "year": year}
    for name in WHOLE:
        yield name, name, {"moment": moment}
