"""The printed table: a figure a line, beside the floor and the careful way."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

from benchmarks.database import measured

HEADER = "".join(
    f"{name:>{width}}"
    for name, width in (
        *(("", 36), ("time", 10), ("/ floor", 10), ("/ careful", 10)),
        *(("CPU", 10), ("Python", 12), ("Postgres", 12)),
    )
)


@dataclass
class Table:
    """`floor` and `careful` are the seconds by which the others are divided."""

    home: Path
    floor: float = 0
    careful: float = 0

    def line(
        self,
        name: str,
        call: Callable[..., object],
        *arguments: object,
        scale: float = 1,
        note: str = "",
    ) -> float:
        """Seconds of a call in a process of its own, times `scale`, printed.

        A call that returns a number took the time itself; a mapping has its steps'
        seconds, and under "in all" what counts, if that isn't the whole call.
        """
        print(f"{name:<36}", end="", flush=True)
        with _watched_server(self.home) as server:
            figure = measured(call, *arguments)
        taken, seconds = figure.result, scale * figure.seconds
        if isinstance(taken, float):
            seconds = taken
        if isinstance(taken, dict):
            seconds = taken.pop("in all", seconds)
            note = steps_said(taken)
        bases = (self.floor, self.careful)
        cpu_seconds = scale * (figure.cpu_seconds + server.cpu_seconds)
        ratios = (f"{seconds / base:>10.2f}" if base else " " * 10 for base in bases)
        print(
            f"{seconds:>8.1f} s{''.join(ratios)}{cpu_seconds:>8.1f} s"
            f"{figure.peak_mib:>8.0f} MiB{server.peak_mib:>8.0f} MiB  {note}",
            flush=True,
        )
        return seconds


def steps_said(seconds: Mapping[str, float]) -> str:
    return " · ".join(f"{step} {spent:.1f}" for step, spent in seconds.items())


@dataclass
class ServerUse:
    """What the embedded server's processes used: CPU seconds of all, and the most
    memory at once in MiB, without what they share."""

    peak_mib: float = 0
    cpu_seconds: float = 0


@contextmanager
def _watched_server(home: Path) -> Iterator[ServerUse]:
    """How the server was used during the block, known at its end."""
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    server = psutil.Process(int(pid_file.read_text().split()[0]))
    use, is_over = ServerUse(), Event()
    before = {process: spent for process, (spent, _) in _uses(server).items()}

    def watch() -> None:
        spent = dict(before)
        while not is_over.wait(0.1):
            uses = _uses(server)
            spent |= {process: seconds for process, (seconds, _) in uses.items()}
            use.peak_mib = max(use.peak_mib, sum(mib for _, mib in uses.values()))
        use.cpu_seconds = sum(spent.values()) - sum(before.values())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield use
    finally:
        is_over.set()
        watcher.join()


def _uses(server: psutil.Process) -> dict[psutil.Process, tuple[float, float]]:
    """CPU seconds so far and private memory in MiB of each server process."""
    uses = {}
    for process in server.children():
        with suppress(psutil.NoSuchProcess):
            cpu, memory = process.cpu_times(), process.memory_info()
            private = (memory.rss - memory.shared) / 2**20
            uses[process] = (cpu.user + cpu.system, private)
    return uses
