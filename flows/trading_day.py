"""The trading day as a Prefect flow: the stages of `desk run`, a task each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed
from prefect.utilities.annotations import quote

from desk.calendar import NEW_YORK, desk_clock, sessions_between
from desk.database import open_database
from desk.log import configure_logging
from desk.settings import Settings, load_settings
from flows.stages import STAGES, Desk, StageReport, one_at_a_time, run_stage

SUMMARY_KEY = "trading-day"
# Only what is safe to repeat and may fail for want of a network or a moment.
RETRIES = {"load": 2, "build": 1}
RETRY_AFTER_SECONDS = 30


@flow(name="trading_day", persist_result=False)
def trading_day(as_of: date | None = None) -> State[Any]:
    """Load, gate, build, publish, execute: one pass, as `desk run` does it.

    `as_of`: the desk's today, instead of DESK_AS_OF or now. A scheduled run on a
    day without a session ends early and says so.
    """
    settings = load_settings()
    if as_of is not None:
        settings = settings.model_copy(update={"as_of": as_of})
    configure_logging(settings)
    if closed := closed_day(settings, _scheduled_for()):
        return Completed(message=f"No session on {closed}: nothing to do.")
    with open_database(settings) as database, one_at_a_time(database):
        logger = get_run_logger()
        desk = Desk(settings, database, desk_clock(settings))
        desk = replace(desk, progress=logger.debug)
        reports = run_day(desk)
    return Completed(message=f"Session {desk.clock.session}: {reports[-1].said}")


def run_day(
    desk: Desk, stages: tuple[Callable[[Desk], str], ...] = STAGES
) -> list[StageReport]:
    """Run each stage as a task, in order; the summary artifact is written even
    when one fails. For use inside a flow."""
    reports: list[StageReport] = []
    failed: tuple[str, str] | None = None
    try:
        for stage in stages:
            failed = (stage.__name__, "failed")
            reports.append(_as_task(stage)(quote(desk)))
            failed = None
    except Exception as failure:
        failed = (stage.__name__, f"failed: {failure}")
        raise
    finally:
        create_markdown_artifact(
            markdown=summary(desk.clock.session, reports, failed),
            key=SUMMARY_KEY,
            description="What each stage of the trading day says it did.",
        )
    return reports


def closed_day(settings: Settings, scheduled_for: datetime | None) -> date | None:
    """The day a schedule fired on, if the exchange has no session then.

    None whenever the desk's clock is set: it then doesn't follow the calendar.
    """
    clock_is_set = settings.as_of is not None or settings.price_source == "sample"
    if scheduled_for is None or clock_is_set:
        return None
    day = scheduled_for.astimezone(NEW_YORK).date()
    return None if sessions_between(day, day) else day


def summary(
    session: date, reports: list[StageReport], failed: tuple[str, str] | None = None
) -> str:
    """A Markdown table: each stage, what it said, and how long it took."""
    rows = [(r.stage, r.said, f"{r.seconds:.1f} s") for r in reports]
    if failed is not None:
        rows.append((*failed, ""))
    lines = [f"| {stage} | {_cell(said)} | {took} |" for stage, said, took in rows]
    header = ["| stage | what it did | took |", "|---|---|---:|"]
    return "\n".join([f"## Session {session}", "", *header, *lines])


def _as_task(stage: Callable[[Desk], str]) -> Callable[[Any], StageReport]:
    name = stage.__name__

    @task(
        name=name,
        description=stage.__doc__,
        retries=RETRIES.get(name, 0),
        retry_delay_seconds=RETRY_AFTER_SECONDS,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def run(desk: Desk) -> StageReport:
        report = run_stage(stage, desk)
        get_run_logger().info("%s: %s", report.stage, report.said)
        return report

    return run


def _scheduled_for() -> datetime | None:
    """When the schedule meant this run to start; None for a run by hand."""
    context = FlowRunContext.get()
    flow_run = context.flow_run if context else None
    if flow_run is None or not flow_run.auto_scheduled:
        return None
    return flow_run.expected_start_time


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())
