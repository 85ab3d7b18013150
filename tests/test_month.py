"""A month with a process killed in every session ends as an undisturbed one."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from math import isclose
from pathlib import Path
from tempfile import mkdtemp

import psutil
import pytest

from desk.calendar import desk_clock, sessions_between
from desk.database import Database
from desk.postgres import embedded_server, stop_server
from desk.settings import PROJECT
from executor.replay import replay
from flows.stages import Desk, build, gate, load, run_stage
from tests.final_tables import FINAL_TABLES, final_tables
from tests.month_worker import STAGES, month_settings, transform

EVE, *MONTH = [
    session.session_date
    for session in sessions_between(date(2013, 1, 1), date(2013, 3, 1))
][-21:]
SEED = 9

# A pass killed between noting an attempt and sending it notes another one.
TABLES = FINAL_TABLES | {
    "trading.orders": FINAL_TABLES["trading.orders"].replace(" attempts,", ""),
    "trading.account_snapshots": "*",
    "trading.sim_orders": "client_order_id, symbol, side, qty, status, closed_session,"
    " filled_at, filled_qty, filled_avg_price, commission",
}


@dataclass
class Worker:
    """Starts passes as processes of their own (`tests/month_worker.py`)."""

    home: Path
    process: subprocess.Popen[str]

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def begin(self, day: date) -> int:
        """Begin the pass of an evening; its pid."""
        assert self.process.stdin is not None
        print(day, file=self.process.stdin, flush=True)
        return int(self.line())

    def ended(self) -> int:
        """Wait for the pass that was begun; its exit code."""
        return int(self.line())


@pytest.fixture
def home() -> Iterator[Path]:
    # Not tmp_path: the account that runs the server must get there.
    home = Path(mkdtemp(prefix="desk-month-"))
    home.chmod(0o711)
    yield home
    stop_server(home)
    shutil.rmtree(home)


@contextmanager
def working(home: Path) -> Iterator[Worker]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.month_worker", str(home), str(EVE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )
    with process:
        worker = Worker(home, process)
        assert worker.line() == "ready"
        yield worker


def undisturbed(database: Database, home: Path, *, every_pass: bool) -> None:
    """The month without a kill: pass by pass, or as `desk replay` walks it, which
    calculates once what every evening's build only adds to."""
    for day in (EVE, *MONTH):
        settings = month_settings(home, day)
        desk = Desk(settings, database, desk_clock(settings))
        for stage in STAGES if every_pass or day == EVE else (load,):
            run_stage(stage, desk)
    if not every_pass:
        gate(desk)
        transform(desk)
        replay(settings, database, desk.clock, len(MONTH))
    build(desk)


def kill_one(home: Path, victim: str, pass_pid: int) -> bool:
    """SIGKILL a process; False if it is gone, or not back from the last time."""
    folder = home / "postgres"

    def postmaster() -> int:
        return int((folder / "data" / "postmaster.pid").read_text().split()[0])

    pids: dict[str, Callable[[], int]] = {
        "the pass": lambda: pass_pid,
        "Postgres": postmaster,
        "a connection": lambda: next(
            child.pid
            for child in psutil.Process(postmaster()).children()
            if "desk" in " ".join(child.cmdline()).split()
        ),
        "the keeper": lambda: int((folder / "keeper.lock").read_text()),
    }
    gone = (ProcessLookupError, psutil.NoSuchProcess, StopIteration, FileNotFoundError)
    with suppress(*gone):
        os.kill(pids[victim](), signal.SIGKILL)
        return True
    return False


def test_a_month_of_kills_ends_as_an_undisturbed_month(
    database: Database, tmp_path: Path, home: Path, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("takes many minutes: pytest tests/test_month.py --long")
    undisturbed(database, tmp_path, every_pass=True)

    chance = random.Random(SEED)  # noqa: S311
    victims = ["the pass", "Postgres", "a connection", "the keeper"] * 5
    chance.shuffle(victims)
    killed: Counter[str] = Counter()
    seconds = 3.0
    with embedded_server(home) as socket_folder, working(home) as worker:
        for day, victim in zip(MONTH, victims, strict=True):
            for _ in range(3):
                pid = worker.begin(day)
                time.sleep(chance.uniform(0, 0.8 * seconds))
                was_killed = kill_one(home, victim, pid)
                code = worker.ended()
                killed[victim] += was_killed and (code != 0 or victim == "the keeper")
            began = time.monotonic()
            worker.begin(day)
            assert worker.ended() == 0, f"{day}: the pass after {victim} died"
            seconds = time.monotonic() - began
        kept = Database(
            {"host": str(socket_folder), "user": "postgres", "dbname": "desk"}
        )
        settings = month_settings(home, MONTH[-1])
        build(Desk(settings, kept, desk_clock(settings)))
        ended = final_tables(kept, TABLES)

    assert all(killed[victim] >= 3 for victim in set(victims)), killed
    expected = final_tables(database, TABLES)
    assert len(expected["trading.orders"]) > 20
    assert len(expected["trading.published_sessions"]) == 1 + len(MONTH)
    for table, rows in expected.items():
        assert len(ended[table]) == len(rows), table
        differing = [
            pair for pair in zip(ended[table], rows, strict=True) if not same(*pair)
        ]
        assert not differing[:1], f"{table}: {len(differing)} rows differ"


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Equal, measured values to 1e-9: as near as an increment is to a full build."""
    return all(
        isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(a, float) and isinstance(b, float)
        else a == b
        for a, b in zip(one, other, strict=True)
    )
