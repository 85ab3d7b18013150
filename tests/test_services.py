"""Services live and die together, however their parent ends."""

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from desk import cli_dashboards
from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.ports import check_ports
from desk.services import service_environment
from desk.settings import PROJECT, Settings, load_settings
from desk.tether import LockHeldError, holding
from desk.up import check_startable
from tests.conftest import url_of
from tests.processes import TETHER, answers, environment, free_port, is_free, within

SECONDS = 8.0
STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
signal.pause()
"""
WITH_OFFSPRING = """
import subprocess, sys
subprocess.Popen([*sys.argv[1:]], start_new_session=True).wait()
"""
UP = """
import sys
from desk.services import services
from desk.settings import load_settings
from desk.up import run_services
settings = load_settings()
api, *_ = services(settings)
run_services(settings, lambda found: print(*found.values(), flush=True), (api,))
"""

Start = Callable[..., subprocess.Popen[str]]


def http_server(port: int) -> list[str]:
    return [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts processes in groups of their own; none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start(
        *command: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=env
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.communicate()


def small_services(start: Start, home: Path, *ports: int) -> subprocess.Popen[str]:
    pairs = [x for port in ports for x in (shlex.join(http_server(port)), str(port))]
    return start(sys.executable, "-m", "tests.small_services", str(home), *pairs)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


# The tether ------------------------------------------------------------------


def test_a_command_gives_its_own_exit_code(tmp_path: Path, start: Start) -> None:
    with holding(tmp_path / "lock"):
        done = start(*TETHER, str(tmp_path / "lock"), "sh", "-c", "exit 7")
        assert done.wait(SECONDS) == 7


def test_without_a_holder_of_the_lock_nothing_is_started(
    tmp_path: Path, start: Start
) -> None:
    done = start(*TETHER, str(tmp_path / "lock"), "touch", str(tmp_path / "started"))
    assert done.wait(SECONDS) != 0
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_end_is_passed_on(
    tmp_path: Path, start: Start, request_to_end: signal.Signals
) -> None:
    port = free_port()
    with holding(tmp_path / "lock"):
        process = start(*TETHER, str(tmp_path / "lock"), *http_server(port))
        assert answers(port)
        process.send_signal(request_to_end)
        process.wait(SECONDS)
        assert is_free(port)


def test_a_command_that_does_not_listen_is_killed(tmp_path: Path, start: Start) -> None:
    with holding(tmp_path / "lock"):
        deaf = start(*TETHER, str(tmp_path / "lock"), sys.executable, "-c", STUBBORN)
        assert line_of(deaf) == "deaf"
        deaf.send_signal(signal.SIGTERM)
        assert deaf.wait(SECONDS) == 128 + signal.SIGKILL


def test_letting_go_of_the_lock_ends_what_the_command_started(
    tmp_path: Path, start: Start
) -> None:
    port = free_port()
    with holding(tmp_path / "lock") as let_go:
        command = [sys.executable, "-c", WITH_OFFSPRING, *http_server(port)]
        process = start(*TETHER, str(tmp_path / "lock"), *command)
        assert answers(port)
        let_go()
        process.wait(SECONDS)
        assert within(1, lambda: is_free(port))


def test_a_lock_has_one_holder_and_names_it(tmp_path: Path, start: Start) -> None:
    holder = small_services(start, tmp_path, free_port())
    assert line_of(holder).startswith("ready")
    with (
        pytest.raises(LockHeldError, match=str(holder.pid)),
        holding(tmp_path / "up.lock"),
    ):
        pass


# The services ----------------------------------------------------------------


def test_services_run_until_asked_to_stop(tmp_path: Path, start: Start) -> None:
    one, two = free_port(), free_port()
    process = small_services(start, tmp_path, one, two)
    assert line_of(process) == f"ready http://127.0.0.1:{one} http://127.0.0.1:{two}"
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    assert is_free(one)
    assert is_free(two)
    assert "GET /" in (tmp_path / "logs" / f"service{one}.log").read_text()


def test_a_killed_parent_leaves_nothing_behind(tmp_path: Path, start: Start) -> None:
    one, two = free_port(), free_port()
    process = small_services(start, tmp_path, one, two)
    assert line_of(process).startswith("ready")
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert within(SECONDS, lambda: not any(p.is_running() for p in family))
    assert is_free(one)
    assert is_free(two)


def test_a_new_parent_takes_over_from_a_killed_one(
    tmp_path: Path, start: Start
) -> None:
    port = free_port()
    first = small_services(start, tmp_path, port)
    assert line_of(first).startswith("ready")
    first.kill()
    first.wait()
    second = small_services(start, tmp_path, port)
    assert line_of(second).startswith("ready")


def test_a_second_parent_is_told_who_is_up(tmp_path: Path, start: Start) -> None:
    first = small_services(start, tmp_path, free_port())
    assert line_of(first).startswith("ready")
    second = small_services(start, tmp_path, free_port())
    told = f"desk: desk up is already running on {tmp_path} (pid {first.pid})"
    assert line_of(second) == told
    assert second.wait(SECONDS) == 1


def test_what_is_up_is_said_before_its_ports_are_called_taken(
    tmp_path: Path, start: Start
) -> None:
    settings = Settings(
        home=tmp_path,
        api_port=free_port(),
        prefect_port=free_port(),
        superset_port=free_port(),
    )
    check_startable(settings)
    first = small_services(start, tmp_path, settings.api_port)
    assert line_of(first).startswith("ready")
    with pytest.raises(DeskError, match="already running"):
        check_startable(settings)
    first.kill()
    first.wait()
    check_startable(settings)


def test_a_service_that_ends_ends_all_and_is_named_with_its_last_words(
    tmp_path: Path, start: Start
) -> None:
    port, other = free_port(), free_port()
    pairs = [shlex.join(http_server(port)), str(port)]
    pairs += ["sh -c 'echo no money left; exit 3'", str(other)]
    process = start(sys.executable, "-m", "tests.small_services", str(tmp_path), *pairs)
    assert line_of(process) == (
        f"desk: service{other} ended (exit code 3): no money left "
        f"(see {tmp_path}/logs/service{other}.log)"
    )
    assert process.wait(SECONDS) == 1
    assert is_free(port)


def test_the_real_api_is_kept_up_and_stopped(
    tmp_path: Path, database: Database, start: Start
) -> None:
    settings = Settings(
        home=tmp_path / "home", database_url=url_of(database), api_port=free_port()
    )
    settings.home.mkdir()
    process = start(sys.executable, "-c", UP, env=environment(settings))
    assert line_of(process) == f"http://127.0.0.1:{settings.api_port}"
    healthy = httpx.get(
        f"http://127.0.0.1:{settings.api_port}/health/live", trust_env=False
    )
    assert healthy.json() == {"status": "live"}
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert within(SECONDS, lambda: not any(p.is_running() for p in family))
    assert is_free(settings.api_port)


# Ports and variables ---------------------------------------------------------


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        names = ("api_port", "prefect_port", "superset_port")
        for setting in names:
            settings = Settings(home=tmp_path).model_copy(
                update={name: free_port() for name in names} | {setting: port}
            )
            with pytest.raises(
                SettingError,
                match=f"DESK_{setting.upper()}={port}: is taken by another program",
            ):
                check_ports(settings)


def test_two_services_can_not_share_a_port() -> None:
    port = free_port()
    with pytest.raises(SettingError, match=f"DESK_PREFECT_PORT={port}: is the same"):
        check_ports(Settings(api_port=port, prefect_port=port))


@pytest.mark.parametrize("host", ["nonsense.invalid", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_named(host: str) -> None:
    settings = Settings(host=host, api_port=free_port(), prefect_port=free_port())
    with pytest.raises(SettingError, match=f"DESK_HOST={host}: "):
        check_ports(settings)


def test_services_get_the_same_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url="postgresql:///desk?host=/tmp",
        symbols="AAPL,IBM",
        as_of="2013-02-28",
        strategy_parameters="sma_cross.fast_bars=20,donchian.has_shorts=true",
    )
    for name, value in service_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_dashboards_without_superset_say_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli_dashboards, "is_installed", lambda: False)
    for command in (cli_dashboards.make_ready, cli_dashboards.serve):
        with pytest.raises(DeskError, match="make up installs Superset"):
            command()


def test_prefect_keeps_to_the_home(tmp_path: Path) -> None:
    variables = service_environment(Settings(home=tmp_path, prefect_port=4321))
    assert variables["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert variables["TMPDIR"] == str(tmp_path / "tmp")
    assert variables["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert variables["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
