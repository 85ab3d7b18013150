"""A real API process over a database of its own, and signals to publish."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg.types.json import Jsonb
from websockets.sync.client import ClientConnection, connect

from desk.calendar import desk_clock
from desk.database import Database
from desk.keys import make_key, read_or_create_key
from desk.settings import Settings
from executor.ledger import client_order_id
from executor.replay import replay
from tests.conftest import CopyDatabase, url_of
from tests.processes import free_port, running_api, within

# One for all: making one loads certificates. No connection is kept.
CLIENT = httpx.Client(
    trust_env=False, timeout=10, limits=httpx.Limits(max_keepalive_connections=0)
)
FRIDAY = date(2013, 3, 1)
EVENING = datetime(2013, 3, 2, 1, tzinfo=UTC)
NEXT_CLOSE = datetime(2013, 3, 4, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Service:
    """A running API, its keys and its database."""

    port: int
    key: str
    control_key: str
    database: Database
    settings: Settings

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, **headers)

    def request(
        self, method: str, path: str, json: object = None, **headers: str
    ) -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}{path}"
        return CLIENT.request(method, url, headers=headers, json=json)

    def ask(self, path: str) -> Any:
        answered = self.get(path, **{"X-API-Key": self.key})
        assert answered.status_code == 200, answered.text
        return answered.json()

    def listen(self, query: str = "", **headers: str) -> ClientConnection:
        """The live feed, its first message (the place it begins at) taken."""
        client = connect(
            f"ws://127.0.0.1:{self.port}/ws{query}",
            additional_headers=headers or {"X-API-Key": self.key},
            proxy=None,
        )
        client.recv(timeout=10)
        return client

    def publish(self, symbol: str, day: date = FRIDAY, **details: object) -> str:
        """One signal, published as the desk would; its key."""
        return publish(self.database, symbol, day, **details)


def publish(
    database: Database, symbol: str, day: date = FRIDAY, **details: object
) -> str:
    with database.connect("executor") as conn:
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


def order_for(conn: Any, signal_key: str) -> None:
    """A signal's verdict: blocked, for want of cash."""
    conn.execute(
        "insert into trading.orders (account_id, signal_key, client_order_id, signal,"
        " strategy, symbol, side, qty, price, valid_until, state, reason, created_at,"
        " updated_at) values ('sim:test', %s, %s, '{}', 'sma_cross', %s, 'buy', 1,"
        " 12.5, %s, 'blocked', 'not enough cash', %s, %s)",
        [
            signal_key,
            client_order_id(signal_key),
            signal_key.split("|")[1],
            NEXT_CLOSE,
            EVENING,
            EVENING,
        ],
    )


def settings_of(database: Database, tmp: Path, **given: Any) -> Settings:
    return Settings(
        home=tmp,
        database_url=url_of(database),
        api_port=free_port(),
        **{"api_requests_per_minute": 1_000_000, **given},
    )


def serving(database: Database, home: Path, **given: Any) -> Iterator[Service]:
    settings = settings_of(database, home, **given)
    with running_api(settings):
        key = read_or_create_key(settings.home)
        control = make_key(database, "control", "control")
        service = Service(settings.api_port, key, control, database, settings)
        is_known = partial(service.get, "/latest", **{"X-API-Key": control})
        assert within(5, lambda: is_known().status_code == 200)
        yield service


@pytest.fixture(scope="module")
def service(
    templates: CopyDatabase,
    migrated: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """Over an empty ledger, nothing built."""
    yield from serving(templates(migrated), tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def full_service(
    templates: CopyDatabase,
    built: Database,
    built_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """Over the built sample, with the orders of its last 20 sessions."""
    database = templates(built)
    replay(built_settings, database, desk_clock(built_settings), 20)
    yield from serving(database, tmp_path_factory.mktemp("home"))
