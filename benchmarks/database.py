"""What benchmarks share: a database of their own, and a clean process per figure."""

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from desk.database import Database, open_database
from desk.postgres import stop_server
from desk.settings import Settings


@dataclass(frozen=True, slots=True)
class Figure:
    """Wall seconds of a call, and its process' CPU seconds and peak memory (MiB)."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    result: object


@contextmanager
def own_database() -> Iterator[tuple[Settings, Database]]:
    """Settings with a home in the temporary folder, and its migrated database."""
    with TemporaryDirectory(prefix="desk-benchmark-") as folder:
        Path(folder).chmod(0o711)  # else root's server moves elsewhere and stays
        home = Path(folder) / "home"
        settings = Settings(_env_file=None, home=home, database_url=None)
        try:
            with open_database(settings) as database:
                yield settings, database
        finally:
            stop_server(home)


def measured(call: Callable[..., object], *arguments: object) -> Figure:
    """The figure of one call in a process of its own."""
    context = get_context("forkserver")  # a spawned one has its parent's peak
    context.set_forkserver_preload([])
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measure, call, arguments).result()


def _measure(call: Callable[..., object], arguments: tuple[object, ...]) -> Figure:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    result = call(*arguments)
    seconds = time.perf_counter() - begun
    cpu_seconds = time.process_time() - cpu_begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Figure(seconds, cpu_seconds, peak / 1024, result)


def emptied(database: Database) -> None:
    """Without prices and loads, and with the last figure's work flushed away."""
    with database.connect(autocommit=True) as conn:
        conn.execute("truncate raw.raw_prices, raw.raw_price_revisions")
        conn.execute("truncate raw.ingest_runs cascade")
        conn.execute("checkpoint")
