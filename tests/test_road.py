"""The whole road as a person walks it: `desk run` in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from desk.database import Database
from tests.conftest import CopyDatabase, url_of
from tests.final_tables import final_tables

DESK = Path(sys.executable).with_name("desk")
STAGES = ("load", "gate", "build", "replay", "publish", "execute")


def environment(database: Database, home: Path, **settings: str) -> Mapping[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DESK_")}
    return {
        **inherited,
        "DESK_HOME": str(home),
        "DESK_DATABASE_URL": url_of(database),
        **settings,
    }


def desk(command: str, database: Database, home: Path, **settings: str) -> str:
    done = subprocess.run(
        [DESK, *command.split()],
        capture_output=True,
        text=True,
        env=environment(database, home, **settings),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def count(database: Database, table: str) -> int:
    with database.connect() as conn:
        (rows,) = conn.execute(f"select count(*) from {table}").fetchone() or (0,)
        return int(rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def eve(migrated: Database, templates: CopyDatabase, home: Path) -> Database:
    """A database after one run on the evening before the sample's last session."""
    database = templates(migrated)
    desk("run", database, home, DESK_AS_OF="2013-02-28")
    return database


@pytest.fixture(scope="module")
def undisturbed(
    eve: Database, templates: CopyDatabase, home: Path
) -> tuple[Database, str]:
    """The same database after a quiet run on the next evening, and what it said."""
    database = templates(eve)
    return database, desk("run", database, home)


def test_one_more_session_is_all_that_a_later_run_acts_on(
    eve: Database, undisturbed: tuple[Database, str]
) -> None:
    database, said = undisturbed

    assert "5 new" in said
    assert count(database, "raw.raw_prices") == count(eve, "raw.raw_prices") + 5
    with database.connect() as conn:
        published = conn.execute(
            "select session_date::text from trading.published_sessions order by 1"
        ).fetchall()
        acted_on = conn.execute(
            "select count(*) from trading.orders"
            " where signal ->> 'bar_date' not in ('2013-02-28', '2013-03-01')"
        ).fetchone()
    assert published == [("2013-02-28",), ("2013-03-01",)]
    assert acted_on == (0,)


def test_a_second_run_finds_nothing_to_do_and_says_so(
    undisturbed: tuple[Database, str], copies: CopyDatabase, home: Path
) -> None:
    database = copies(undisturbed[0])
    before = final_tables(database)

    said = desk("run", database, home)

    assert "0 new bars" in said
    assert "0 new signals" in said
    assert "0 orders" in said
    assert final_tables(database) == before


def test_runs_killed_in_every_stage_end_in_the_same_tables(
    eve: Database,
    undisturbed: tuple[Database, str],
    copies: CopyDatabase,
    tmp_path: Path,
    one_in: int,
) -> None:
    database = copies(eve)
    for stage in STAGES if one_in == 1 else ("build",):
        kill_in(stage, database, tmp_path)

    desk("run", database, tmp_path)

    assert final_tables(database) == final_tables(undisturbed[0])


def kill_in(stage: str, database: Database, home: Path) -> None:
    """Start a run and SIGKILL it as soon as it is in a stage."""
    position = STAGES.index(stage)
    process = subprocess.Popen(
        [DESK, "run"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**environment(database, home), "PYTHONUNBUFFERED": "1"},
    )
    with process:
        assert process.stdout is not None
        if position == 0:
            time.sleep(2.5)  # the load has no line before it to wait for
        else:
            before = STAGES[position - 1]
            assert any(before in line.split()[:2] for line in process.stdout)
            time.sleep(0.4)
        os.killpg(process.pid, signal.SIGKILL)
