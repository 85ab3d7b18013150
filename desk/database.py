"""The desk's database: where it is, and connections with a role's rights only."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.engine import URL

from desk.errors import SettingError
from desk.postgres import embedded_server
from desk.settings import Settings

Role = Literal["owner", "ingest", "dbt", "executor", "reader", "api"]
EMBEDDED_NAME = "desk"


@dataclass(frozen=True, slots=True)
class Database:
    """Connection parameters of the desk's database, as libpq names them."""

    parameters: Mapping[str, str]

    def conninfo(self, role: Role | None = None) -> str:
        """A libpq connection string whose sessions have `desk_<role>`'s rights.

        Without a role: those of the account in DESK_DATABASE_URL.
        """
        parameters = dict(self.parameters)
        if role is not None:
            given = parameters.get("options", "")
            parameters["options"] = f"{given} -c role=desk_{role}".strip()
        return make_conninfo(**parameters)

    def connect(
        self, role: Role | None = None, **options: Any
    ) -> psycopg.Connection[Any]:
        """A psycopg connection with a role's rights; the caller closes it."""
        return psycopg.connect(self.conninfo(role), **options)

    def environment(self) -> dict[str, str]:
        """Variables from which dbt (`profiles.yml`) and libpq find the database."""
        names = ("host", "port", "user", "password", "dbname", "sslmode")
        return {
            f"PG{'DATABASE' if name == 'dbname' else name.upper()}": value
            for name in names
            if (value := self.parameters.get(name))
        }

    def sqlalchemy_url(self, role: Role) -> URL:
        """The same database for SQLAlchemy, through psycopg 3."""
        options = dict(conninfo_to_dict(self.conninfo(role)))
        host = str(options.pop("host", "localhost"))
        return URL.create(
            "postgresql+psycopg",
            username=_text(options.pop("user", None)),
            password=_text(options.pop("password", None)),
            port=int(str(options.pop("port", 5432))),
            database=_text(options.pop("dbname", None)),
            query={"host": host} | {k: str(v) for k, v in options.items()},
        )


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The desk's database, reachable, with roles, schemas and migrations in place.

    Starts the embedded server when `DESK_DATABASE_URL` is unset. Raises
    `SettingError` when the server can't be reached or the home can't be written.
    """
    from desk.migrate import migrate  # it imports this module

    if settings.database_url is not None:
        database = Database(_parameters(settings))
        _check_reachable(database)
        prepare_home(settings)
        migrate(database, settings.columnstore)
        yield database
        return
    prepare_home(settings)
    try:
        with embedded_server(settings.home, settings.pg_bin) as socket_folder:
            server = {"host": str(socket_folder), "port": "5432", "user": "postgres"}
            _create_database(Database(server | {"dbname": "postgres"}))
            database = Database(server | {"dbname": EMBEDDED_NAME})
            migrate(database, settings.columnstore)
            yield database
    except OSError as broken:
        if broken.filename is None:
            raise
        raise SettingError(
            "DESK_HOME", settings.home, f"can't be written: {broken.strerror}"
        ) from broken


def may_migrate(conn: psycopg.Connection[Any]) -> bool:
    """Whether this account owns the desk's schema, or can make it."""
    sql = (Path(__file__).parent / "sql" / "may_migrate.sql").read_bytes()
    return conn.execute(sql).fetchone() == (True,)


def prepare_home(settings: Settings) -> Path:
    """The home folder, made if missing; `SettingError` if it can't be written."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as broken:
        raise SettingError(
            "DESK_HOME", settings.home, f"can't be written: {broken.strerror}"
        ) from broken
    return settings.home


def _parameters(settings: Settings) -> dict[str, str]:
    if settings.database_url is None:
        raise ValueError("no DESK_DATABASE_URL")
    given = conninfo_to_dict(settings.database_url.get_secret_value())
    return {"connect_timeout": "5"} | {k: str(v) for k, v in given.items()}


def _check_reachable(database: Database) -> None:
    try:
        with database.connect() as conn:
            version = conn.info.server_version
    except psycopg.OperationalError as broken:
        where = make_conninfo(
            **{
                k: "***" if k == "password" else v
                for k, v in database.parameters.items()
                if k in ("host", "port", "user", "password", "dbname")
            }
        )
        reason = str(broken).strip().splitlines()[-1].strip()
        raise SettingError(
            "DESK_DATABASE_URL", f"({where})", f"can't be reached: {reason}"
        ) from None
    if version < 160000:
        raise SettingError(
            "DESK_DATABASE_URL",
            "(…)",
            f"Postgres 16 or newer is needed, this is {version // 10000}",
        )


def _create_database(server: Database) -> None:
    with server.connect(autocommit=True) as conn:
        found = conn.execute(
            "select from pg_database where datname = %s", [EMBEDDED_NAME]
        )
        if found.rowcount == 0:
            # Another process may be first.
            with suppress(
                psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation
            ):
                conn.execute(f"create database {EMBEDDED_NAME}")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
