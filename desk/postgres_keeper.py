"""The keeper of one embedded Postgres: `python -m desk.postgres_keeper FOLDER BIN`.

It starts the server, starts it again if it dies, and stops it a few seconds after
the last user (a shared lock on `users.lock`) is gone. The standard library only:
it should start at once and stay small.
"""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from desk.errors import PostgresError

IDLE_SECONDS = 5.0
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
DEAD_PID = 2**22 + 1  # above the largest pid the kernel gives out
SERVER_OPTIONS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "jit": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    # Nobody replicates it: what a build writes to a new table need not go to the log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
}


def keep(folder: Path, bin_folder: Path) -> None:
    """Keep the server up until nobody uses it; the keeper's whole life."""
    with (folder / "keeper.lock").open("r+") as mine:
        if not _locked(mine):
            return  # this home has its keeper
        mine.truncate(0)
        print(os.getpid(), file=mine, flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            _initialise(folder, bin_folder)
            _watch(folder, bin_folder)
        except SystemExit:
            _stop(folder, bin_folder)
        except subprocess.CalledProcessError:
            (folder / "failed").touch()
            raise


def _locked(file: IO[str]) -> bool:
    """Whether the lock is ours; more than one try, as others probe it for a moment."""
    for _ in range(10):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.03)
    return False


def _watch(folder: Path, bin_folder: Path) -> None:
    idle_since = time.monotonic()
    with (folder / "users.lock").open("a") as users:
        while folder.exists():
            if not accepts(folder):
                _start_after_orphans(folder, bin_folder)
            time.sleep(0.2)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                idle_since = time.monotonic()
                continue
            if time.monotonic() - idle_since > IDLE_SECONDS:
                # Whoever comes now waits for the lock and finds no keeper.
                _stop(folder, bin_folder)
                return
            fcntl.flock(users, fcntl.LOCK_UN)


def _initialise(folder: Path, bin_folder: Path) -> None:
    data = folder / "data"
    if data.exists():
        return
    partial = folder / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    _run(
        [
            bin_folder / "initdb",
            *("--pgdata", partial),
            *("--username", "postgres"),
            *("--auth", "trust"),
            *("--encoding", "UTF8"),
            *("--locale", "C"),
            "--data-checksums",
        ],
        folder,
    )
    partial.rename(data)


def _start_after_orphans(folder: Path, bin_folder: Path) -> None:
    """Start; a killed server's last processes may need a moment to notice."""
    for patience in (0.5, 1.0, 2.0, 4.0):
        with suppress(subprocess.CalledProcessError):
            return _start(folder, bin_folder)
        time.sleep(patience)
    return _start(folder, bin_folder)


def _start(folder: Path, bin_folder: Path) -> None:
    _forget_reused_pid(folder / "data" / "postmaster.pid")
    options = SERVER_OPTIONS | {
        "unix_socket_directories": str(socket_folder(folder)),
        "unix_socket_permissions": "0700",
    }
    settings = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    _pg_ctl(folder, bin_folder, "start", "-o", settings)


def _stop(folder: Path, bin_folder: Path) -> None:
    _pg_ctl(folder, bin_folder, "stop", "-m", "fast")
    if (sockets := socket_folder(folder)) != folder:
        sockets.rmdir()


def _forget_reused_pid(pid_file: Path) -> None:
    """Nobody listens, so the pid on record is not our postmaster's any more.

    If another process has it now, Postgres would refuse to start. Only the pid
    is replaced: the rest of the file names the shared memory by which Postgres
    notices its own orphans.
    """
    if pid_file.exists():
        _, *rest = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(DEAD_PID), *rest, ""]))


def _pg_ctl(folder: Path, bin_folder: Path, *arguments: str | Path) -> None:
    _run([bin_folder / "pg_ctl", "-D", folder / "data", "-w", *arguments], folder)


def _run(command: list[str | Path], folder: Path) -> None:
    as_account: dict[str, Any] = {}
    if account := server_account():
        as_account = {
            "user": account.pw_uid,
            "group": account.pw_gid,
            "extra_groups": [],
        }
    output: IO[str]
    with (folder / "server.log").open("a") as output:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            **as_account,
        )


def server_account() -> pwd.struct_passwd | None:
    """The account that runs the server: None for one's own, never root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def socket_folder(folder: Path) -> Path:
    """The server's folder; a short one in /tmp when its path is too long for a
    socket, or has characters that a list of folders in a setting can't hold."""
    is_plain = re.fullmatch(r"[\w./-]+", str(folder), re.ASCII)
    if is_plain and len(str(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return folder
    owner = folder.stat().st_uid
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    short = Path("/tmp") / f"desk-{owner}-{digest}"  # noqa: S108
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid not in (owner, os.geteuid()):
        raise PostgresError(f"{short} belongs to somebody else")
    os.chown(short, owner, folder.stat().st_gid)
    return short


def accepts(folder: Path) -> bool:
    """Whether a postmaster listens; true while it still recovers, too."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_folder(folder) / SOCKET_NAME))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
