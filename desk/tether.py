"""A command that ends when its parent does, however the parent ends.

`python -m desk.tether LOCKFILE COMMAND…` runs a command in a process group of
its own for as long as another process holds the lock on LOCKFILE. The lock is a
POSIX record lock: children don't inherit it, and the kernel takes it away when
its holder dies. When it is gone, or on SIGTERM or SIGINT, the command is asked
to end, and killed after a few seconds with all that it started.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

KILL_AFTER_SECONDS = 3
TAKE_OVER_SECONDS = 10.0
WAKE_SECONDS = 0.5  # for a dead holder's commands to notice and take the lock
WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD}


class LockHeldError(Exception):
    """Somebody else holds the lock; `pid` says who."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"held by {pid}")
        self.pid = pid


# The parent ------------------------------------------------------------------


@contextmanager
def holding(lock_file: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock for the block; yields a function that lets go of it early.

    Waits for commands that a dead holder left behind to end. Raises `LockHeldError`
    when another process holds the lock.
    """
    # Opened once: closing any other handle on the file would drop the lock.
    with lock_file.open("a+") as file:
        _take_over(file)
        print(os.getpid(), file=file, flush=True)
        yield lambda: fcntl.lockf(file, fcntl.LOCK_UN)
        file.truncate(0)


def _take_over(file: IO[str]) -> None:
    """Take the lock; a holder that ended well has left the file empty."""
    deadline = time.monotonic() + TAKE_OVER_SECONDS
    file.seek(0)
    holder = file.read().strip()
    if not _try_lock(file, fcntl.LOCK_SH):
        raise LockHeldError(holder)
    fcntl.lockf(file, fcntl.LOCK_UN)
    if holder:
        time.sleep(WAKE_SECONDS)
    while not _try_lock(file, fcntl.LOCK_EX):
        if not _try_lock(file, fcntl.LOCK_SH) or time.monotonic() > deadline:
            raise LockHeldError(holder)
        fcntl.lockf(file, fcntl.LOCK_UN)
        time.sleep(0.1)
    file.truncate(0)


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.lockf(file, kind | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


# The tether ------------------------------------------------------------------


def run(lock_file: Path, command: list[str]) -> int:
    """Run the command while the lock is held; its exit code, as a shell's."""
    signal.signal(signal.SIGCHLD, lambda *_: None)  # else some systems drop it
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    with lock_file.open("a+") as file:
        if _try_lock(file, fcntl.LOCK_SH):
            return 128 + signal.SIGTERM
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED),
        )
        # The shared lock is granted when the holder is gone, and kept until
        # this process ends: a new holder waits until all is cleared away.
        threading.Thread(target=_stop_when_free, args=[file], daemon=True).start()
        _watch(process)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _stop_when_free(file: IO[str]) -> None:
    fcntl.lockf(file, fcntl.LOCK_SH)
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(process: subprocess.Popen[bytes]) -> None:
    started: list[psutil.Process] = []
    is_asked = False
    while process.poll() is None:
        caught = signal.sigwait(WATCHED)
        if caught == signal.SIGCHLD:
            continue
        # Those in groups of their own can be told only while their parent lives.
        with suppress(psutil.NoSuchProcess):
            started += psutil.Process(process.pid).children(recursive=True)
        if caught == signal.SIGALRM:
            process.kill()
        else:
            process.send_signal(caught)
            if not is_asked:
                signal.alarm(KILL_AFTER_SECONDS)
            is_asked = True
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for left_over in started:
        with suppress(psutil.NoSuchProcess):
            left_over.kill()


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
