"""A backtest built apart from the desk, on the engine of choice."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from psycopg import sql

from desk.database import Database
from desk.errors import DeskError
from desk.migrate import migrate
from desk.settings import Settings
from desk.snapshot import snapshot
from flows.as_of import BACKTEST, backtested_as_of, own_database, take_trials
from flows.parsed import DBT_PROJECT, variables
from flows.transform import build, compiled

# What a report and the trial ledger read, of all that the engine has built.
BROUGHT_HOME = (
    ("intermediate", "int_bars"),
    ("intermediate", "int_strategies"),
    ("intermediate", "int_holdings"),
    ("intermediate", "int_portfolio_equity"),
    ("marts", "trades"),
    ("marts", "backtest_metrics"),
)
BLOCK = 1 << 20


@contextmanager
def researched(
    settings: Settings,
    database: Database,
    engine: Literal["postgres", "duckdb"],
    moment: datetime | None = None,
) -> Iterator[Database]:
    """A database with the backtest of all prices (those known at `moment`).

    It goes afterwards. Of the desk's own tables only the trial ledger is written to,
    with the same trials whatever the engine. Raises `DeskError` if there are no prices,
    if the engine is not installed, or with what dbt said.
    """
    if engine == "postgres":
        known = moment or datetime.now(UTC)
        with backtested_as_of(settings, database, known) as own:
            yield own
        return
    if find_spec("duckdb") is None:
        raise DeskError("--engine duckdb needs its extra: pip install 'desk[duckdb]'")
    with own_database(database) as own, TemporaryDirectory(prefix="desk-") as name:
        folder = Path(name)
        _build_on_duckdb(settings, database, folder, moment)
        migrate(own)
        take_trials(database, own)
        apart = settings.model_copy(update={"home": folder / "home"})
        build(apart, own, select=BACKTEST)  # of no prices: tables of the right types
        _bring_home(folder / "desk.duckdb", own)
        with own.connect("dbt") as conn:
            conn.execute(compiled(apart, own, "{{ insert_trials() }}").encode())
        take_trials(own, database)
        yield own


def _build_on_duckdb(
    settings: Settings, database: Database, folder: Path, moment: datetime | None
) -> None:
    """`desk.duckdb` in the folder, built from a snapshot taken now."""
    report = snapshot(database, str(folder / "snapshot"), moment)
    if not report.rows:
        raise DeskError("there are no prices to research; run desk load")
    command = (
        *(str(Path(sys.executable).with_name("dbt")), "--quiet", "build"),
        *("--target", "duckdb", "--select", "+path:models/backtest"),
        *("--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(variables(settings))),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    )
    given = {
        "DUCKDB_PATH": str(folder / "desk.duckdb"),
        "DUCKDB_SNAPSHOT": str(folder / "snapshot"),
        "DESK_THREADS": str(settings.threads),
    }
    done = subprocess.run(
        command,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise DeskError(f"dbt build on DuckDB failed: {' '.join(done.stdout.split())}")


def _bring_home(file: Path, own: Database) -> None:
    """Copies the tables' rows, numbers to their last digit."""
    import duckdb

    with duckdb.connect(str(file), read_only=True) as built, own.connect("dbt") as conn:
        for schema, table in BROUGHT_HOME:
            rows = file.with_name(f"{table}.csv")
            relation = built.table(f"{schema}.{table}")
            relation.write_csv(str(rows), header=False)
            name = sql.Identifier(schema, table)
            conn.execute(sql.SQL("truncate {}").format(name))
            columns = sql.SQL(", ").join(map(sql.Identifier, relation.columns))
            target = sql.SQL("copy {} ({}) from stdin (format csv)").format(
                name, columns
            )
            with rows.open("rb") as lines, conn.cursor().copy(target) as copy:
                while block := lines.read(BLOCK):
                    copy.write(block)
            rows.unlink()
