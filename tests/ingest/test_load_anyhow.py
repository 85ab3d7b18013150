"""However the rows come, and whenever a load is killed, the tables end the same."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.calendar import desk_clock, evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Action, Bar, Batch
from tests.ingest.conftest import (
    ACTIONS,
    MONDAY,
    PRICES,
    TUESDAY,
    WEDNESDAY,
    GivenSource,
    a_bar,
    rows_of,
)

REJECTED = "select received::text, reasons from raw.rejected_prices order by 1, 2"
DECIDED = (
    "select outcome, rows_received, rows_new, rows_changed, rows_same, rows_rejected"
    " from raw.ingest_runs where outcome = 'succeeded'"
)

bars = st.builds(
    a_bar,
    symbol=st.sampled_from(["AAPL", "MSFT", "TSLA", None]),
    bar_date=st.sampled_from([MONDAY, TUESDAY, WEDNESDAY, "2013-01-06"]),
    close=st.sampled_from([10.5, 10.75, 99, None]),
    volume=st.sampled_from([0, 1000, "x"]),
)
actions = st.builds(
    Action,
    symbol=st.sampled_from(["AAPL", "MSFT"]),
    ex_date=st.sampled_from([MONDAY, TUESDAY]),
    kind=st.sampled_from(["split", "dividend"]),
    value=st.sampled_from([0, 0.5, 2]),
)


def tables(database: Database) -> list[list[tuple[Any, ...]]]:
    return [rows_of(database, query) for query in (PRICES, ACTIONS, REJECTED, DECIDED)]


def empty(database: Database) -> None:
    with database.connect("owner") as conn:
        conn.execute(
            "truncate raw.raw_prices, raw.corporate_actions, raw.raw_price_revisions,"
            " raw.corporate_action_revisions, raw.ingest_runs cascade"
        )


# One database for all examples: each empties it first.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    bars=st.lists(bars, max_size=8),
    actions=st.lists(actions, max_size=4),
    data=st.data(),
)
def test_any_order_and_any_split_into_batches_ends_in_the_same_tables(
    database: Database, bars: list[Bar], actions: list[Action], data: st.DataObject
) -> None:
    def loaded(batches: Sequence[Batch]) -> list[list[tuple[Any, ...]]]:
        empty(database)
        load(
            Settings(),
            database,
            evening_of(WEDNESDAY),
            source=GivenSource(batches),
        )
        return tables(database)

    together = loaded([Batch(symbols=("AAPL",), bars=bars, actions=actions)])
    shuffled = data.draw(st.permutations(bars))
    cut = data.draw(st.integers(0, len(bars)))
    apart = loaded(
        [
            Batch(symbols=("AAPL",), bars=shuffled[:cut]),
            Batch(
                symbols=("AAPL",),
                bars=shuffled[cut:],
                actions=data.draw(st.permutations(actions)),
            ),
        ]
    )
    assert apart == together


CHILD = """
import json, sys, time
from ingest.load import load
from desk.calendar import desk_clock
from desk.database import Database
from desk.settings import Settings

def stop_at(symbol):
    def told(text):
        if text.startswith(symbol):
            print("here", flush=True)
            time.sleep(60)
    return told

settings = Settings(_env_file=None)
database = Database(json.loads(sys.argv[1]))
load(settings, database, desk_clock(settings), stop_at(sys.argv[2]))
"""


def started(database: Database, stop_at: str = "never") -> "subprocess.Popen[str]":
    """A load of the sample in a process of its own, that may stop after a symbol."""
    arguments = [json.dumps(dict(database.parameters)), stop_at]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, text=True
    )


def kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    assert process.wait() == -signal.SIGKILL
    if process.stdout is not None:
        process.stdout.close()


def outcomes(database: Database) -> list[str]:
    rows = rows_of(database, "select outcome from raw.ingest_runs order by started_at")
    return [outcome for (outcome,) in rows]


def assert_a_new_load_ends_as_if_undisturbed(
    database: Database, undisturbed: Database
) -> None:
    config = Settings()
    assert rows_of(database, PRICES) == []
    load(config, database, desk_clock(config))
    assert tables(database) == tables(undisturbed)
    assert outcomes(database) == ["died", "succeeded"]


def test_a_load_killed_while_it_receives_leaves_nothing_and_is_repeated(
    database: Database, loaded: Database
) -> None:
    process = started(database, stop_at="IBM")
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    kill(process)
    assert outcomes(database) == ["running"]
    assert_a_new_load_ends_as_if_undisturbed(database, loaded)


# Each statement of the transaction that first needs its table.
@pytest.mark.parametrize(
    "table",
    [
        "rejected_prices",
        "corporate_action_revisions",
        "raw_prices",
        "corporate_actions",
    ],
)
def test_a_load_killed_while_it_writes_leaves_nothing_and_is_repeated(
    database: Database, loaded: Database, table: str
) -> None:
    # Readers pass, writers wait.
    with database.connect("owner") as conn:
        conn.execute(f"lock table raw.{table} in exclusive mode".encode())
        process = started(database)
        wait_until(lambda: is_waited_for(database, table))
        kill(process)
    assert_a_new_load_ends_as_if_undisturbed(database, loaded)


def is_waited_for(database: Database, table: str) -> bool:
    query = f"""
        select from pg_locks
        where not granted and relation = 'raw.{table}'::regclass
    """
    return bool(rows_of(database, query))


def wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
