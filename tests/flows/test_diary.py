"""The diary of stages: which pass came to its end, and which has to be caught up."""

from contextlib import suppress

import pytest

from desk.database import Database
from flows.diary import bury_dead_stages, is_session_done, noted
from tests.api.conftest import FRIDAY, publish_session


def note(database: Database, *runs: str) -> None:
    """A stage that succeeded; one that failed ends in `!`, one that died in `?`."""
    for run in runs:
        stage = run.rstrip("!?")
        if run.endswith("?"):
            with database.connect("executor") as conn:
                conn.execute(
                    "insert into trading.stage_runs (stage, session_date, started_at)"
                    " values (%s, %s, clock_timestamp())",
                    [stage, FRIDAY],
                )
            bury_dead_stages(database)
            continue
        with suppress(ValueError), noted(database, stage, FRIDAY):
            if run.endswith("!"):
                raise ValueError("AAPL has a hole")


@pytest.mark.parametrize(
    ("runs", "is_done"),
    [
        ("publish execute backtest", True),
        ("build publish execute", True),
        ("publish execute backtest execute", True),
        ("execute publish? publish execute! execute backtest! backtest", True),
        ("", False),
        ("publish", False),
        ("publish execute", False),
        ("publish execute backtest?", False),
        ("publish execute backtest!", False),
        ("publish execute? backtest", False),
        ("execute publish backtest", False),
        ("build execute publish?", False),
        ("publish execute backtest publish?", False),
    ],
)
def test_a_session_is_done_when_its_last_publish_was_executed_and_backtested(
    database: Database, runs: str, is_done: bool
) -> None:
    with database.connect("executor") as conn:
        publish_session(conn, FRIDAY)
    note(database, *runs.split())
    assert is_session_done(database, FRIDAY) == is_done


def test_a_session_without_its_signals_in_the_ledger_is_not_done(
    database: Database,
) -> None:
    note(database, "publish", "execute", "backtest")
    assert not is_session_done(database, FRIDAY)
