"""API keys, of which the database keeps hashes only, and secrets of the home."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

import psycopg
from psycopg.rows import class_row

from desk.database import Database, may_migrate
from desk.errors import DeskError, SettingError

Scope = Literal["read", "control"]

KEY_BYTES = 32
PREFIX = "desk_"
ID_LENGTH = 12
HOME_FILE = "api_key"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: everything but the key."""

    key_id: str
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


def key_hash(key: str) -> bytes:
    """What is stored of a key. It is random, so that one round is enough."""
    return sha256(key.encode()).digest()


def key_id(key: str) -> str:
    """The name a key has from birth, which gives nothing of it away."""
    return key_hash(key).hex()[:ID_LENGTH]


def make_key(database: Database, name: str, scope: Scope) -> str:
    """A new key, to be shown once. `DeskError` when a live key has the name."""
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    try:
        _store(database, key, name, scope)
    except psycopg.errors.UniqueViolation:
        raise DeskError(f"there is a key named {name} already") from None
    return key


def revoke_key(database: Database, home: Path, wanted: str) -> ApiKey:
    """Revoke the live key with a name or id, for good; `DeskError` without one.

    If it is the home's own, its file goes too; the next start makes another.
    """
    with database.connect("owner") as conn:
        revoked = (
            conn.cursor(row_factory=class_row(ApiKey))
            .execute(
                "update trading.api_keys set revoked_at = now()"
                " where revoked_at is null and %s in (name, key_id)"
                " returning key_id, name, scope, created_at, revoked_at",
                [wanted],
            )
            .fetchone()
        )
    if revoked is None:
        raise DeskError(f"no live key has the name or id {wanted}; see desk keys")
    file = home / HOME_FILE
    if file.exists() and key_id(file.read_text().strip()) == revoked.key_id:
        file.unlink()
    return revoked


def list_keys(database: Database) -> list[ApiKey]:
    """Every key ever made, live ones first."""
    with database.connect("owner") as conn:
        return (
            conn.cursor(row_factory=class_row(ApiKey))
            .execute(
                "select key_id, name, scope, created_at, revoked_at"
                " from trading.api_keys"
                " order by revoked_at is not null, created_at, name"
            )
            .fetchall()
        )


def home_key(database: Database, home: Path) -> str:
    """The home's own key, which may read; made on first use, known to the database.

    It stays readable in `home/api_key`, for whoever owns the home. An account that
    doesn't own the schema can't make keys known: there `desk keys make` is for the
    one that does. Raises `DeskError` when the file holds no key.
    """
    key = read_or_create_key(home)
    with database.connect() as conn:
        if not may_migrate(conn):
            return key
    with suppress(psycopg.errors.UniqueViolation):  # known, perhaps revoked
        _store(database, key, f"home-{key_id(key)}", "read")
    return key


def read_or_create_key(home: Path, name: str = HOME_FILE) -> str:
    """The key in a file of the home, made on first use.

    Any number of processes at once get the same key; a killed one leaves no
    half-written file. Raises `DeskError` when the file holds no key.
    """
    path = home / name
    try:
        if not path.exists():
            _create(path)
        key = path.read_text().strip()
    except OSError as broken:
        raise SettingError(
            "DESK_HOME", home, f"{path.name} can't be used: {broken.strerror}"
        ) from broken
    if len(key) < KEY_BYTES:
        raise DeskError(f"{path} holds no usable key; delete it to get a new one")
    return key


def _store(database: Database, key: str, name: str, scope: Scope) -> None:
    with database.connect("owner") as conn:
        conn.execute(
            "insert into trading.api_keys (key_id, name, scope, hash)"
            " values (%s, %s, %s, %s)",
            [key_id(key), name, scope, key_hash(key)],
        )


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written in full under another name (mode 0600), then linked: whoever is
    # first wins, and the name never stands for an unfinished file.
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as draft:
        draft.write(PREFIX + secrets.token_urlsafe(KEY_BYTES) + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)
