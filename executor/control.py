"""The controls a person has: halt and resume."""

from typing import Literal

from desk.calendar import Clock
from desk.database import Database
from executor.ledger import read_control
from executor.records import Control
from executor.statements import run


def halt(database: Database, scope: Literal["entries", "all"], reason: str) -> Control:
    """Send nothing more from now on (`entries`: exits still pass).

    Holds back even an order that a pass is about to send. What halted everything
    before keeps its reason. Returns the controls as they are then.
    """
    with database.connect("executor", autocommit=True) as conn:
        run(conn, "set_kill", kill=scope, reason=reason)
        return read_control(conn)


def resume(database: Database, clock: Clock) -> Control:
    """Let the desk go on; returns the controls as they were before.

    If the desk halted over orders, vouches for all that contradict the ledger by now:
    those of published signals that it doesn't know get their rows back, of one that it
    knows otherwise as much counts as can be its own, the rest is left alone.
    """
    with database.connect("executor", autocommit=True) as conn, conn.transaction():
        before = read_control(conn)
        run(conn, "resume", now=clock.now)
    return before
