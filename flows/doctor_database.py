"""Doctor, second half: what it asks the database."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiosql
import psycopg
from psycopg.rows import dict_row

from desk.calendar import desk_clock
from desk.database import open_database
from desk.settings import Settings
from executor.doctor import Finding
from executor.doctor import examine as examine_executor
from flows.stages import Desk

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "doctor.sql", "psycopg")
CLOCK_SECONDS = 60

Connection = psycopg.Connection[dict[str, Any]]


def examine_database(settings: Settings) -> Iterator[Finding]:
    """Server, prices, models and executor, on the database that is opened for it."""
    with open_database(settings) as database:
        desk = Desk(settings, database, desk_clock(settings))
        with database.connect("reader", row_factory=dict_row) as conn:
            conn.read_only = True
            yield from _server(conn)
            yield from _data(conn, desk)
        yield from _clock(settings)
        yield from examine_executor(settings, database, desk.clock)


def _server(conn: Connection) -> Iterator[Finding]:
    found = QUERIES.server(conn)
    yield Finding("database", f"Postgres {found['version']}, schema up to date")
    if found["timescaledb"]:
        yield Finding("extension", f"timescaledb {found['timescaledb']}")
    elif found["has_timescaledb"]:
        told = "timescaledb is offered, but this account may not create it"
        yield Finding("extension", told, advice="plain tables serve as well")
    else:
        yield Finding("extension", "no timescaledb here; plain tables")
    skew = abs(time.time() - found["seconds"])
    if skew > CLOCK_SECONDS:
        told = f"the database's clock and this machine's are {skew:,.0f} s apart"
        advice = "let both follow NTP: `timedatectl set-ntp true`"
        yield Finding("clock", told, False, advice)


def _data(conn: Connection, desk: Desk) -> Iterator[Finding]:
    last = QUERIES.last_load(conn)
    if last is None:
        yield Finding("prices", "nothing is loaded", False, "`desk load`")
        return
    if last["outcome"] != "succeeded":
        told = f"the last load {last['outcome']}: {last['error'] or 'it was killed'}"
        yield Finding("prices", told, False, "`desk load` goes on with it")
    elif last["gate_outcome"] == "failed":
        advice = "see data_docs/index.html in DESK_HOME, then `desk load --full`"
        yield Finding("prices", "failed the quality gate", False, advice)
    last_bar = QUERIES.last_bar(conn, session=desk.clock.session)
    if last_bar != desk.clock.session:
        told = f"end on {last_bar}; the last session is {desk.clock.session}"
        yield Finding("prices", told, False, "`desk load`")
    else:
        yield Finding("prices", f"up to {last_bar}")
    if marked := QUERIES.open_marks(conn):
        told = f"{marked} symbols are marked and open no position"
        yield Finding("marks", told, advice="`desk marks` says why")
    if not QUERIES.server(conn)["is_built"]:
        yield Finding("models", "nothing is built", False, "`desk build`")
    elif last_bar and not QUERIES.has_bars_of(conn, session=last_bar):
        told = f"built before the bars of {last_bar} were there"
        yield Finding("models", told, False, "`desk build`")
    elif waiting := QUERIES.waiting_changes(conn):
        told = f"{waiting} changes of prices are not calculated yet"
        yield Finding("models", told, advice="`desk build` does it")
    else:
        yield Finding("models", "built on the newest prices")


def _clock(settings: Settings) -> Iterator[Finding]:
    if settings.as_of and settings.broker == "alpaca" and not settings.alpaca_url:
        told = f"DESK_AS_OF={settings.as_of} while Alpaca takes orders"
        advice = "a set clock is for demonstrations: `unset DESK_AS_OF`"
        yield Finding("clock", told, False, advice)
