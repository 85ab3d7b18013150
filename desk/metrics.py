"""The desk's metrics for Prometheus, computed from its tables when asked for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import psycopg
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector
from psycopg.rows import class_row

# One statement without parameters; each row is a `Figure`. Anything that reads with
# the reader's rights may run it.
STATEMENT = (Path(__file__).parent / "sql" / "metrics.sql").read_text()

HELP = {
    "desk_loaded_bars_total": "Bars received, by what became of them.",
    "desk_loads_total": "Loads that ended, by outcome.",
    "desk_gate_passed": "0 if the quality gate refused the newest load.",
    "desk_symbols_without_data": "Symbols the newest load got nothing for.",
    "desk_marked_symbols": "Symbols that open no position, for their data look wrong.",
    "desk_last_bar_timestamp_seconds": "Close of the newest session that has bars.",
    "desk_stage_seconds": "Time of each stage's last success.",
    "desk_stage_last_success_timestamp_seconds": "When each stage last succeeded.",
    "desk_stage_failing": "1 if a stage's last run failed or died.",
    "desk_signals_total": "Signals published.",
    "desk_orders": "Decided signals by state.",
    "desk_orders_unknown": "Orders sent, and not known to be at the broker.",
    "desk_slippage_bps": "Mean slippage of the last 30 days' fills (negative: gained).",
    "desk_equity_dollars": "Each account as last seen at its broker.",
    "desk_halted": "1 if the kill switch holds back entries, or all.",
    "desk_database_bytes": "Size of the database.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a metric, with its labels."""

    metric: str
    labels: Mapping[str, str]
    value: float


def read_figures(conn: psycopg.Connection) -> list[Figure]:
    """Every metric as it is now."""
    with conn.cursor(row_factory=class_row(Figure)) as cur:
        return cur.execute(STATEMENT.encode()).fetchall()


def exposition(figures: Iterable[Figure]) -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(figures))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, figures: Iterable[Figure]) -> None:
        self._figures = sorted(figures, key=lambda figure: figure.metric)

    def collect(self) -> Iterator[Metric]:
        for name, figures in groupby(self._figures, lambda figure: figure.metric):
            kind = "counter" if name.endswith("_total") else "gauge"
            metric = Metric(name.removesuffix("_total"), HELP[name], kind)
            for figure in figures:
                metric.add_sample(name, dict(figure.labels), figure.value)
            yield metric
