"""A real API process over a database of its own, and signals to publish."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from psycopg.types.json import Jsonb
from websockets.sync.client import ClientConnection, connect

from desk.database import Database
from desk.keys import read_or_create_key
from desk.settings import Settings
from tests.conftest import CopyDatabase, url_of
from tests.processes import free_port, running_api

FRIDAY = date(2013, 3, 1)
EVENING = datetime(2013, 3, 2, 1, tzinfo=UTC)
NEXT_CLOSE = datetime(2013, 3, 4, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Service:
    """A running API, its key and its database."""

    port: int
    key: str
    database: Database

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(
            f"http://127.0.0.1:{self.port}{path}",
            headers=headers,
            trust_env=False,
            timeout=10,
        )

    def ask(self, path: str) -> Any:
        answered = self.get(path, **{"X-API-Key": self.key})
        assert answered.status_code == 200, answered.text
        return answered.json()

    def listen(self, **headers: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}/ws",
            additional_headers=headers or {"X-API-Key": self.key},
            proxy=None,
        )

    def publish(self, symbol: str, day: date = FRIDAY, **details: object) -> str:
        """One signal, published as the desk would; its key."""
        with self.database.connect("executor") as conn:
            publish_session(conn, day)
            insert_signal(conn, symbol, day, details)
        return f"sma_cross|{symbol}|{day}"


def publish_session(conn: Any, day: date) -> None:
    conn.execute(
        "insert into trading.published_sessions values"
        " (%s, 0, gen_random_uuid(), %s) on conflict do nothing",
        [day, EVENING],
    )


def insert_signal(
    conn: Any, symbol: str, day: date, details: dict[str, object]
) -> None:
    conn.execute(
        "insert into trading.signals (signal_key, strategy, symbol, bar_date, side,"
        " close, details, run_id, published_at, valid_until) values"
        " (%s, 'sma_cross', %s, %s, 'buy', 12.5, %s, gen_random_uuid(), %s, %s)",
        [
            f"sma_cross|{symbol}|{day}",
            *(symbol, day, Jsonb(details), EVENING, NEXT_CLOSE),
        ],
    )


def settings_of(database: Database, tmp: Any) -> Settings:
    return Settings(home=tmp, database_url=url_of(database), api_port=free_port())


@pytest.fixture(scope="module")
def service(
    templates: CopyDatabase,
    migrated: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    database = templates(migrated)
    settings = settings_of(database, tmp_path_factory.mktemp("home"))
    with running_api(settings):
        key = read_or_create_key(settings.home)
        yield Service(settings.api_port, key, database)
