"""A load shared among processes that a real Prefect server starts."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from desk.database import Database
from desk.services import service_environment
from desk.settings import PROJECT, Settings
from tests.conftest import url_of
from tests.ingest.conftest import rows_of
from tests.ingest.wide import SYMBOLS, THURSDAY, Yahoo, answering
from tests.processes import PYTHON, within

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

SECONDS = 90.0
RUN = "select outcome, rows_new, failed_symbols from raw.ingest_runs"

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def client() -> "Iterator[SyncPrefectClient]":
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        # What other tests left to run would take its turn at the database.
        for deployment in client.read_deployments():
            client.delete_deployment(deployment.id)
        yield client


@pytest.fixture
def yahoo() -> Iterator[Yahoo]:
    with answering(Yahoo()) as yahoo:
        yield yahoo


@pytest.fixture
def given(database: Database, tmp_path: Path, yahoo: Yahoo) -> Settings:
    from prefect.settings import PREFECT_API_URL

    return Settings(
        home=tmp_path,
        database_url=SecretStr(url_of(database)),
        price_source="yfinance",
        yfinance_url=f"{yahoo.url}any",
        yfinance_repair=False,
        symbols=SYMBOLS,
        parallel_requests=1,
        as_of=THURSDAY,
        prefect_port=urlsplit(str(PREFECT_API_URL.value())).port or 0,
    )


@pytest.fixture
def environment(given: Settings, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What a flow in this process reads its settings from."""
    for name, value in service_environment(given).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@contextmanager
def served(settings: Settings) -> Iterator[None]:
    """`desk flows`, which looks for work once a second."""
    process = subprocess.Popen(
        [*PYTHON, "desk", "flows"],
        cwd=PROJECT,
        env=os.environ
        | service_environment(settings)
        | {"PREFECT_RUNNER_POLL_FREQUENCY": "1"},
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def part_runs(client: "SyncPrefectClient") -> "list[FlowRun]":
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName

    named = FlowFilter(name=FlowFilterName(any_=["load_part"]))
    return client.read_flow_runs(flow_filter=named)


@pytest.mark.slow
def test_a_load_asked_to_have_two_workers_is_shared_by_two(
    database: Database, given: Settings, yahoo: Yahoo, client: "SyncPrefectClient"
) -> None:
    from prefect.exceptions import ObjectNotFound

    def is_served() -> bool:
        try:
            client.read_deployment_by_name("load_part/on-demand")
        except ObjectNotFound:
            return False
        return True

    def two_are_waiting() -> bool:
        # One request of each process at a time.
        return len(set(yahoo.symbols())) > 1

    yahoo.holds_back = lambda *_: not within(SECONDS, two_are_waiting)
    with served(given):
        assert within(SECONDS, is_served)
        load = client.read_deployment_by_name("load/on-demand")
        begun = client.create_flow_run_from_deployment(
            load.id, parameters={"workers": 2}
        )
        ended: dict[UUID, State[Any]] = {}

        def has_ended() -> bool:
            runs = [client.read_flow_run(begun.id), *part_runs(client)]
            ended.update(
                {r.id: r.state for r in runs if r.state and r.state.is_final()}
            )
            return len(ended) == 2

        assert within(SECONDS, has_ended)

    assert all(state.is_completed() for state in ended.values()), ended
    (part,) = part_runs(client)
    helped = re.fullmatch(r"(\d+) symbols, \d+ bars", str(ended[part.id].message))
    assert helped is not None
    assert 0 < int(helped[1]) < len(SYMBOLS)
    assert set(part.parameters) == {"run_id"}
    assert rows_of(database, RUN) == [("succeeded", 4 * len(SYMBOLS), {})]
    assert set(yahoo.symbols()) == set(SYMBOLS)


@pytest.mark.slow
def test_a_load_to_which_no_worker_comes_ends_alone_and_needs_none_any_more(
    database: Database,
    client: "SyncPrefectClient",
    environment: pytest.MonkeyPatch,
) -> None:
    from flows.deployments import deployments
    from flows.parts import load

    environment.setenv("DESK_LOAD_WORKERS", "3")
    for deployment in deployments(date(2026, 11, 20)):
        if deployment.flow_name == "load_part":
            deployment.apply()
    before = {run.id for run in part_runs(client)}

    state: State[Any] = load(return_state=True)

    assert state.is_completed()
    assert rows_of(database, RUN) == [("succeeded", 4 * len(SYMBOLS), {})]
    asked = [run for run in part_runs(client) if run.id not in before]
    assert [run.state and run.state.name for run in asked] == ["Cancelled"] * 2


def test_a_load_without_a_deployment_to_ask_for_ends_alone(
    database: Database,
    client: "SyncPrefectClient",
    environment: pytest.MonkeyPatch,
) -> None:
    from flows import wide
    from flows.parts import load

    environment.setattr(wide, "DEPLOYMENT", "load_part/nowhere")
    before = len(part_runs(client))

    state: State[Any] = load(workers=3, return_state=True)

    assert state.is_completed()
    assert rows_of(database, RUN) == [("succeeded", 4 * len(SYMBOLS), {})]
    assert len(part_runs(client)) == before
