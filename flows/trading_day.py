"""The trading day as a Prefect flow: its parts in turn, each a flow of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

from prefect import Flow, flow
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Failed

from flows import artifacts
from flows.diary import is_session_done
from flows.opened import closed_day, handed_down, opened, settings_of
from flows.parts import backtest, execute, load, publish, transform
from flows.stages import tidy

Part = Flow[..., Any]

# Each part and the one it can't do without. The backtest comes last: nothing waits
# for it, and orders should not.
NEEDS: Mapping[Part, Part | None] = {
    load: None,
    transform: load,
    publish: transform,
    execute: publish,
    backtest: transform,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part ended: `succeeded`, `failed` or `not run`, what it said, seconds."""

    part: str
    how: str
    said: str
    seconds: float = 0.0


@flow(name="trading_day", persist_result=False)
def trading_day(
    as_of: date | None = None, full_refresh: bool = False, catch_up: bool = False
) -> State[Any]:
    """Load, transform, publish, execute, backtest: one pass.

    A part that fails stops those that need it, and no other. `as_of`: the desk's
    today, instead of DESK_AS_OF or now. `full_refresh`: calculate everything anew.
    `catch_up`: end at once if the last session's pass came to its end. A scheduled
    run on a day without a session ends early too, and says so.
    """
    settings = settings_of(as_of)
    if closed := closed_day(settings):
        return Completed(message=f"No session on {closed}: nothing to do.")
    with opened(settings) as desk:
        session = desk.clock.session
        if catch_up and is_session_done(desk.database, session):
            return Completed(message=f"Session {session} is done: nothing to catch up.")
        with handed_down(desk), artifacts.progress("trading-day") as told:
            options = {transform.name: {"full_refresh": full_refresh}}
            outcomes = []
            for outcome in _run_parts(as_of, NEEDS, options):
                outcomes.append(outcome)
                told(len(outcomes) / len(NEEDS))
            artifacts.show_day(session, outcomes)
            tidy(desk)
    return verdict(session, outcomes)


def verdict(session: date, outcomes: Iterable[Outcome]) -> State[Any]:
    """The state a day ends in: failed, naming each part that did, or completed."""
    outcomes = list(outcomes)
    failed = [f"{o.part} failed: {o.said}" for o in outcomes if o.how == "failed"]
    left = [o.part for o in outcomes if o.how == "not run"]
    if not failed:
        said = "; ".join(o.said for o in outcomes if o.part == execute.name)
        return Completed(message=f"Session {session}: {said}")
    told = [*failed, *([f"not run: {', '.join(left)}"] if left else [])]
    return Failed(message=f"Session {session}: {'; '.join(told)}")


def _run_parts(
    as_of: date | None,
    needs: Mapping[Part, Part | None],
    options: Mapping[str, Mapping[str, Any]],
) -> Iterable[Outcome]:
    """Run each part whose need succeeded; for use inside a flow."""
    succeeded: set[Part | None] = {None}
    for part, needed in needs.items():
        if needed not in succeeded:
            yield Outcome(part.name, "not run", f"needs {needed and needed.name}")
            continue
        started = monotonic()
        # The day's own heartbeat tells of a crash; a part's would only cost a second.
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            chosen = options.get(part.name, {})
            state: State[Any] = part(as_of=as_of, return_state=True, **chosen)  # type: ignore[assignment]
        seconds = monotonic() - started
        if state.is_completed():
            succeeded.add(part)
            yield Outcome(part.name, "succeeded", state.message or "", seconds)
        else:
            failure = state.result(raise_on_failure=False)
            yield Outcome(part.name, "failed", str(failure), seconds)
