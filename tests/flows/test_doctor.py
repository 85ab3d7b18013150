"""The doctor: ten deliberate faults are found, and what it advises mends them."""

import os
import re
import shlex
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desk.calendar import desk_clock
from desk.database import Database
from desk.settings import Settings
from executor.control import halt
from executor.publish import publish
from flows.doctor import _ports
from flows.doctor_database import _clock
from tests.conftest import CopyDatabase, url_of
from tests.processes import free_port, running_api

PROGRAMS = Path(sys.executable).parent
ROUNDS = 3

Variables = dict[str, str]


@dataclass
class Patient:
    """A desk of the test's own; `variables` are its environment."""

    database: Database
    home: Path
    variables: Variables
    taken: list[socket.socket] = field(default_factory=list)

    def examined(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAMS / "desk", "doctor"],
            capture_output=True,
            text=True,
            env={**self.variables, "COLUMNS": "400"},
        )

    def follow(self, advice: str) -> None:
        """Type what stands in the last backquotes of a piece of advice."""
        command = re.findall(r"`([^`]+)`", advice)[-1]
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} >&2 && env -0"],
            capture_output=True,
            env={**self.variables, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
        )
        assert done.returncode == 0, done.stderr.decode()
        pairs = (p.split("=", 1) for p in done.stdout.decode().split("\0") if p)
        self.variables = dict(pairs)


@pytest.fixture
def patient(
    built: Database, copies: CopyDatabase, shared_home: Path
) -> Iterator[Patient]:
    home = shared_home / uuid.uuid4().hex  # which the server's account can enter
    database = copies(built)
    publish(database, desk_clock(Settings(home=home)))
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DESK_")}
    patient = Patient(
        database,
        home,
        {
            **inherited,
            "DESK_HOME": str(home),
            "DESK_DATABASE_URL": url_of(database),
            "DESK_API_PORT": str(free_port()),
            "DESK_PREFECT_PORT": str(free_port()),
        },
    )
    yield patient
    for listener in patient.taken:
        listener.close()


def advice_in(printed: str) -> list[str]:
    return [line.strip() for line in printed.splitlines() if "→" in line]


def setting(name: str, value: str) -> Callable[[Patient], None]:
    return lambda patient: patient.variables.update({name: value})


def statement(text: str) -> Callable[[Patient], None]:
    def run(patient: Patient) -> None:
        with patient.database.connect() as conn:
            conn.execute(text.encode())

    return run


def _take_the_port(patient: Patient) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    patient.taken.append(listener)
    patient.variables["DESK_API_PORT"] = str(listener.getsockname()[1])


def _write_key(content: str, mode: int) -> Callable[[Patient], None]:
    def write(patient: Patient) -> None:
        patient.home.mkdir(exist_ok=True)
        (patient.home / "api_key").write_text(content)
        (patient.home / "api_key").chmod(mode)

    return write


def _no_server(patient: Patient) -> None:
    url = "postgresql://127.0.0.1:1/desk"
    patient.variables["DESK_DATABASE_URL"] = url


def _no_programs(patient: Patient) -> None:
    del patient.variables["DESK_DATABASE_URL"]
    patient.variables["DESK_PG_BIN"] = "/nowhere"


