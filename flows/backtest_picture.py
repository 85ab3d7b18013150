"""Equity and drawdown of every strategy as one HTML page, without any script."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from itertools import groupby
from math import log10
from typing import Any

WIDTH, HEIGHT, LEFT = 720, 360, 64
COLOURS = (
    "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2",
    "#b279a2", "#eeca3b", "#9d755d",
)  # fmt: skip

STYLE = """
:root { color-scheme: light dark; --text: #222; --line: #ddd; --paper: #fff }
@media (prefers-color-scheme: dark) {
  :root { --text: #ddd; --line: #444; --paper: #161616 }
}
body { font: 1rem/1.5 sans-serif; max-width: 1100px; margin: 0 auto; padding: 1rem;
  color: var(--text); background: var(--paper) }
svg { width: 100%; height: auto }
text { fill: var(--text); font-size: 14px }
svg line { stroke: var(--line) }
polyline { fill: none; stroke-width: 1.5 }
.legend span { display: inline-block; margin-right: 1em }
"""

Row = Mapping[str, Any]
Number = Callable[[Row], float]


def picture(curves: Sequence[Row]) -> str:
    """A page with two panels: equity and drawdown, by session.

    Equity is on a logarithmic axis unless an account was down to nothing, or below.
    """
    lines = {
        name: list(rows) for name, rows in groupby(curves, lambda row: row["strategy"])
    }
    colours = {
        name: "#888888" if name == "buy_and_hold" else COLOURS[i % len(COLOURS)]
        for i, name in enumerate(lines)
    }
    legend = " ".join(
        f'<span><b style="color:{colour}">&#9632;</b> '
        f"{escape(name.replace('_', ' '))}</span>"
        for name, colour in colours.items()
    )
    panels = [
        _equity(curves, lines, colours),
        _panel(
            "Drawdown",
            lines,
            colours,
            lambda row: float(row["drawdown"]),
            lambda value: f"{value:.0%}",
        ),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Backtest</title><style>{STYLE}</style></head><body>"
        f'<h1>Backtest</h1><p class="legend">{legend}</p>{"".join(panels)}'
        "</body></html>\n"
    )


def _equity(
    curves: Sequence[Row],
    lines: Mapping[str, Sequence[Row]],
    colours: Mapping[str, str],
) -> str:
    title = "Equity, US dollars"
    if any(row["equity"] <= 0 for row in curves):
        return _panel(
            title,
            lines,
            colours,
            lambda row: float(row["equity"]),
            lambda value: f"{value:,.0f}",
        )
    return _panel(
        f"{title} (logarithmic)",
        lines,
        colours,
        lambda row: log10(row["equity"]),
        lambda value: f"{10**value:,.0f}",
    )


def _panel(
    title: str,
    lines: Mapping[str, Sequence[Row]],
    colours: Mapping[str, str],
    value: Number,
    label: Callable[[float], str],
) -> str:
    rows = [row for line in lines.values() for row in line]
    if not rows:
        return f"<h2>{escape(title)}</h2><p>No sessions.</p>"
    first: date = min(row["bar_date"] for row in rows)
    last = max(row["bar_date"] for row in rows)
    days = max((last - first).days, 1)
    low, high = min(map(value, rows)), max(map(value, rows))
    span = (high - low) or 1.0

    def x(row: Row) -> float:
        day: date = row["bar_date"]
        share = float((day - first).days / days)
        return LEFT + (WIDTH - LEFT) * share

    def y(number: float) -> float:
        return 10 + (HEIGHT - 40) * (high - number) / span

    drawn = [
        f'<polyline stroke="{colours[name]}" points="'
        + " ".join(f"{x(row):.1f},{y(value(row)):.1f}" for row in line)
        + f'"><title>{escape(name)}</title></polyline>'
        for name, line in lines.items()
    ]
    ticks = [low + span * step / 4 for step in range(5)]
    drawn += [
        f'<text x="0" y="{y(tick) + 4:.1f}">{label(tick)}</text>'
        f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        for tick in ticks
    ]
    drawn.append(
        f'<text x="{LEFT}" y="{HEIGHT - 5}">{first}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 5}" text-anchor="end">{last}</text>'
    )
    return (
        f'<h2>{escape(title)}</h2><svg viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(drawn)}</svg>"
    )
