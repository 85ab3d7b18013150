"""Health: without a key, and true; and what happens while the database is away."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus

from desk.database import Database
from desk.keys import read_or_create_key
from desk.settings import Settings
from tests.api.conftest import Service
from tests.processes import free_port, running_api, within

READY = "/health/ready"


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


@pytest.mark.parametrize("path", ["/health/live", READY, "/latest", "/docs", "/no"])
def test_head_is_answered_as_get_but_without_the_body(
    service: Service, path: str
) -> None:
    key = {"X-API-Key": service.key}
    got, asked = (service.request(m, path, **key) for m in ("GET", "HEAD"))
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers["Content-Length"] == got.headers["Content-Length"]


def test_head_of_the_live_feed_follows_nothing(service: Service) -> None:
    host, key = f"127.0.0.1:{service.port}", {"X-API-Key": service.key}
    asking = HTTPConnection(host, timeout=10)
    with closing(asking):  # the connection stays open, as monitors keep it
        asking.request("HEAD", "/events", headers=key)
        assert asking.getresponse().status == 200
        no_client = "desk_feed_clients 0.0"
        assert within(5, lambda: no_client in service.get("/metrics", **key).text)


def test_live_asks_nothing_of_the_database(service: Service, server: Database) -> None:
    with away(server, service.database):
        alive = service.get("/health/live")
    assert (alive.status_code, alive.json()) == (200, {"status": "live"})


def test_ready_knows_how_far_the_prices_are(service: Service) -> None:
    assert service.get(READY).json()["status"] == "stale"
    with service.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.raw_prices"
            " select symbol, bar_date, 1, 1, 1, 1, 1, 'test', now() from (values"
            " ('A', '2013-02-20'), ('B', '2013-02-22'), ('C', '2013-02-19')"
            ") as bars (symbol, bar_date_text), cast(bar_date_text as date) as bar_date"
        )
    # The clock is the evening of 2013-03-01, whose own bars are due tomorrow.
    stale = service.get(READY)
    assert stale.status_code == 200
    assert stale.json() == {
        "status": "stale",
        "database": "reachable",
        "migrations": "current",
        "last_bar_date": "2013-02-22",
        "expected_session": "2013-02-28",
        "sessions_behind": 4,
    }
    key = {"X-API-Key": service.key}
    assert "desk_sessions_behind 4.0" in service.get("/metrics", **key).text
    with service.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.raw_prices"
            " values ('A', '2013-02-28', 1, 1, 1, 1, 1, 'test', now())"
        )
    assert service.get(READY).json()["status"] == "ready"


def test_ready_is_not_said_of_a_schema_that_lacks_a_migration(
    service: Service,
) -> None:
    with service.database.connect(autocommit=True) as conn:
        newest = "migration_id = '0014_feed'"
        change = "update migrations._yoyo_migration set migration_id = %s where {}"
        conn.execute(change.format(newest), ["away"])
        try:
            behind = service.get(READY)
        finally:
            conn.execute(change.format("migration_id = 'away'"), ["0014_feed"])
    assert behind.status_code == 503
    assert behind.json()["migrations"] == "behind"


@pytest.mark.slow
def test_a_database_away_is_said_in_time_and_forgotten_when_back(
    service: Service, server: Database
) -> None:
    key = {"X-API-Key": service.key}
    control = {"X-API-Key": service.control_key}
    with away(server, service.database):
        for method, path, headers in [
            ("GET", "/latest", key),
            ("GET", "/bars/A", key),
            ("GET", "/events?after=0&symbols=A", key),
            ("POST", "/resume", control),
        ]:
            started = time.monotonic()
            refused = service.request(method, path, **headers)
            assert time.monotonic() - started < 2.5, path
            assert refused.status_code == 503, path
            assert refused.headers["Retry-After"] == "2"
            assert refused.json() == {
                "status_code": 503,
                "detail": "The database is away; try again.",
            }
        with pytest.raises(InvalidStatus) as unheard:
            service.listen("?symbols=A")
        assert unheard.value.response.status_code == 503
        assert unheard.value.response.headers["Retry-After"] == "2"
        ill = service.get(READY)
        assert ill.status_code == 503
        assert ill.json()["database"] == "unreachable"
        assert service.get("/latest", **{"X-API-Key": "no"}).status_code == 401
        assert "desk_database_up 0.0" in service.get("/metrics", **key).text
    assert within(2, lambda: service.get(READY).status_code == 200)
    assert service.ask("/latest")


def test_lost_connections_are_replaced_without_an_error(
    service: Service, server: Database
) -> None:
    service.ask("/latest")
    with server.connect(autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid, 5000)"
            " from pg_stat_activity where datname = %s",
            [service.database.parameters["dbname"]],
        )
    assert service.ask("/latest")


@pytest.mark.slow
def test_a_database_that_hangs_is_away_until_it_goes_on(tmp_path: Path) -> None:
    """An embedded server of its own, stopped in the middle of everything."""
    settings = Settings(home=tmp_path / "home", api_port=free_port())
    settings.home.mkdir()
    settings.home.chmod(0o711)
    tmp_path.chmod(0o711)
    with running_api(settings):
        service = Service(
            settings.api_port,
            read_or_create_key(settings.home),
            "",
            Database({}),
            settings,
        )
        assert service.ask("/latest")
        running = settings.home / "postgres" / "data" / "postmaster.pid"
        server = psutil.Process(int(running.read_text().split()[0]))
        frozen = [server, *server.children()]
        for process in frozen:
            os.kill(process.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            refused = service.get("/latest", **{"X-API-Key": service.key})
            assert time.monotonic() - started < 2.5
            assert refused.status_code == 503
            assert service.get(READY).status_code == 503
        finally:
            for process in frozen:
                os.kill(process.pid, signal.SIGCONT)
        assert within(5, lambda: service.get(READY).status_code == 200)
        assert service.ask("/latest")


@pytest.mark.parametrize(
    "metric",
    [
        "desk_requests_total",
        "desk_feed_clients",
        "desk_orders_unknown",
        "desk_database_bytes",
    ],
)
def test_metrics_are_there_for_prometheus(service: Service, metric: str) -> None:
    answered = service.get("/metrics", Authorization=f"Bearer {service.key}")
    assert answered.headers["Content-Type"].startswith("text/plain")
    assert metric in answered.text
