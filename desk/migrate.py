"""Roles, schemas and migrations: plain SQL files, applied by yoyo."""

from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from yoyo import get_backend, read_migrations

from desk.calendar import reaches_far_enough, store_sessions
from desk.database import Database, may_migrate
from desk.errors import DeskError
from desk.locks import MIGRATION_LOCK
from desk.longer_bars import store_longer_bars

FOLDER = Path(__file__).parent


def migrate(database: Database, columnstore: str = "off") -> None:
    """Bring the database to the newest schema; a second call changes nothing.

    `columnstore`: `on` lets TimescaleDB, where it is, keep old prices by column.
    Safe while other processes do the same: one at a time, each migration in its own
    transaction. An account that doesn't own the schema changes nothing: `DeskError`
    when it is not the newest.
    """
    with database.connect(autocommit=True) as conn:
        if not may_migrate(conn):
            _check_newest(conn)
            return
        conn.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        _bootstrap(conn)
        _create_timescaledb(conn)
        _apply(database)
        conn.execute("select set_config('desk.columnstore', %s, false)", [columnstore])
        conn.execute((FOLDER / "sql" / "hypertables.sql").read_bytes())
        store_longer_bars(database)
    with database.connect("owner") as conn:
        if not reaches_far_enough(conn):
            store_sessions(conn)


def migration_names() -> list[str]:
    """The migrations this program knows, as the database notes them."""
    return sorted(path.stem for path in (FOLDER / "migrations").glob("*.sql"))


def _check_newest(conn: psycopg.Connection) -> None:
    wanted = set(migration_names())
    try:
        with conn.transaction():
            conn.execute("set local role desk_reader")
            found = conn.execute("select migration_id from migrations._yoyo_migration")
            applied = {str(row[0]) for row in found}
    except psycopg.Error:  # so old that it can't be asked
        applied = set()
    if wanted - applied:
        raise DeskError(
            "the database's schema is older than this desk: run `desk migrate` with "
            "an account that owns it"
        )


def _bootstrap(conn: psycopg.Connection) -> None:
    try:
        with conn.transaction():
            conn.execute((FOLDER / "sql" / "bootstrap.sql").read_bytes())
    except psycopg.errors.InsufficientPrivilege as refused:
        raise DeskError(
            "this account can't prepare the database, run `desk migrate` with one "
            f"that may: {refused.diag.message_primary}"
        ) from None


def _apply(database: Database) -> None:
    backend = get_backend(_yoyo_url(database))
    try:
        migrations = read_migrations(str(FOLDER / "migrations"))
        # Not under yoyo's own lock: a killed process would leave it behind.
        backend.apply_migrations(backend.to_apply(migrations))
    finally:
        backend.connection.close()


def _yoyo_url(database: Database) -> str:
    parameters = dict(database.parameters)
    name = quote(parameters.pop("dbname"), safe="")
    user = quote(parameters.pop("user", ""), safe="")
    password = quote(parameters.pop("password", ""), safe="")
    options = f"{parameters.pop('options', '')} -c role=desk_owner".strip()
    query = parameters | {"options": options, "schema": "migrations"}
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"postgresql+psycopg://{login}/{name}?{urlencode(query, quote_via=quote)}"


def _create_timescaledb(conn: psycopg.Connection) -> None:
    """Create the extension where the server offers it and the account may."""
    offered = conn.execute(
        "select from pg_available_extensions"
        " where name = 'timescaledb' and installed_version is null"
    )
    if offered.rowcount == 0:
        return
    try:
        conn.execute("create extension timescaledb")
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.UndefinedFile,
        psycopg.errors.ObjectNotInPrerequisiteState,
        psycopg.errors.InternalError,
    ) as refused:
        # Plain tables serve as well; say why, once per start.
        import structlog

        structlog.get_logger().warning("timescaledb_not_used", reason=str(refused))
