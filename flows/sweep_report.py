"""What `desk sweep` tells: for people and for machines."""

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flows.grid import Point
from flows.sweep import Sweep

FIGURES = (
    "sharpe",
    "probabilistic_sharpe",
    "deflated_sharpe",
    "total_return",
    "max_drawdown",
    "exposure",
    "trades",
)


def render_sweep(sweep: Sweep, top: int) -> RenderableType:
    """The best points, and the walk forward if there was one."""
    heading = (
        f"{sweep.strategy.replace('_', ' ')}: {_count(len(sweep.points), 'point')}, "
        f"{_count(sweep.symbols, 'symbol')} in accounts of their own, "
        f"{sweep.sessions:,} sessions"
    )
    parts: list[RenderableType] = [Text(heading, "bold")]
    if sweep.skipped:
        parts.append(
            Text(
                f"{_count(sweep.skipped, 'point')} skipped: fast is not below slow",
                "yellow",
            )
        )
    if sweep.both_sides:
        told = "; ".join(_said(point) for point in sweep.both_sides[:3])
        count = _count(len(sweep.both_sides), "point")
        why = "buys and sells on one bar"
        parts.append(Text(f"{count} left out: {why} ({told})", "yellow"))
    parts.append(Padding(_points(sweep.points[:top]), (0, 0, 0, 2)))
    if sweep.points:
        trials = sweep.points[0]["trials_in_ledger"]
        parts.append(
            Text(
                f"PSR: probability that the true Sharpe ratio is above 0. DSR: that it "
                f"is above what the best of the ledger's {trials:,} configurations "
                "would show by chance.",
                "dim",
            )
        )
    if sweep.folds:
        parts += [
            Text("\nWalk forward: the best in training, and what it did after", "bold"),
            Padding(_folds(sweep), (0, 0, 0, 2)),
            Text(f"all tests together: Sharpe {_ratio(sweep.test_sharpe)}"),
        ]
    return Group(*parts)


def _points(points: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("parameters", "Sharpe", "PSR", "DSR", "total return")
    for name in ("max drawdown", "exposure", "trades"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in points:
        table.add_row(
            _said(row["parameters"]),
            _ratio(row["sharpe"]),
            _percent(row["probabilistic_sharpe"]),
            _percent(row["deflated_sharpe"]),
            f"{row['total_return']:+,.1%}",
            _percent(row["max_drawdown"]),
            _percent(row["exposure"]),
            f"{row['trades']:,}",
        )
    return table


def _folds(sweep: Sweep) -> Table:
    table = _table("best in training", "Sharpe there", "Sharpe after", "return after")
    for fold in sweep.folds:
        table.add_row(
            _said(fold.parameters),
            _ratio(fold.train["sharpe"]),
            _ratio(fold.test["sharpe"]),
            f"{fold.test['total_return']:+,.1%}",
        )
    return table


def _table(left: str, *right: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(left)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _said(point: Point) -> str:
    return " ".join(f"{name}={value}" for name, value in point.items())


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:,.1%}"


def write_json(sweep: Sweep, top: int, out: TextIO) -> None:
    """The sweep as one JSON object."""
    told = {
        "strategy": sweep.strategy,
        "symbols": sweep.symbols,
        "sessions": sweep.sessions,
        "evaluated": len(sweep.points),
        "skipped": sweep.skipped,
        "both_sides": sweep.both_sides,
        "points": sweep.points[:top],
        "walk_forward": [
            {"parameters": fold.parameters, "train": fold.train, "test": fold.test}
            for fold in sweep.folds
        ],
        "test_sharpe": sweep.test_sharpe,
    }
    json.dump(told, out, default=str)
    out.write("\n")


def write_csv(sweep: Sweep, top: int, out: TextIO) -> None:
    """A line per point, the best first."""
    writer = csv.writer(out)
    for number, row in enumerate(sweep.points[:top]):
        if number == 0:
            writer.writerow([*row["parameters"], *FIGURES])
        writer.writerow([*row["parameters"].values(), *(row[name] for name in FIGURES)])
