"""One Superset for all tests of a worker, over a replayed sample."""

import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import httpx
import pytest
from psycopg import sql

from desk.calendar import desk_clock
from desk.database import Database
from desk.services import services
from desk.settings import Settings
from desk.superset import Superset, is_installed, prepare
from desk.tether import holding
from executor.replay import replay
from flows.dashboards import push
from ingest.gate import check as gate
from tests.conftest import CopyDatabase, url_of
from tests.processes import TETHER, answers, environment, free_port


@dataclass(frozen=True)
class Dashboards:
    """A running Superset with the desk's dashboards, and what they show."""

    settings: Settings
    database: Database
    superset: Superset

    def login(self, name: str) -> httpx.Client:
        """A client with that account's rights, as a program would log in."""
        client = httpx.Client(base_url=self.superset.url, trust_env=False, timeout=60)
        given = client.post(
            "/api/v1/security/login",
            json={
                "username": name,
                "password": self.superset.accounts[name],
                "provider": "db",
            },
        )
        client.headers["Authorization"] = f"Bearer {given.json()['access_token']}"
        token = client.get("/api/v1/security/csrf_token/").json()
        client.headers["X-CSRFToken"] = token.get("result", "")
        client.headers["Referer"] = self.superset.url
        return client


@pytest.fixture(scope="session")
def dashboards(
    server: Database,
    built: Database,
    templates: CopyDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Dashboards]:
    if not is_installed():
        pytest.skip(".venv-superset is not installed (make dashboards)")
    database = templates(built)
    name = f"superset_test_{uuid.uuid4().hex[:12]}"
    settings = Settings(
        home=tmp_path_factory.mktemp("superset"),
        database_url=url_of(database),
        superset_port=free_port(),
        superset_database=name,
    )
    clock = desk_clock(settings)
    gate(settings, database, clock)
    replay(settings, database, clock, 60)
    try:
        superset = prepare(settings, database)
        with running(settings, superset):
            push(settings, database)
            yield Dashboards(settings, database, superset)
    finally:
        forget(server, name)


@contextmanager
def running(settings: Settings, superset: Superset) -> Iterator[None]:
    """Superset as `desk up` starts it, answering; ends with the block."""
    home = settings.home
    (service,) = (one for one in services(settings, superset) if one.name == "superset")
    log = home / "superset.log"
    with holding(home / "test.lock"), log.open("ab") as output:
        process = subprocess.Popen(
            [*TETHER, str(home / "test.lock"), *service.command],
            env={**environment(settings), **service.environment},
            stdout=output,
            stderr=output,
            cwd=home,
        )
        try:
            assert answers(settings.superset_port, "/health", 120), log.read_text()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)


def forget(server: Database, name: str) -> None:
    """Drop the metadata database and its logins."""
    with server.connect(autocommit=True) as admin:
        for statement in (
            "drop database if exists {} with (force)",
            "drop role if exists {}",
        ):
            admin.execute(sql.SQL(statement).format(sql.Identifier(name)))
        reader = sql.Identifier(f"{name}_reader")
        admin.execute(sql.SQL("drop role if exists {}").format(reader))


@pytest.fixture
def admin(dashboards: Dashboards) -> Iterator[httpx.Client]:
    with closing(dashboards.login("admin")) as client:
        yield client


@pytest.fixture
def viewer(dashboards: Dashboards) -> Iterator[httpx.Client]:
    with closing(dashboards.login("viewer")) as client:
        yield client
