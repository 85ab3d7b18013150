"""A dbt project that isn't Desk and has the indicators as a package."""

import logging
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from desk.database import Database
from flows.parsed import DBT_PROJECT
from tests.indicators.case import Case, Series

PACKAGE = DBT_PROJECT / "indicators"
TEMPLATE = Path(__file__).parent / "project"
Render = Callable[[str, str], str]


@dataclass(frozen=True)
class ForeignProject:
    """Its folder, its database, and dbt on both."""

    folder: Path
    database: Database

    def dbt(self, *arguments: str, manifest: Any = None) -> Any:
        """The result of a dbt command; its exception if it fails."""
        from dbt.cli.main import dbtRunner

        flags = [
            *("--project-dir", str(self.folder)),
            *("--profiles-dir", str(self.folder)),
            *("--log-level", "none", "--log-level-file", "none"),
        ]
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.database.environment().items():
                patch.setenv(name, value)
            done = dbtRunner(manifest=manifest).invoke([*arguments, *flags])
        for handler in logging.getLogger("file_log").handlers:
            handler.close()
        if done.exception is not None:
            # An inline query's own error is the context of dbt's.
            raise done.exception.__context__ or done.exception
        failed = [
            f"{result.node.name}: {result.message}"
            for result in getattr(done.result, "results", [])
            if result.status == "error"
        ]
        assert not failed, "\n".join(failed)
        return done.result


def make_project(
    folder: Path, database: Database, cases: Iterable[Case]
) -> ForeignProject:
    """The project's files with a model for each case, and its table of bars."""
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    (folder / "packages.yml").write_text(f"packages:\n  - local: {PACKAGE}\n")
    for case in cases:
        (folder / "models" / f"{case.name}.sql").write_text(case.model())
    with database.connect() as conn:
        conn.execute((folder / "bars.sql").read_bytes())
    return ForeignProject(folder, database)


def values_of(conn: psycopg.Connection, case: Case) -> dict[str, Series]:
    """A case's values of each ticker's bars, oldest first; NULL is NaN."""
    query = (
        f"select ticker, array_agg(value order by traded_on) "
        f"from indicators.{case.name} group by ticker"
    )
    rows = conn.execute(query.encode(), binary=True).fetchall()
    return {ticker: np.array(values, dtype=np.float64) for ticker, values in rows}