FAULTS: Mapping[str, tuple[Callable[[Patient], None], str]] = {
    "a setting misspelt": (setting("DESK_THREAD", "2"), "did you mean DESK_THREADS"),
    "a setting unreadable": (setting("DESK_THREADS", "many"), "DESK_THREADS=many"),
    "a strategy misspelt": (
        setting("DESK_TRADED_STRATEGIES", "sma_cros"),
        "there is no strategy sma_cros; known are bollinger_breakout",
    ),
    "a port taken": (_take_the_port, "is taken by another program"),
    "the key cut": (_write_key("abc", 0o600), "holds no usable key"),
    "the key open to all": (_write_key("k" * 43, 0o644), "others can read"),
    "the database away": (_no_server, "can't be reached"),
    "Postgres not there": (_no_programs, "no Postgres programs are there"),
    "halted": (lambda p: _halt(p), "all: a test"),
    "the last load dead": (
        statement("update raw.ingest_runs set outcome = 'died'"),
        "the last load died",
    ),
    "bars missing": (
        statement("delete from raw.raw_prices where bar_date = '2013-03-01'"),
        "end on 2013-02-28; the last session is 2013-03-01",
    ),
    "nothing built": (
        statement("drop schema marts cascade; create schema marts"
                  " authorization desk_dbt; grant usage on schema marts"
                  " to desk_executor, desk_reader"),
        "nothing is built",
    ),
    "Alpaca on old prices": (
        setting("DESK_BROKER", "alpaca"),
        "another DESK_PRICE_SOURCE than sample",
    ),
    "an address of nobody": (
        setting("DESK_NOTIFY_URLS", "nonsense"),
        "Apprise doesn't know address 1",
    ),
    "nobody to tell": (setting("DESK_NOTIFY_HALTS", "digest"), "nobody hears of halts"),
    "a replay unfinished": (
        statement("update trading.control set replay_from = '2013-03-01',"
                  " replay_until = '2013-03-01'"),
        "stopped at 2013-03-01",
    ),
}  # fmt: skip
SLOW = ("bars missing", "nothing built", "a replay unfinished", "a port taken")


# Mended by the embedded Postgres, which is empty.
NEW_DATABASE = ("the database away", "Postgres not there")


def _halt(patient: Patient) -> None:
    halt(patient.database, "all", "a test")


def test_a_healthy_desk_is_well(patient: Patient) -> None:
    examined = patient.examined()
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "✗" not in examined.stdout
    looked_at = "settings disk ports vendor database extension prices models clock"
    for what in [*looked_at.split(), "kill switch", "broker"]:
        assert what in examined.stdout


@pytest.mark.parametrize(
    "fault",
    [pytest.param(x, marks=[pytest.mark.slow] * (x in SLOW)) for x in FAULTS],
)
def test_a_fault_is_found_and_the_advice_mends_it(fault: str, patient: Patient) -> None:
    inflict, told = FAULTS[fault]
    inflict(patient)
    examined = patient.examined()
    assert examined.returncode == 1
    assert examined.stderr == ""
    assert told in " ".join(examined.stdout.split())

    for _ in range(ROUNDS):
        for advice in advice_in(examined.stdout):
            patient.follow(advice)
        examined = patient.examined()
        is_gone = told not in " ".join(examined.stdout.split())
        if is_gone and (examined.returncode == 0 or fault in NEW_DATABASE):
            return
    raise AssertionError(examined.stdout)


def test_the_desks_own_api_is_no_other_program(patient: Patient) -> None:
    settings = Settings(
        home=patient.home,
        database_url=url_of(patient.database),
        api_port=free_port(),
        prefect_port=free_port(),
        dashboards="no",
    )
    with running_api(settings):
        (finding,) = _ports(settings)
        assert finding.is_well
        assert "it answers as the desk's own does" in finding.told
        # Superset's port is asked for Superset, not for the API.
        other = {
            "api_port": free_port(),
            "superset_port": settings.api_port,
            "dashboards": "yes",
        }
        (finding,) = _ports(settings.model_copy(update=other))
        assert finding.told.startswith("DESK_SUPERSET_PORT=")
        assert not finding.is_well


def test_a_set_clock_is_not_for_orders_at_alpaca(settings: Settings) -> None:
    given = {"as_of": desk_clock(settings).session, "broker": "alpaca"}
    (finding,) = _clock(settings.model_copy(update=given))
    assert shlex.split(finding.advice.split("`")[1]) == ["unset", "DESK_AS_OF"]
    assert list(_clock(settings.model_copy(update={"broker": "alpaca"}))) == []
