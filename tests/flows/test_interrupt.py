"""Ctrl-C while dbt works."""

import signal
import subprocess
import sys
from pathlib import Path

from desk.database import Database
from desk.settings import Settings
from tests.conftest import CopyDatabase, url_of
from tests.processes import environment, within

DESK = Path(sys.executable).parent / "desk"
WAITING = """
select exists (
    select
    from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
)
"""


def test_ctrl_c_during_a_build_is_an_interrupt_and_no_fault_of_dbts(
    built: Database, built_settings: Settings, copies: CopyDatabase
) -> None:
    database = copies(built)
    settings = Settings(home=built_settings.home, database_url=url_of(database))
    with database.connect() as holding, database.connect(autocommit=True) as looking:
        holding.execute("lock table intermediate.int_bars")
        command = subprocess.Popen(
            [DESK, "build"],
            env=environment(settings),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert within(60, lambda: looking.execute(WAITING).fetchone() == (True,))
        command.send_signal(signal.SIGINT)
        holding.rollback()  # dbt waits for the statements it could not end
        _, told = command.communicate(timeout=60)
    assert command.returncode == 130, told
    assert "dbt failed" not in told
