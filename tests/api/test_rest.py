"""What scripts get over HTTP, and who gets it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from desk.database import Database
from executor.ledger import client_order_id
from tests.api.conftest import EVENING, FRIDAY, NEXT_CLOSE, Service, publish_session
from tests.processes import within

THURSDAY = date(2013, 2, 28)


def order_for(conn: Any, signal_key: str, state: str, reason: str | None) -> None:
    conn.execute(
        "insert into trading.orders (account_id, signal_key, client_order_id, signal,"
        " strategy, symbol, side, qty, price, valid_until, state, reason, created_at,"
        " updated_at) values ('sim:test', %s, %s, '{}', 'sma_cross', 'X', 'buy', 1,"
        " 12.5, %s, %s, %s, %s, %s)",
        [
            signal_key,
            client_order_id(signal_key),
            NEXT_CLOSE,
            state,
            reason,
            EVENING,
            EVENING,
        ],
    )


@contextmanager
def away(server: Database, database: Database) -> Iterator[None]:
    """Nobody can connect to the database, and whoever was is thrown out."""
    name = database.parameters["dbname"]
    with server.connect(autocommit=True) as admin:
        admin.execute(f"alter database {name} with allow_connections false")
        try:
            admin.execute(
                "select pg_terminate_backend(pid, 5000)"
                " from pg_stat_activity where datname = %s",
                [name],
            )
            yield
        finally:
            admin.execute(f"alter database {name} with allow_connections true")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic d3Jvbmc6"},
    ],
)
def test_without_the_key_nobody_gets_in_and_all_hear_the_same(
    service: Service, headers: dict[str, str]
) -> None:
    answered = service.get("/latest", **headers)
    assert answered.status_code == 401
    assert answered.json() == {"status_code": 401, "detail": "Unauthorized"}


def test_the_key_opens_in_either_header(service: Service) -> None:
    assert service.get("/latest", **{"X-API-Key": service.key}).status_code == 200
    bearer = service.get("/latest", Authorization=f"Bearer {service.key}")
    assert bearer.status_code == 200


def test_latest_gives_the_newest_signals_first_with_reasons(service: Service) -> None:
    service.publish("OLD", THURSDAY)
    key = service.publish("AAPL", sentence="SMA 50 rose above SMA 200.")
    latest = service.ask("/latest")
    assert latest["session_date"] == "2013-03-01"
    signal, *_ = latest["signals"]
    assert signal.pop("sequence") > 0
    assert signal == {
        "signal_key": key,
        "strategy": "sma_cross",
        "symbol": "AAPL",
        "bar_date": "2013-03-01",
        "side": "buy",
        "close": 12.5,
        "details": {"sentence": "SMA 50 rose above SMA 200."},
        "published_at": "2013-03-02T01:00:00Z",
        "valid_until": "2013-03-04T21:00:00Z",
        "executed": None,
        "executed_reason": None,
    }


def test_a_signal_tells_what_became_of_its_order(service: Service) -> None:
    key = service.publish("BLOCKED")
    with service.database.connect("executor") as conn:
        order_for(conn, key, "blocked", "not enough cash")
    told = {s["symbol"]: s for s in service.ask("/latest")["signals"]}
    assert told["BLOCKED"]["executed"] == "blocked"
    assert told["BLOCKED"]["executed_reason"] == "not enough cash"


def test_a_limit_asks_for_fewer(service: Service) -> None:
    service.publish("EARLY", THURSDAY)
    service.publish("LATE", FRIDAY)
    signals = service.ask("/latest?limit=2")["signals"]
    assert [s["symbol"] for s in signals] == ["LATE", "EARLY"]


@pytest.mark.parametrize("limit", ["0", "-1", "501", "many"])
def test_a_limit_out_of_bounds_is_refused(service: Service, limit: str) -> None:
    refused = service.get(f"/latest?limit={limit}", **{"X-API-Key": service.key})
    assert refused.status_code == 400


def test_a_session_without_signals_is_the_last_one_too(
    service: Service,
) -> None:
    service.publish("FRIDAY", FRIDAY)
    with service.database.connect("executor") as conn:
        publish_session(conn, date(2013, 3, 4))
    try:
        latest = service.ask("/latest?limit=1")
        assert latest["session_date"] == "2013-03-04"
        assert [s["bar_date"] for s in latest["signals"]] == ["2013-03-01"]
    finally:
        with service.database.connect() as conn:
            conn.execute(
                "delete from trading.published_sessions"
                " where session_date = '2013-03-04'"
            )


def test_health_needs_no_key_and_knows_the_last_bars(service: Service) -> None:
    with service.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.raw_prices"
            " select symbol, bar_date, 1, 1, 1, 1, 1, 'test', now() from (values"
            " ('A', '2013-02-27'), ('B', '2013-02-28'), ('C', '2013-02-26')"
            ") as bars (symbol, bar_date_text), cast(bar_date_text as date) as bar_date"
        )
    healthy = service.get("/health")
    assert healthy.status_code == 200
    assert healthy.json() == {
        "status": "ok",
        "database": "reachable",
        "last_session": "2013-02-28",
    }


def test_a_database_away_is_said_in_time_and_forgotten_when_back(
    service: Service, server: Database
) -> None:
    with away(server, service.database):
        started = time.monotonic()
        refused = service.get("/latest", **{"X-API-Key": service.key})
        assert time.monotonic() - started < 2.5
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "2"
        assert refused.json() == {
            "status_code": 503,
            "detail": "The database is away; try again.",
        }
        ill = service.get("/health")
        assert ill.status_code == 503
        assert ill.json() == {
            "status": "unavailable",
            "database": "unreachable",
            "last_session": None,
        }
    assert within(2, lambda: service.get("/health").status_code == 200)
    assert service.ask("/latest")


def test_a_failure_tells_the_client_nothing_of_the_inside(service: Service) -> None:
    rename = "alter view trading.{} rename to {}"
    with service.database.connect(autocommit=True) as conn:
        conn.execute(rename.format("signal_states", "gone"))
        try:
            failed = service.get("/latest", **{"X-API-Key": service.key})
        finally:
            conn.execute(rename.format("gone", "signal_states"))
    assert failed.status_code == 500
    assert failed.json() == {"status_code": 500, "detail": "Internal Server Error"}


def test_the_schema_describes_what_is_served(service: Service) -> None:
    schema = service.get("/schema/openapi.json").json()
    assert set(schema["paths"]) == {"/latest", "/health"}
    signal = schema["components"]["schemas"]["Signal"]
    assert "signal_key" in signal["required"]
