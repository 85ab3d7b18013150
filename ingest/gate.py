"""The quality gate: Great Expectations on what was loaded, before it is used.

Single bars are judged by SQL on entry (`ingest/sql/bars.sql`). The gate judges what
one bar can't show: its neighbours, the calendar, corporate actions.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosql
import psycopg

from desk.calendar import Clock
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings

if TYPE_CHECKING:
    from ingest.expectations import Judgement

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "gate.sql", "psycopg")
SHORTEST_WINDOW_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class GateReport:
    """What was judged: bars from `window_start` to `window_end`, by how many
    expectations; `docs_path` is the first page of the Data Docs."""

    window_start: date
    window_end: date
    rows: int
    expectations: int
    docs_path: Path

    @property
    def said(self) -> str:
        """The report as one line."""
        return (
            f"{self.rows:,} bars from {self.window_start} to {self.window_end} "
            f"met {self.expectations} expectations"
        )


class GateFailed(DeskError):  # noqa: N818
    """Loaded prices that can't be traded on; says which expectation, bar and value."""


def check(settings: Settings, database: Database, clock: Clock) -> GateReport:
    """Judge the bars changed by every load that has not passed yet.

    Builds the Data Docs under the home folder either way. Raises `GateFailed` when
    an expectation is not met; the next check then judges the same window again.
    """
    session = clock.session
    with database.connect("ingest", autocommit=True) as conn:
        run_ids, window_start = QUERIES.gate_window(
            conn, session=session, shortest=SHORTEST_WINDOW_SESSIONS
        )
        window = {"window_start": window_start, "session": session}
        assets = {
            "bars": _literal(conn, QUERIES.window_bars.sql, window),
            "last_bars": _literal(conn, QUERIES.last_bars.sql, window),
        }
        judgement = _judge(database, assets, settings.home / "data_docs")
        outcome = "failed" if judgement.failures else "passed"
        QUERIES.mark_runs(conn, run_ids=run_ids, gate_outcome=outcome)
    if judgement.failures:
        reasons = "; ".join(judgement.failures)
        raise GateFailed(
            f"the quality gate failed: {reasons}; see {judgement.docs_path}"
        )
    return GateReport(
        window_start=window_start,
        window_end=session,
        rows=judgement.rows,
        expectations=judgement.expectations,
        docs_path=judgement.docs_path,
    )


def _judge(
    database: Database, assets: Mapping[str, str], docs_folder: Path
) -> "Judgement":
    with warnings.catch_warnings():
        # Great Expectations 1.24 imports what Python deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        from ingest.expectations import judge  # 3 s of import
    return judge(database.sqlalchemy_url("ingest"), assets, docs_folder)


def _literal(
    conn: psycopg.Connection[Any], query: str, values: Mapping[str, object]
) -> str:
    """The query with its values written in: Great Expectations binds none."""
    return psycopg.ClientCursor(conn).mogrify(query.rstrip(";").encode(), values)
