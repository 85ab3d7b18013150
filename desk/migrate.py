"""Roles, schemas and migrations: plain SQL files, applied by yoyo."""

from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from yoyo import get_backend, read_migrations

from desk.calendar import reaches_far_enough, store_sessions
from desk.database import Database

FOLDER = Path(__file__).parent
MIGRATION_LOCK = 0x6465736B  # "desk"


def migrate(database: Database, columnstore: str = "off") -> None:
    """Bring the database to the newest schema; a second call changes nothing.

    `columnstore`: `on` lets TimescaleDB, where it is, keep old prices by column.
    Safe while other processes do the same: one at a time, each migration in its own
    transaction.
    """
    with database.connect(autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        with conn.transaction():
            conn.execute((FOLDER / "sql" / "bootstrap.sql").read_bytes())
        _create_timescaledb(conn)
        _apply(database)
        conn.execute("select set_config('desk.columnstore', %s, false)", [columnstore])
        conn.execute((FOLDER / "sql" / "hypertables.sql").read_bytes())
    with database.connect("owner") as conn:
        if not reaches_far_enough(conn):
            store_sessions(conn)


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
