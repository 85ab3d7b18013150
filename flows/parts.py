"""The parts of a trading day, each a Prefect flow that also runs alone."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import artifacts, stages
from flows.opened import closed_day, opened, settings_of, with_options
from flows.stages import Desk
from flows.tasks import Stage, layer, run_as_task
from flows.transform import BACKTEST, LAYERS, document
from flows.wide import workers_of


@flow(name="load", persist_result=False)
def load(
    as_of: date | None = None, full: bool = False, workers: int | None = None
) -> State[Any]:
    """Prices and corporate actions from the source, then the quality gate.

    `as_of`: the desk's today, instead of DESK_AS_OF or now. `full`: ask for each
    symbol's whole history again. `workers`: processes that share a vendor's load, this
    one included, instead of DESK_LOAD_WORKERS.
    """
    with opened(settings_of(as_of)) as desk, artifacts.progress("load") as told:
        helpers = workers_of(workers or desk.settings.load_workers)
        desk = with_options(desk, full_load=full, load_workers=helpers)
        said = _done(stages.load, artifacts.reporting(desk, told))
        artifacts.show_load(desk)
        try:
            said += "; " + _done(stages.gate, desk)
        finally:
            artifacts.show_quality(desk)
    return Completed(message=said)


@flow(name="transform", persist_result=False)
def transform(as_of: date | None = None, full_refresh: bool = False) -> State[Any]:
    """dbt, layer by layer: bars, indicators, strategies, signals, and their tests.

    `full_refresh`: calculate everything anew, not only what changed.
    """
    with opened(settings_of(as_of)) as desk, artifacts.progress("transform") as told:
        desk = with_options(desk, full_refresh=full_refresh)
        for number, name in enumerate(LAYERS, start=1):
            _done(layer(name), desk)
            told(number / len(LAYERS))
        said = _done(documentation, desk)
    return Completed(message=f"{len(LAYERS)} layers built; {said}")


@flow(name="backtest", persist_result=False)
def backtest(as_of: date | None = None) -> State[Any]:
    """dbt's layer of trades, equity and metrics, on the signals that are built."""
    with opened(settings_of(as_of)) as desk:
        said = _done(layer(BACKTEST), desk)
        artifacts.show_backtest(desk)
    return Completed(message=said)


@flow(name="publish", persist_result=False)
def publish(as_of: date | None = None) -> State[Any]:
    """New signals into the append-only ledger; first finishes a broken replay."""
    with opened(settings_of(as_of)) as desk:
        _done(stages.replay, desk)
        said = _done(stages.publish, desk)
        artifacts.show_signals(desk)
    return Completed(message=said)


@flow(name="execute", persist_result=False)
def execute(as_of: date | None = None) -> State[Any]:
    """Published signals into orders: one pass, which first asks the broker.

    A scheduled run on a day without a session ends early and says so.
    """
    settings = settings_of(as_of)
    if closed := closed_day(settings):
        return Completed(message=f"No session on {closed}: nothing to do.")
    with opened(settings) as desk:
        said = _done(stages.execute, desk)
        artifacts.show_orders(desk)
    return Completed(message=said)


def documentation(desk: Desk) -> str:
    """dbt's documentation as one page, when the code it describes has changed."""
    page, is_new = document(desk.settings, desk.database)
    artifacts.show_documentation(page)
    return "documentation written" if is_new else "documentation is up to date"


def _done(stage: Stage, desk: Desk) -> str:
    return run_as_task(stage, desk).said
