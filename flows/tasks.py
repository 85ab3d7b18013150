"""The stages as Prefect tasks: retries, timeouts and who takes turns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.utilities.annotations import quote

from desk.errors import SettingError
from flows import artifacts
from flows.stages import Desk, StageReport, run_stage
from flows.transform import BACKTEST, LAYERS, build
from ingest.gate import GateFailed

Stage = Callable[[Desk], str]

RETRY_AFTER_SECONDS = 30
# Limits of these names (`tag:vendor`, …) let one task at a time have the slot, on
# however many machines; `desk flows` makes them.
TURNS = {"vendor": 1, "execution": 1}


@dataclass(frozen=True, slots=True)
class Terms:
    """How often and how long a task is tried, and what it takes turns for."""

    retries: int = 0
    timeout: timedelta = timedelta(minutes=30)
    tags: frozenset[str] = frozenset()


# Retried is only what is safe to repeat and may fail for want of a network or a
# moment; orders have the ledger's own rules for a second try.
DBT = Terms(retries=1, timeout=timedelta(hours=1))
TERMS = {
    "load": Terms(2, timedelta(hours=3), frozenset({"vendor"})),
    "gate": Terms(),
    **dict.fromkeys((*LAYERS, BACKTEST), DBT),
    "documentation": Terms(timeout=timedelta(minutes=10)),
    "replay": Terms(timeout=timedelta(hours=1)),
    "publish": Terms(timeout=timedelta(minutes=5)),
    "execute": Terms(0, timedelta(minutes=15), frozenset({"execution"})),
}


def run_as_task(stage: Stage, desk: Desk) -> StageReport:
    """Run a stage as a task of the flow that calls this."""
    name = stage.__name__
    terms = TERMS[name]

    @task(
        name=name,
        description=stage.__doc__,
        retries=terms.retries,
        retry_delay_seconds=RETRY_AFTER_SECONDS,
        retry_condition_fn=_may_pass_later,
        timeout_seconds=terms.timeout.total_seconds(),
        tags=terms.tags,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def run(desk: Desk) -> StageReport:
        report = run_stage(stage, desk)
        get_run_logger().info("%s: %s", report.stage, report.said)
        return report

    report: StageReport = run(quote(desk))  # type: ignore[call-overload]
    return report


def layer(name: str) -> Stage:
    """The stage that builds one layer of the dbt project; its nodes are a table."""

    def stage(desk: Desk) -> str:
        return build(
            desk.settings,
            desk.database,
            layer=name,
            full_refresh=desk.full_refresh,
            on_node=lambda node, status: desk.progress(f"{node} {status}"),
            on_done=lambda nodes: artifacts.show_nodes(name, nodes),
        ).said

    stage.__name__ = name
    stage.__doc__ = f"dbt: the models of the layer {name}, and their tests."
    return stage


def _may_pass_later(_task: Any, _run: Any, state: State[Any]) -> bool:
    failure = state.result(raise_on_failure=False)
    return not isinstance(failure, SettingError | GateFailed)
