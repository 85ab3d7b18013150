"""How long the dashboards take to be drawn, and which of their statements is slowest.

    python -m benchmarks.dashboards [--symbols N] [--years N]

A replayed desk of random walks on a fresh embedded Postgres; a browser, logged in as
the viewer, opens each dashboard twice. Needs Superset (`make dashboards`) and Chromium.
"""

import argparse
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from benchmarks.database import own_database
from benchmarks.indicators_increment import LAST, settled, store_walks
from desk.calendar import desk_clock
from desk.database import Database
from desk.settings import Settings
from desk.superset import prepare
from executor.replay import replay
from flows.dashboards import push
from flows.transform import build
from tests.processes import free_port
from tests.superset.browser import Screen, viewing
from tests.superset.conftest import Dashboards, running

SLUGS = ("today", "symbol", "strategies", "execution", "data")
SLOW_MS = 500
# The server's log: one entry a statement, which may have several lines.
TOOK = re.compile(
    r"duration: ([\d.]+) ms  statement: (.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.S
)

# Signals are published under the load that brought their prices.
LOADED = """
    insert into raw.ingest_runs (
        run_id, source, symbols, window_end, started_at, finished_at, known_at,
        outcome, gate_outcome, rows_received, rows_new
    )
    select
        gen_random_uuid(), 'made-up', array_agg(distinct symbol), %(last)s,
        now(), now(), max(known_at), 'succeeded', 'passed', count(*), count(*)
    from raw.raw_prices
"""


def store(settings: Settings, database: Database, symbols: int, years: float) -> None:
    """Prices, everything built on them, and a ledger of 60 sessions."""
    store_walks(database, symbols, years)
    with database.connect("ingest") as conn:
        conn.execute(LOADED, {"last": LAST})
    build(settings, database)
    settled(database)
    replay(settings, database, desk_clock(settings), 60)
    settled(database)


@contextmanager
def served(settings: Settings, database: Database) -> Iterator[Dashboards]:
    """Superset on that desk, each of its readers' statements in the server's log."""
    superset = prepare(settings, database)
    reader = sql.Identifier(f"{settings.superset_database}_reader")
    with database.connect(autocommit=True) as conn:
        conn.execute(
            sql.SQL("alter role {} set log_min_duration_statement = 0").format(reader)
        )
    with running(settings, superset):
        push(settings, database)
        yield Dashboards(settings, database, superset)


def seconds_to_draw(screen: Screen, slug: str) -> float:
    """Until every tile is drawn; the pause for charts that move is not counted."""
    begun = time.perf_counter()
    screen.open(slug)
    return time.perf_counter() - begun - Screen.SETTLE_SECONDS


def statements(settings: Settings, begin: int) -> dict[str, float]:
    """Milliseconds of each statement at its slowest, from a place in the log on."""
    text = (settings.home / "postgres" / "server.log").read_text()[begin:]
    slowest: dict[str, float] = {}
    for took, statement in TOOK.findall(text):
        slowest[statement] = max(slowest.get(statement, 0), float(took))
    return slowest


def compare(settings: Settings, database: Database) -> None:
    """Prints each dashboard's times and slowest statement, and every slow one."""
    log = settings.home / "postgres" / "server.log"
    slow: dict[str, float] = {}
    with served(settings, database) as dashboards, viewing(dashboards) as screen:
        print("dashboard    first     warm  statements  slowest")
        for slug in SLUGS:
            begin = len(log.read_text())
            first, warm = (seconds_to_draw(screen, slug) for _ in range(2))
            found = statements(settings, begin)
            slow |= {s: ms for s, ms in found.items() if ms > SLOW_MS}
            print(
                f"{slug:<11}{first:5.1f} s  {warm:5.1f} s  {len(found):>10}"
                f"  {max(found.values(), default=0):4.0f} ms",
                flush=True,
            )
    for statement, ms in slow.items():
        print(f"\n{ms:.0f} ms\n{statement}")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=500)
    given.add_argument("--years", type=float, default=20)
    asked = given.parse_args()
    with own_database() as (settings, database):
        settings = settings.model_copy(
            update={"as_of": LAST, "superset_port": free_port()}
        )
        store(settings, database, asked.symbols, asked.years)
        compare(settings, database)


if __name__ == "__main__":
    main()
