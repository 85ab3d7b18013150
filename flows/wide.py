"""A load shared among Prefect's workers: asking for them, and what they run."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any
from uuid import UUID

import httpx
from prefect import flow, get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.deployments import run_deployment
from prefect.exceptions import PrefectException
from prefect.states import Cancelled, Completed

from desk.database import open_database
from flows.opened import settings_of
from ingest.parts import Workers
from ingest.together import help_with_load

DEPLOYMENT = "load_part/on-demand"
# Workers are a help, not a need.
UNREACHABLE = (PrefectException, httpx.HTTPError)


@flow(name="load_part", persist_result=False)
def load_part(run_id: UUID) -> State[Any]:
    """A share of a load that another flow has begun, and asks for.

    `run_id`: that load in `raw.ingest_runs`. Ends at once if it is over.
    """
    settings = settings_of(None)
    with open_database(settings) as database:
        said = help_with_load(settings, database, run_id, get_run_logger().info)
    return Completed(message=said)


def workers_of(count: int) -> Workers | None:
    """So many processes for a load, this one included; None: this one alone."""
    return Workers(count, _calling(count - 1)) if count > 1 else None


def _calling(count: int) -> Callable[[UUID], AbstractContextManager[None]]:
    @contextmanager
    def called(run_id: UUID) -> Iterator[None]:
        """Ask for the others; who has not come by the end is not needed any more."""
        asked: list[FlowRun] = []
        try:
            for _ in range(count):
                parameters = {"run_id": str(run_id)}
                run: Any = run_deployment(DEPLOYMENT, parameters=parameters, timeout=0)
                asked.append(run)
        except UNREACHABLE as failed:
            get_run_logger().warning(
                "%d of %d workers could be asked for: %s", len(asked), count, failed
            )
        try:
            yield
        finally:
            with suppress(*UNREACHABLE):
                _cancel_scheduled(asked)

    return called


def _cancel_scheduled(runs: list[FlowRun]) -> None:
    with get_client(sync_client=True) as client:
        for run in runs:
            state = client.read_flow_run(run.id).state
            if state is not None and state.is_scheduled():
                over: State[Any] = Cancelled(message="The load ended without it.")
                client.set_flow_run_state(run.id, over)
