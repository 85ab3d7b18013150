"""A backtest built apart from the desk, on the engine of choice."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql

from desk.database import Database
from desk.errors import DeskError
from desk.migrate import migrate
from desk.settings import Settings
from desk.snapshot import snapshot
from flows.as_of import BACKTEST, backtested_as_of, own_database, take_trials
from flows.engines import Engine, dbt_of
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
# Spark's dates for Postgres' infinite ones: see the macros end_of_time.
ENDS_OF_TIME = {date(1, 1, 1): "-infinity", date(9999, 12, 31): "infinity"}


@contextmanager
def researched(
    settings: Settings,
    database: Database,
    engine: Engine,
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
    dbt = dbt_of(engine)
    with own_database(database) as own, TemporaryDirectory(prefix="desk-") as name:
        folder = Path(name)
        _build(dbt, engine, settings, database, folder, moment)
        migrate(own)
        take_trials(database, own)
        apart = settings.model_copy(update={"home": folder / "home"})
        build(apart, own, select=BACKTEST)  # of no prices: tables of the right types
        _bring_home(engine, folder, own)
        with own.connect("dbt") as conn:
            conn.execute(compiled(apart, own, "{{ insert_trials() }}").encode())
        take_trials(own, database)
        yield own


def _leaving_nothing_outside(folder: Path) -> Mapping[str, str]:
    """For Spark's environment: what it unpacks and spills lies in the folder."""
    options = os.environ.get("JAVA_TOOL_OPTIONS", "")
    return {
        "JAVA_TOOL_OPTIONS": f'{options} "-Djava.io.tmpdir={folder}"'.lstrip(),
        "SPARK_LOCAL_DIRS": str(folder),
    }


def _build(
    dbt: Path,
    engine: Engine,
    settings: Settings,
    database: Database,
    folder: Path,
    moment: datetime | None,
) -> None:
    """Everything the engine builds, in the folder, from a snapshot taken now."""
    report = snapshot(database, str(folder / "snapshot"), moment)
    if not report.rows:
        raise DeskError("there are no prices to research; run desk load")
    command = (
        *(str(dbt), "--quiet", "build", "--no-use-colors"),
        *("--target", engine, "--select", "+path:models/backtest"),
        *("--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(variables(settings))),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    )
    given = {
        "DUCKDB_PATH": str(folder / "desk.duckdb"),
        "DUCKDB_SNAPSHOT": str(folder / "snapshot"),
        "SPARK_SNAPSHOT": str(folder / "snapshot"),
        "SPARK_WAREHOUSE": str(folder / "spark"),
        "DESK_THREADS": str(settings.threads),
    }
    if engine == "spark":
        given |= _leaving_nothing_outside(folder)
    done = subprocess.run(
        command,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        # Spark tells there what it is doing; dbt's errors are in its output.
        stderr=subprocess.DEVNULL if engine == "spark" else subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        name = {"duckdb": "DuckDB", "spark": "Spark"}[engine]
        raise DeskError(f"dbt build on {name} failed: {' '.join(done.stdout.split())}")


def _bring_home(engine: Engine, folder: Path, own: Database) -> None:
    """Copies the tables' rows, numbers to their last digit."""
    write = _write_duckdb if engine == "duckdb" else _write_spark
    with own.connect("dbt") as conn:
        for schema, table in BROUGHT_HOME:
            rows = folder / f"{table}.csv"
            columns = write(folder, schema, table, rows)
            name = sql.Identifier(schema, table)
            conn.execute(sql.SQL("truncate {}").format(name))
            target = sql.SQL("copy {} ({}) from stdin (format csv)").format(
                name, sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with rows.open("rb") as lines, conn.cursor().copy(target) as copy:
                while block := lines.read(BLOCK):
                    copy.write(block)
            rows.unlink()


def _write_duckdb(folder: Path, schema: str, table: str, rows: Path) -> list[str]:
    """A table of the DuckDB file as CSV; gives its columns."""
    import duckdb

    with duckdb.connect(str(folder / "desk.duckdb"), read_only=True) as built:
        relation = built.table(f"{schema}.{table}")
        relation.write_csv(str(rows), header=False)
        return list(relation.columns)


def _write_spark(folder: Path, schema: str, table: str, rows: Path) -> list[str]:
    """A table of Spark's Parquet files as CSV; gives its columns."""
    from pyarrow import compute, csv, dataset, types

    files = dataset.dataset(folder / "spark" / f"{schema}.db" / table)
    dates = [field.name for field in files.schema if types.is_date(field.type)]
    written = csv.WriteOptions(include_header=False)
    with rows.open("wb") as output:
        for batch in files.to_batches():
            for name in dates:
                told = compute.cast(batch.column(name), "string")
                for day, infinite in ENDS_OF_TIME.items():
                    told = compute.replace_substring(told, day.isoformat(), infinite)
                place = batch.schema.get_field_index(name)
                batch = batch.set_column(place, name, told)
            csv.write_csv(batch, output, written)
    return list(files.schema.names)
