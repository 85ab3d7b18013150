"""Superset beside the desk: its database, its accounts, its process.

It lives in an environment of its own (`.venv-superset`), keeps its metadata in a
database of its own beside the desk's, and reads the desk through a login that has
`desk_reader`'s rights and no others: SQL typed into it can't take another role.
"""

import os
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from desk.database import Database
from desk.errors import DeskError
from desk.keys import read_or_create_key
from desk.ports import address
from desk.settings import PROJECT, Settings

FILES = PROJECT / "superset"
PROGRAMS = PROJECT / ".venv-superset" / "bin"
PUSHED = "superset/pushed"  # in the home: a hash of the files Superset has
READ_TIMEOUT_SECONDS = 30
THREADS = 20


@dataclass(frozen=True, slots=True)
class Superset:
    """Where Superset is and how it is entered; the secrets are kept in the home."""

    url: str
    admin_password: str
    viewer_password: str
    metadata_uri: str
    reader_uri: str
    secret_key: str

    @property
    def accounts(self) -> dict[str, str]:
        """Names and passwords, of the one who may all and of the one who looks."""
        return {"viewer": self.viewer_password, "admin": self.admin_password}


def is_installed() -> bool:
    """Whether `make up` has made Superset's environment."""
    return (PROGRAMS / "gunicorn").exists()


def superset_of(settings: Settings, database: Database) -> Superset:
    """This home's Superset; keys and passwords are made on first use."""
    folder = settings.home / "superset"
    name = settings.superset_database
    secrets = {
        kind: read_or_create_key(folder, kind)
        for kind in ("secret_key", "admin", "viewer", "metadata", "reader")
    }
    return Superset(
        url=address(settings.host, settings.superset_port),
        admin_password=secrets["admin"],
        viewer_password=secrets["viewer"],
        metadata_uri=_uri(database, name, secrets["metadata"], name),
        reader_uri=_uri(
            database,
            f"{name}_reader",
            secrets["reader"],
            database.parameters["dbname"],
        ),
        secret_key=secrets["secret_key"],
    )


def prepare(settings: Settings, database: Database) -> Superset:
    """Superset ready to start: database, logins, tables, roles and accounts.

    A second time with the same Superset and the same files does nothing. Raises
    `DeskError` when the database account may not make what is missing, or when
    Superset fails, with its last words.
    """
    found = superset_of(settings, database)
    stamp = settings.home / "superset" / "prepared"
    if _make_database(settings, database):
        stamp.unlink(missing_ok=True)
        (settings.home / PUSHED).unlink(missing_ok=True)
    version = _digest(found)
    if not stamp.exists() or stamp.read_text() != version:
        _provision(settings, found)
        stamp.write_text(version)
    return found


def superset_environment(superset: Superset) -> dict[str, str]:
    """The variables that superset_config.py reads, and where it is."""
    return {
        "PYTHONPATH": str(FILES),
        "SUPERSET_CONFIG_PATH": str(FILES / "superset_config.py"),
        "SUPERSET_SECRET_KEY": superset.secret_key,
        "SUPERSET_METADATA_URI": superset.metadata_uri,
    }


def _provision(settings: Settings, superset: Superset) -> None:
    log = settings.home / "logs" / "superset-provision.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    accounts = {
        "SUPERSET_ADMIN_PASSWORD": superset.admin_password,
        "SUPERSET_VIEWER_PASSWORD": superset.viewer_password,
    }
    with log.open("w") as output:
        done = subprocess.run(
            [str(PROGRAMS / "python"), str(FILES / "provision.py")],
            env=os.environ | superset_environment(superset) | accounts,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd=settings.home,
        )
    if done.returncode != 0:
        said = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
        raise DeskError(f"Superset can't be set up: {said[-1]} (see {log})")


def _digest(superset: Superset) -> str:
    files = (FILES / "requirements.txt", FILES / "provision.py")
    digest = sha256(superset.metadata_uri.encode())
    digest.update(f"{superset.admin_password} {superset.viewer_password}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


# Its database ------------------------------------------------------------------


def _make_database(settings: Settings, database: Database) -> bool:
    """The metadata database and two logins, its owner and the desk's reader; whether
    the database is new."""
    name = settings.superset_database
    folder = settings.home / "superset"
    try:
        with database.connect(autocommit=True) as conn:
            for role, kind in ((name, "metadata"), (f"{name}_reader", "reader")):
                _make_login(conn, role, read_or_create_key(folder, kind))
            reader = sql.Identifier(f"{name}_reader")
            for setting in (
                "default_transaction_read_only = on",
                f"statement_timeout = '{READ_TIMEOUT_SECONDS}s'",
            ):
                conn.execute(sql.SQL("alter role {} set " + setting).format(reader))
            conn.execute(sql.SQL("grant desk_reader to {}").format(reader))
            found = conn.execute("select from pg_database where datname = %s", [name])
            is_new = found.rowcount == 0
            if is_new:
                conn.execute(
                    sql.SQL("create database {0} owner {0}").format(
                        sql.Identifier(name)
                    )
                )
    except psycopg.errors.InsufficientPrivilege as refused:
        raise DeskError(
            f"Superset needs a database {name} and the logins {name} and "
            f"{name}_reader, which this account may not make: "
            f"{refused.diag.message_primary}; without dashboards: DESK_DASHBOARDS=no"
        ) from None
    return is_new


def _make_login(
    conn: psycopg.Connection[tuple[object, ...]], role: str, password: str
) -> None:
    name = sql.Identifier(role)
    found = conn.execute("select from pg_roles where rolname = %s", [role])
    verb = "create" if found.rowcount == 0 else "alter"
    conn.execute(
        sql.SQL(verb + " role {} login password {}").format(name, sql.Literal(password))
    )
    conn.execute(sql.SQL("grant {} to current_user").format(name))


def _uri(database: Database, user: str, password: str, name: str) -> str:
    given = dict(database.parameters)
    host = given.pop("host", "localhost")
    port = given.pop("port", "5432")
    for ours in ("user", "password", "dbname", "options"):
        given.pop(ours, None)
    # A folder of sockets can't stand before the colon.
    options = urlencode({"host": host, "port": port} | given)
    return f"postgresql+psycopg2://{quote(user)}:{quote(password)}@/{name}?{options}"
