"""The deployments on a real Prefect server: served, deployed, buried, in turns."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from desk.services import service_environment
from desk.settings import PROJECT, Settings

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient

NAMES = (
    "load/on-demand",
    "load_part/on-demand",
    "transform/on-demand",
    "backtest/on-demand",
    "publish/on-demand",
    "execute/before-open",
    "trading_day/daily",
)

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def client() -> "Iterator[SyncPrefectClient]":
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client


def test_runs_of_a_dead_process_are_crashed_and_workers_runs_are_not(
    client: "SyncPrefectClient",
) -> None:
    from prefect.states import Completed, Running

    from flows.deployments import bury_dead_runs, deployments

    *_, daily = deployments(date(2026, 11, 20))
    deployment_id = cast("UUID", daily.apply())
    dead, done, scheduled = (
        client.create_flow_run_from_deployment(deployment_id).id for _ in range(3)
    )
    client.set_flow_run_state(dead, Running(), force=True)
    client.set_flow_run_state(done, Completed(), force=True)

    assert bury_dead_runs(client) == 1
    assert bury_dead_runs(client) == 0

    states = [client.read_flow_run(run).state for run in (dead, done, scheduled)]
    assert [state and state.name for state in states] == [
        *("Crashed", "Completed", "Scheduled")
    ]


def test_one_task_at_a_time_asks_the_vendor_and_one_sends_orders(
    client: "SyncPrefectClient",
) -> None:
    from prefect import flow, task
    from prefect.concurrency.sync import concurrency

    from flows.deployments import make_limits

    make_limits(client)
    make_limits(client)

    @task(tags={"execution"})
    def send() -> None:
        with (
            pytest.raises(TimeoutError),
            concurrency("tag:execution", timeout_seconds=0.5),
        ):
            pass
        with concurrency("tag:vendor", timeout_seconds=0.5, strict=True):
            pass

    @flow
    def pass_over_orders() -> None:
        send()

    pass_over_orders()

    limits = [
        client.read_global_concurrency_limit_by_name(f"tag:{tag}")
        for tag in ("vendor", "execution")
    ]
    assert [(limit.limit, limit.active_slots) for limit in limits] == [(1, 0), (1, 0)]


@pytest.mark.slow
def test_prefect_deploy_gives_them_to_the_workers_of_a_pool(
    client: "SyncPrefectClient",
) -> None:
    from prefect.settings import PREFECT_API_URL

    def prefect(*command: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *command],
            cwd=PROJECT,
            env=os.environ | {"PREFECT_API_URL": str(PREFECT_API_URL.value())},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    prefect("work-pool", "create", "desk", "--type", "process")
    prefect("deploy", "--all")

    deployed = [client.read_deployment_by_name(name) for name in NAMES]
    assert {deployment.work_pool_name for deployment in deployed} == {"desk"}
    daily = deployed[-1]
    assert {schedule.slug for schedule in daily.schedules} == {
        *("after-close", "catch-up")
    }
    assert daily.global_concurrency_limit is not None
    assert daily.global_concurrency_limit.limit == 1


def test_prefect_keeps_its_history_as_long_as_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.settings.models.root import Settings as PrefectSettings

    for name, value in service_environment(
        Settings(home=tmp_path, keep_days=30)
    ).items():
        monkeypatch.setenv(name, value)

    vacuum = PrefectSettings().server.services.db_vacuum

    assert vacuum.retention_period == timedelta(days=30)
    assert "flow_runs" in vacuum.enabled_vacuum_types
