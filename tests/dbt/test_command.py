"""`dbt` as a person runs it: with dbt's rights, in a process of its own."""

import subprocess
from pathlib import Path

import pytest

from desk.database import Database
from desk.settings import Settings
from tests.conftest import CopyDatabase, url_of
from tests.processes import PYTHON, environment


@pytest.mark.slow
def test_dbt_builds_from_the_command_line(
    built: Database, copies: CopyDatabase, tmp_path: Path
) -> None:
    database = copies(built)
    settings = Settings(home=tmp_path, database_url=url_of(database))
    chosen = ("--select", "int_corporate_actions", "int_symbols")
    done = subprocess.run(
        [*PYTHON, "desk", "exec", "dbt", "build", *chosen],
        env=environment(settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "Completed successfully" in done.stdout
