"""Watch: pass after pass, woken by new signals, by fills, or by the clock."""

from collections.abc import Callable
from threading import Event
from time import monotonic

import structlog

from desk.database import Database
from desk.settings import Settings
from executor.broker import BrokerUnclearError
from executor.execute import PassReport, execute
from executor.metrics import PassMetrics
from executor.statements import Connection
from executor.stream import trade_updates

SIGNALS = "desk_signals"
GLANCE_SECONDS = 0.5

log = structlog.get_logger()


def watch(
    settings: Settings,
    database: Database,
    on_pass: Callable[[PassReport], None],
    stopped: Event,
) -> None:
    """Run passes until `stopped`; each on the clock of its moment.

    A pass comes after `DESK_POLL_SECONDS`, or at once when a signal is published
    or the broker's stream speaks. The stream is a hint only: what it says is not
    read. A broker that can't be read is asked again; a lost database ends it.
    Passes are counted for Prometheus on DESK_EXECUTOR_METRICS_PORT.
    """
    woken = Event()
    metrics = PassMetrics()
    metrics.serve(settings)
    with (
        database.connect("executor", autocommit=True) as conn,
        trade_updates(settings, woken.set),
    ):
        conn.execute(f"listen {SIGNALS}")
        while not stopped.is_set():
            began = monotonic()
            is_read = True
            try:
                on_pass(execute(settings, database))
            except BrokerUnclearError as unclear:
                is_read = False
                log.warning("pass_failed", reason=str(unclear))
            metrics.ended(seconds=monotonic() - began, ok=is_read)
            _wait(conn, woken, stopped, settings.poll_seconds)


def _wait(conn: Connection, woken: Event, stopped: Event, seconds: float) -> None:
    until = monotonic() + seconds
    while not stopped.is_set() and (left := until - monotonic()) > 0:
        glance = min(GLANCE_SECONDS, left)
        if list(conn.notifies(timeout=glance, stop_after=1)) or woken.is_set():
            break
    woken.clear()
