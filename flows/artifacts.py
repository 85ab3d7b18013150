"""What the flows leave in Prefect's UI, read from the tables anyone can query."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

import aiosql
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from psycopg.rows import dict_row

from flows.backtest import read_backtest
from flows.stages import Desk
from flows.transform import Node

if TYPE_CHECKING:
    from flows.trading_day import Outcome

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "artifacts.sql", "psycopg")
METRICS = ("strategy", "trades", "total_return", "sharpe", "max_drawdown", "exposure")
PROGRESS_STEP = 0.05

Share = Callable[[float], None]


@contextmanager
def progress(key: str) -> Iterator[Share]:
    """A progress bar; yields a function that is told the share done (0 to 1)."""
    artifact_id: Any = create_progress_artifact(0.0, key=f"{key}-progress")
    shown = 0.0

    def told(share: float) -> None:
        nonlocal shown
        if share - shown >= PROGRESS_STEP or share >= 1 > shown:
            shown = share
            update_progress_artifact(artifact_id, 100 * share)

    yield told


def reporting(desk: Desk, told: Share) -> Desk:
    """The same desk, whose long stages tell the share that is done."""
    return replace(desk, on_share=told)


def show_load(desk: Desk) -> None:
    """The last load's counts."""
    _table("load", "Rows of the last load.", _rows(desk, "last_load"))


def show_quality(desk: Desk) -> None:
    """The quality gate's verdict, its open marks, and where its pages are."""
    runs = _rows(desk, "last_load")
    marks = _rows(desk, "open_marks")
    verdict = runs[0]["gate_outcome"] if runs else "nothing loaded"
    lines = [f"## Quality gate: {verdict}", "", f"{len(marks)} open marks.", ""]
    if marks:
        lines += markdown_table(("symbol", "rule", "bar_date", "detail"), marks)
    create_markdown_artifact(
        "\n".join(lines), key="quality", description="What the gate thinks of the data."
    )
    pages = desk.settings.home / "data_docs" / "index.html"
    if pages.exists():
        create_link_artifact(
            pages.as_uri(), "Great Expectations' pages", key="data-docs"
        )


def show_nodes(layer: str, nodes: Sequence[Node]) -> None:
    """Every model and test that dbt ran, the slowest first."""
    rows = [
        {
            "node": node.name,
            "kind": node.kind,
            "status": node.status,
            "seconds": round(node.seconds, 2),
            "message": node.message,
        }
        for node in sorted(nodes, key=lambda node: -node.seconds)
    ]
    _table(f"dbt-{layer}", f"dbt's nodes of the layer {layer}.", rows)


def show_documentation(page: Path) -> None:
    """Where dbt's documentation is."""
    create_link_artifact(page.as_uri(), "dbt's documentation", key="dbt-docs")


def show_backtest(desk: Desk) -> None:
    """Each strategy's portfolio against buy and hold."""
    metrics = read_backtest(desk.database).metrics
    rows = [{name: row[name] for name in METRICS} for row in metrics]
    _table("backtest", "Strategies, all symbols sharing the cash.", rows)


def show_signals(desk: Desk) -> None:
    """The session's published signals, each with why."""
    _table("signals", f"Published for {desk.clock.session}.", _rows(desk, "signals"))


def show_orders(desk: Desk) -> None:
    """What became of the session's signals."""
    _table("orders", f"Decided for {desk.clock.session}.", _rows(desk, "orders"))


def show_day(session: date, outcomes: "Sequence[Outcome]") -> None:
    """Each part of the day: how it ended, what it said, and how long it took."""
    rows = [
        {"part": o.part, "": o.how, "what it did": o.said, "took": f"{o.seconds:.1f} s"}
        for o in outcomes
    ]
    lines = [f"## Session {session}", "", *markdown_table(tuple(rows[0]), rows)]
    create_markdown_artifact(
        "\n".join(lines),
        key="trading-day",
        description="What each part of the trading day says it did.",
    )


def markdown_table(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The lines of a Markdown table; cells are one line each."""
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return lines + [
        f"| {' | '.join(_cell(str(row[name])) for name in columns)} |" for row in rows
    ]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def _table(key: str, description: str, rows: Sequence[Mapping[str, Any]]) -> None:
    table = [{name: _plain(value) for name, value in row.items()} for row in rows]
    create_table_artifact(cast("Any", table), key=key, description=description)


def _plain(value: Any) -> Any:
    return (
        value if value is None or isinstance(value, int | float | str) else str(value)
    )


def _rows(desk: Desk, query: LiteralString) -> list[Mapping[str, Any]]:
    with desk.database.connect("reader", row_factory=dict_row) as conn:
        return list(getattr(QUERIES, query)(conn, session=desk.clock.session))
