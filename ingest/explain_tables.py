"""The tables of a symbol's story: one function says what a row's cells are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from ingest.marks import Mark

FIELDS = ("open", "high", "low", "close", "volume")
NUMBERS = ("bars", "value", "rows")

Row = Mapping[str, Any]


def tables(told: Mapping[str, Sequence[Row]]) -> Iterator[Table]:
    """One table for each part of the story that has rows."""
    for name, (title, columns, cells) in TABLES.items():
        rows = told[name]
        if not rows:
            continue
        total = f" ({rows[0]['total']:,})" if "total" in rows[0] else ""
        table = Table(
            title=f"\n{title}{total}",
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
        )
        for column in columns:
            table.add_column(
                column,
                justify="right" if column in NUMBERS else "left",
                overflow="fold",
            )
        for row in rows:
            table.add_row(*(Text(str(value)) for value in cells(row)))
        yield table


def marks_table(marks: Sequence[Mark]) -> Table:
    """One row for each mark."""
    columns = ("symbol", "rule", "bar", "value", "what should be so", "marked")
    table = Table(*columns, box=None, pad_edge=False)
    for mark in marks:
        cells = (mark.symbol, mark.rule, mark.bar_date, f"{mark.value:.4g}")
        shown = (*cells, mark.detail, when(mark.marked_at))
        table.add_row(*(Text(str(value)) for value in shown))
    return table


def when(moment: datetime) -> str:
    """A moment (UTC) to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}"


def _source(row: Row) -> tuple[object, ...]:
    return (
        row["source"],
        f"{row['bars']:,}",
        row["first_date"],
        row["last_date"],
        when(row["known_at"]),
    )


def _action(row: Row) -> tuple[object, ...]:
    return (
        row["ex_date"],
        row["kind"],
        _number(row["value"]),
        ", ".join(map(_number, row["old_values"] or ())),
        row["source"],
        when(row["known_at"]),
    )


def _correction(row: Row) -> tuple[object, ...]:
    changed = [
        f"{field} {_number(old)} → {_number(new)}"
        for field, old, new in zip(
            FIELDS, row["old_values"], row["new_values"], strict=True
        )
        if old != new
    ]
    if row["old_source"] != row["new_source"]:
        changed.append(f"{row['old_source']} → {row['new_source']}")
    return row["bar_date"], when(row["superseded_at"]), ", ".join(changed)


def _rejection(row: Row) -> tuple[object, ...]:
    return (
        row["kind"],
        row["reason"],
        f"{row['refused_rows']:,}",
        when(row["last_rejected_at"]),
        row["example"],
    )


def _mark(row: Row) -> tuple[object, ...]:
    cleared = "open"
    if row["cleared_at"] is not None:
        why = f": {row['dismissed_reason']}" if row["dismissed_reason"] else ""
        cleared = when(row["cleared_at"]) + why
    return (
        row["rule"],
        row["bar_date"],
        f"{row['value']:.4g}",
        row["detail"],
        when(row["marked_at"]),
        cleared,
    )


def _run(row: Row) -> tuple[object, ...]:
    return (
        when(row["started_at"]),
        row["source"],
        f"{row['window_start']} to {row['window_end']}",
        row["outcome"],
        row["gate_outcome"],
        row["failure"] or row["error"] or "",
    )


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


Cells = Callable[[Row], tuple[object, ...]]
TABLES: Mapping[str, tuple[str, tuple[str, ...], Cells]] = {
    "sources": (
        "Sources",
        ("source", "bars", "first", "last", "last change"),
        _source,
    ),
    "actions": (
        "Splits and dividends",
        ("ex-date", "kind", "value", "was", "source", "known"),
        _action,
    ),
    "corrections": (
        "Corrections of bars",
        ("bar", "superseded", "what changed"),
        _correction,
    ),
    "rejections": (
        "Rows refused",
        ("row", "reason", "rows", "last", "such as"),
        _rejection,
    ),
    "marks": (
        "Marks; while one is open, no new position is opened",
        ("rule", "bar", "value", "what should be so", "marked", "cleared"),
        _mark,
    ),
    "runs": (
        "Loads",
        ("started", "source", "window", "outcome", "gate", "error"),
        _run,
    ),
}
