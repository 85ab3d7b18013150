"""The printed table: a figure a line, beside the floor and the careful way."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

from benchmarks.database import measured

HEADER = "".join(
    f"{name:>{width}}"
    for name, width in (
        *(("", 36), ("time", 10), ("/ floor", 10), ("/ careful", 10)),
        *(("Python", 12), ("Postgres", 12)),
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
        with _server_memory(self.home) as server_mib:
            figure = measured(call, *arguments)
        taken, seconds = figure.result, scale * figure.seconds
        if isinstance(taken, float):
            seconds = taken
        if isinstance(taken, dict):
            seconds = taken.pop("in all", seconds)
            note = steps_said(taken)
        bases = (self.floor, self.careful)
        ratios = (f"{seconds / base:>10.2f}" if base else " " * 10 for base in bases)
        print(
            f"{seconds:>8.1f} s{''.join(ratios)}{figure.peak_mib:>8.0f} MiB"
            f"{server_mib():>8.0f} MiB  {note}",
            flush=True,
        )
        return seconds


def steps_said(seconds: Mapping[str, float]) -> str:
    return " · ".join(f"{step} {spent:.1f}" for step, spent in seconds.items())


@contextmanager
def _server_memory(home: Path) -> Iterator[Callable[[], float]]:
    """The most that the embedded server's processes held at once, in MiB, without
    what they share."""
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    server = psutil.Process(int(pid_file.read_text().split()[0]))
    seen = [0.0]
    is_over = Event()

    def watch() -> None:
        while not is_over.wait(0.1):
            seen.append(sum(map(_private_mib, server.children())))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield lambda: max(seen)
    finally:
        is_over.set()
        watcher.join()


def _private_mib(process: psutil.Process) -> float:
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return float(memory.rss - memory.shared) / 2**20
