"""Processes of the desk for tests: on free ports, ended with the test run."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from desk.ports import wait_for_answer
from desk.services import service_environment
from desk.settings import Settings
from desk.tether import holding

PYTHON = (sys.executable, "-P", "-m")
TETHER = (*PYTHON, "desk.tether")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def answers(port: int, path: str = "/", seconds: float = 30.0) -> bool:
    return wait_for_answer("127.0.0.1", port, path, seconds, threading.Event())


def environment(settings: Settings) -> Mapping[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DESK_")}
    return inherited | service_environment(settings)


@contextmanager
def running_api(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`desk api`, answering; ends with the block, and with this process."""
    settings.home.mkdir(parents=True, exist_ok=True)
    log = settings.home / "api.log"
    with holding(settings.home / "test.lock"), log.open("ab") as output:
        process = subprocess.Popen(
            [*TETHER, str(settings.home / "test.lock"), *PYTHON, "desk", "api"],
            env=environment(settings),
            stdout=output,
            stderr=output,
        )
        try:
            assert answers(settings.api_port, "/health/live"), log.read_text()
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)
