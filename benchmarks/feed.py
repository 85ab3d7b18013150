"""How soon a published signal reaches 1,000 WebSocket clients, and what one costs.

    python -m benchmarks.feed [--clients N] [--events N] [--pause SECONDS]

The clock starts before the commit and stops in each client's process; the clients share
the machine with the service and its database.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime

import numpy as np
from psycopg.types.json import Jsonb

from benchmarks.api import busiest
from benchmarks.database import own_database
from desk.database import Database
from desk.keys import home_key
from tests.processes import free_port, running_api

PROCESSES = 2
DAY = date(2013, 3, 1)
MIB = 2**20


@contextmanager
def following(
    port: int, key: str, clients: int, events: int
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes whose clients all follow the feed."""
    command = [sys.executable, "-m", "benchmarks.feed_clients", str(port), key]
    started = [
        subprocess.Popen(
            [*command, str(clients // PROCESSES), str(events)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    try:
        yield started
    finally:
        for one in started:
            one.terminate()
            one.wait()


def publish(database: Database, events: int, pause: float) -> list[float]:
    """Publish signals one by one; the moment before each commit."""
    details = {"sentence": "AAPL: SMA 50 rose above SMA 200.", "padding": "x" * 500}
    committed = []
    with database.connect("executor") as conn:
        conn.execute(
            "insert into trading.published_sessions"
            " values (%s, 0, gen_random_uuid(), now())",
            [DAY],
        )
        conn.commit()
        for number in range(events):
            conn.execute(
                "insert into trading.signals (signal_key, strategy, symbol, bar_date,"
                " side, close, details, run_id, published_at, valid_until)"
                " values (%s, 'sma_cross', %s, %s, 'buy', 12.5, %s,"
                " gen_random_uuid(), %s, %s)",
                [
                    f"sma_cross|S{number}|{DAY}",
                    *(f"S{number}", DAY, Jsonb(details)),
                    *(datetime.now(UTC), datetime.now(UTC)),
                ],
            )
            committed.append(time.time())
            conn.commit()
            time.sleep(pause)
    return committed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.5)
    given = parser.parse_args()
    with ExitStack() as opened:
        settings, database = opened.enter_context(own_database())
        settings = settings.model_copy(
            update={"api_port": free_port(), "api_requests_per_minute": 10**9}
        )
        opened.enter_context(running_api(settings))
        key = home_key(database, settings.home)
        worker = busiest(settings.api_port)
        alone = worker.memory_info().rss
        clients = opened.enter_context(
            following(settings.api_port, key, given.clients, given.events)
        )
        connected = worker.memory_info().rss
        before = sum(worker.cpu_times()[:2])
        committed = publish(database, given.events, given.pause)
        reports = [json.loads(one.stdout.readline()) for one in clients if one.stdout]
        cpu = sum(worker.cpu_times()[:2]) - before
        afterwards = worker.memory_info().rss
    arrived = np.array(
        [
            sorted(at for report in reports for at in report.get(str(sequence), []))
            for sequence in range(1, given.events + 1)
        ]
    )
    missed = given.clients * given.events - arrived.size
    took = 1000 * (arrived - np.array(committed)[:, None])
    last = took.max(axis=1)
    each = (connected - alone) / given.clients / 1024
    print(
        f"{given.clients:,} clients, {given.events:,} signals, {missed:,} missed\n"
        f"commit to any client    median {np.median(took):6.1f} ms"
        f"  p99 {np.percentile(took, 99):6.1f} ms\n"
        f"commit to last client   median {np.median(last):6.1f} ms"
        f"  p99 {np.percentile(last, 99):6.1f} ms\n"
        f"CPU of the service      {1e6 * cpu / arrived.size:.0f} us a message\n"
        f"memory                  {alone / MIB:.0f} MiB alone, {each:.1f} KiB a client,"
        f" {afterwards / MIB:.0f} MiB at the end"
    )


if __name__ == "__main__":
    main()
