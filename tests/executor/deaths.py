"""Executors as processes of their own, that die (SIGKILL) at a chosen moment."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from threading import Lock
from typing import Any

import psycopg
import stamina

from desk.calendar import Clock
from desk.database import Database
from desk.settings import Settings
from executor import statements
from executor.alpaca import AlpacaBroker
from executor.execute import execute, run_pass
from tests.crashes import CONTEXT
from tests.executor.fake_alpaca import FakeAlpaca, Json

MOMENTS = (
    "never",
    "after the claim",
    "before the POST",
    "in flight, unbooked",
    "in flight, booked",
    "after the answer",
    "before the commit",
)

# A process tells its end once, and starting one asks all others for theirs: threads
# take turns at it.
_ASKING = Lock()

CONTEXT.set_forkserver_preload(["alpaca.trading.client", "tests.executor.deaths"])


def one_pass(database: Database, settings: Settings, clock: Clock) -> None:
    """A pass as it is, in this process."""
    with (
        stamina.set_testing(True, attempts=2),
        database.connect("executor", autocommit=True) as conn,
    ):
        run_pass(conn, AlpacaBroker(settings), settings, clock)


def pass_that_dies(
    moment: str, fake: FakeAlpaca, database: Database, settings: Settings, clock: Clock
) -> bool:
    """A pass that is killed at a moment; False if it never came to that."""
    process = CONTEXT.Process(
        target=_dying, args=(moment, dict(database.parameters), settings, clock)
    )
    told = fake.on_post

    def on_post(stage: str, order: Json) -> None:
        told(stage, order)
        if (moment, stage) in (
            ("in flight, unbooked", "before booking"),
            ("in flight, booked", "after booking"),
        ):
            _kill(process)

    fake.on_post = on_post
    with _ASKING:
        process.start()
    wait([process.sentinel], timeout=60)
    with _ASKING:
        process.join(timeout=0)
    fake.on_post = told
    assert process.exitcode in (0, -signal.SIGKILL), f"exit code {process.exitcode}"
    return process.exitcode != 0


def rival(
    database: Database, settings: Settings, clock: Clock, seconds: float, locked: bool
) -> ForkServerProcess:
    """An executor that runs pass after pass, under the ledger's lock or not."""
    process = CONTEXT.Process(
        target=_passes,
        args=(dict(database.parameters), settings, clock, seconds, locked),
    )
    process.start()
    return process


def _passes(
    parameters: Mapping[str, str],
    settings: Settings,
    clock: Clock,
    seconds: float,
    locked: bool,
) -> None:
    database, until = Database(parameters), time.monotonic() + seconds
    while time.monotonic() < until:
        if locked:
            execute(settings, database, clock)
        else:
            one_pass(database, settings, clock)


def _kill(process: ForkServerProcess) -> None:
    while process.pid is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(
    moment: str, parameters: Mapping[str, str], settings: Settings, clock: Clock
) -> None:
    if moment == "after the claim":
        _die_after_the_claim()
    if moment in ("before the POST", "after the answer", "before the commit"):
        _die_around_the_post(moment)
    one_pass(Database(parameters), settings, clock)


def _die_after_the_claim() -> None:
    text: Callable[[str], bytes] = statements.text_of
    seen: list[str] = []

    def named(name: str) -> bytes:
        if "claim" in seen:
            _die()
        seen.append(name)
        return text(name)

    statements.text_of = named


def _die_around_the_post(moment: str) -> None:
    submit, execute_statement = AlpacaBroker.submit, psycopg.Cursor.execute

    def uncommitted(cursor: Any, *args: Any, **options: Any) -> Any:
        execute_statement(cursor, "begin")
        execute_statement(cursor, *args, **options)
        _die()

    def submitted(broker: Any, order: Any) -> Any:
        if moment == "before the POST":
            _die()
        try:
            return submit(broker, order)
        finally:
            if moment == "after the answer":
                _die()
            psycopg.Cursor.execute = uncommitted  # type: ignore

    AlpacaBroker.submit = submitted  # type: ignore
