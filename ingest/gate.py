"""The quality gate: Great Expectations on what was loaded, before it is used.

Single bars are judged by SQL on entry (`ingest/sql/bars.sql`). The gate judges what
one bar can't show: its neighbours, the calendar, corporate actions, other sources.
A series that looks wrong marks its symbol; the desk stops only when the load as a
whole can't be trusted.
"""

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import aiosql
import psycopg

from desk.calendar import Clock
from desk.database import Database
from desk.errors import DeskError
from desk.importing import importing
from desk.locks import GATE_LOCK
from desk.settings import Settings
from ingest.marks import QUERIES, Connection, Mark, open_marks, record

if TYPE_CHECKING:
    from ingest.expectations import Judgement

SERIES = aiosql.from_path(Path(__file__).parent / "sql" / "series.sql", "psycopg")
SHORTEST_WINDOW_SESSIONS = 20
# The planner knows nothing yet of what a check has just written: without this it
# joins thousands of symbols' bars in nested loops. Laterals keep theirs.
PLANNING = "-c enable_nestloop=off -c work_mem=256MB -c jit=off"
# More marked symbols than this share (and than one) is not single bad series.
MARKED_SHARE = 0.2
NAMED_MARKS = 3


@dataclass(frozen=True, slots=True)
class GateReport:
    """What was judged: bars from `window_start` to `window_end`, by how many
    expectations. `marks`: those open now; `fresh`: symbols with bars in the last
    sessions. `docs_path` is the first page of the Data Docs."""

    window_start: date
    window_end: date
    rows: int
    expectations: int
    fresh: frozenset[str]
    marks: tuple[Mark, ...]
    docs_path: Path

    @property
    def said(self) -> str:
        """The report as one line."""
        judged = f"{self.rows:,} bars from {self.window_start} to {self.window_end}"
        if not self.marks:
            return f"{judged} met {self.expectations} expectations"
        fresh = [mark for mark in self.marks if mark.symbol in self.fresh]
        count, ended = _count(fresh), _count(self.marks) - _count(fresh)
        return f"{judged} judged by {self.expectations} expectations" + "".join(
            [
                f"; {count:,} of {len(self.fresh):,} symbols marked, which open no new "
                f"position: {_named(fresh)}"
                if count
                else "",
                f"; {ended:,} marked whose bars have ended" if ended else "",
            ]
        )


class GateFailed(DeskError):  # noqa: N818
    """Loaded prices that can't be traded on; says which expectation, bar and value."""


def check(settings: Settings, database: Database, clock: Clock) -> GateReport:
    """Judge the bars changed by every load that has not passed yet.

    Marks the symbols whose series look wrong and clears marks that no longer hold.
    Builds the Data Docs under the home folder. Raises `GateFailed` when a bar is
    impossible, nothing is fresh, or more than `MARKED_SHARE` of the symbols are
    marked; the next check then judges the same window again.
    """
    session = clock.session
    last = {"session": session, "shortest": SHORTEST_WINDOW_SESSIONS}
    check_id = uuid4()
    with database.connect("ingest", autocommit=True) as conn:
        QUERIES.hold_gate(conn, key=GATE_LOCK)
        run_ids, window_start = QUERIES.gate_window(conn, **last)
        QUERIES.start_check(
            conn, check_id=check_id, run_ids=run_ids, now=clock.now, **last
        )
        judgement = _judge(conn, database, settings, check_id)
        fresh = frozenset(QUERIES.fresh_symbols(conn, check_id=check_id, **last) or ())
        with conn.transaction():
            findings = [astuple(finding) for finding in judgement.findings]
            record(conn, clock, check_id, findings)
            marks = tuple(open_marks(conn))
            reasons = list(judgement.failures) or _distrust(fresh, marks)
            outcome = "failed" if reasons else "passed"
            QUERIES.mark_runs(conn, run_ids=run_ids, gate_outcome=outcome)
    if reasons:
        raise GateFailed(
            f"the quality gate failed: {'; '.join(reasons)}; see {judgement.docs_path}"
        )
    return GateReport(
        window_start=window_start,
        window_end=session,
        rows=judgement.rows,
        expectations=judgement.expectations,
        fresh=fresh,
        marks=marks,
        docs_path=judgement.docs_path,
    )


def _distrust(fresh: Collection[str], marks: Sequence[Mark]) -> list[str]:
    """Why the load as a whole can't be trusted, though every bar is possible.

    Only symbols with fresh bars count: series that ended long ago say nothing.
    """
    if not fresh:
        return [f"no symbol has a bar in the last {SHORTEST_WINDOW_SESSIONS} sessions"]
    found = [mark for mark in marks if mark.symbol in fresh]
    count = _count(found)
    if count < 2 or count <= MARKED_SHARE * len(fresh):
        return []
    return [
        f"{count:,} of {len(fresh):,} symbols are marked, more than "
        f"{MARKED_SHARE:.0%}: {_named(found)}"
    ]


def _count(marks: Iterable[Mark]) -> int:
    return len({mark.symbol for mark in marks})


def _named(marks: Sequence[Mark]) -> str:
    """Some symbols with their first mark, latest first, and how many more."""
    first = {mark.symbol: mark for mark in reversed(marks)}
    latest = sorted(first.values(), key=lambda mark: mark.bar_date, reverse=True)
    named = [f"{mark.symbol} ({mark.said})" for mark in latest[:NAMED_MARKS]]
    more = len(latest) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def _judge(
    conn: Connection, database: Database, settings: Settings, check_id: object
) -> "Judgement":
    queries = {
        "bars": QUERIES.window_bars.sql,
        "series": SERIES.bars_that_stand_out.sql,
        "ends": SERIES.ends_of_series.sql,
    }
    values = {"check_id": check_id}
    literal = {name: _literal(conn, sql, values) for name, sql in queries.items()}
    with importing(), warnings.catch_warnings():
        # Great Expectations 1.24 imports what Python deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        from ingest.expectations import judge  # 3 s of import
    url = database.sqlalchemy_url("ingest")
    options = f"{url.query['options']} {PLANNING}"
    url = url.update_query_dict({"options": options})
    return judge(url, literal, settings.home / "data_docs")


def _literal(conn: Connection, query: str, values: Mapping[str, object]) -> str:
    """The query with its values written in: Great Expectations binds none."""
    return psycopg.ClientCursor(conn).mogrify(query.rstrip(";").encode(), values)
