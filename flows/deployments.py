"""The deployments of `prefect.yaml`, as `desk flows` serves them."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from importlib import import_module
from typing import Any, cast

import yaml
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import RRule, Schedule
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from desk.settings import PROJECT
from flows.schedule import TIMEZONE, on_sessions
from flows.tasks import TURNS

FILE = PROJECT / "prefect.yaml"
TAG = "desk"
UNFINISHED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


def deployments(today: date) -> list[RunnerDeployment]:
    """Every deployment, its schedules on sessions only, from `today` on."""
    listed = yaml.safe_load(FILE.read_text())["deployments"]
    return [_deployment(entry, today) for entry in listed]


def make_limits(client: SyncPrefectClient) -> None:
    """Let one task at a time ask the vendor, and one send orders."""
    for tag, slots in TURNS.items():
        client.upsert_global_concurrency_limit_by_name(f"tag:{tag}", slots)


def bury_dead_runs(client: SyncPrefectClient) -> int:
    """Mark the runs that a dead `desk flows` left unfinished as crashed.

    Served runs belong to the one process that serves them, so at its start none is
    alive; runs of a work pool's workers are left alone. The desk's next run goes on
    where they stopped.
    """
    unfinished = FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED))
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found = client.read_flow_runs(
        deployment_filter=ours, flow_run_filter=FlowRunFilter(state=unfinished)
    )
    dead = [run for run in found if run.work_pool_name is None]
    for run in dead:
        state: State[Any] = Crashed(message="Its process ended; the next run goes on.")
        client.set_flow_run_state(run.id, state, force=True)
    return len(dead)


def _deployment(entry: Mapping[str, Any], today: date) -> RunnerDeployment:
    deployment = _flow(entry["entrypoint"]).to_deployment(
        name=entry["name"],
        description=entry["description"],
        tags=entry["tags"],
        parameters=entry["parameters"],
        concurrency_limit=entry.get("concurrency_limit"),
        schedules=list(_schedules(entry, today)),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return cast("RunnerDeployment", deployment)


def _schedules(entry: Mapping[str, Any], today: date) -> Iterator[Schedule]:
    for schedule in entry.get("schedules", ()):
        minute, hour, *_ = schedule["cron"].split()
        yield RRule(
            on_sessions(time(int(hour), int(minute)), today),
            timezone=TIMEZONE,
            slug=schedule["slug"],
            parameters=schedule.get("parameters"),
        )


def _flow(entrypoint: str) -> Flow[..., Any]:
    file, name = entrypoint.split(":")
    module = import_module(file.removesuffix(".py").replace("/", "."))
    found: Flow[..., Any] = getattr(module, name)
    return found
