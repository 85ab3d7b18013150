"""The desk that a flow works on: its parent's, or one of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from prefect import get_run_logger
from prefect.context import FlowRunContext

from desk.calendar import NEW_YORK, desk_clock, sessions_between
from desk.database import open_database
from desk.log import configure_logging
from desk.settings import Settings, load_settings
from flows.notify import telling
from flows.stages import Desk, one_at_a_time

_parents: ContextVar[Desk | None] = ContextVar("the parent flow's desk", default=None)


def settings_of(as_of: date | None) -> Settings:
    """The settings, with another "today" where one is given."""
    settings = load_settings(**({} if as_of is None else {"as_of": as_of}))
    configure_logging(settings)
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    """The ready desk; other flows and commands on its database wait.

    Inside a flow that has opened one it is that flow's, which holds the lock already.
    """
    if parent := _parents.get():
        yield parent
        return
    logger = get_run_logger()
    with open_database(settings) as database:
        desk = Desk(settings, database, desk_clock(settings), progress=logger.debug)
        with telling(desk), one_at_a_time(database, _say_waiting):
            # A wait may have taken hours.
            yield replace(desk, clock=desk_clock(settings))


@contextmanager
def handed_down(desk: Desk) -> Iterator[None]:
    """Flows that are called within the block work on this desk."""
    token = _parents.set(desk)
    try:
        yield
    finally:
        _parents.reset(token)


def closed_day(settings: Settings) -> date | None:
    """The day this run was scheduled for, if the exchange has no session then.

    None for a run by hand, and whenever the desk's clock is set: it then doesn't
    follow the calendar. Schedules leave holidays out already (`flows/schedule.py`);
    this is for those that were made before a holiday was known.
    """
    clock_is_set = settings.as_of is not None or settings.price_source == "sample"
    scheduled_for = _scheduled_for()
    if scheduled_for is None or clock_is_set:
        return None
    day = scheduled_for.astimezone(NEW_YORK).date()
    return None if sessions_between(day, day) else day


def with_options(desk: Desk, **options: Any) -> Desk:
    """The same desk with other options."""
    return replace(desk, **options)


def _scheduled_for() -> datetime | None:
    context = FlowRunContext.get()
    flow_run = context.flow_run if context else None
    if flow_run is None or not flow_run.auto_scheduled:
        return None
    return flow_run.expected_start_time


def _say_waiting() -> None:
    get_run_logger().info("another flow or command works on this database; waiting")
