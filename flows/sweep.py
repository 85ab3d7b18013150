"""A strategy at every point of a grid, recorded as trials and judged together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from flows import parsed
from flows.engines import dbt_of
from flows.grid import Grid, Point, Window, declared_parameters, make_grid, windows_of
from flows.sweep_duckdb import OnDuckDb, on_duckdb
from flows.sweep_statements import Statements, render
from flows.sweep_workers import QUERIES, Connection, OnPostgres, connect

POINTS_IN_A_STATEMENT = 200
COSTS = (
    "commission_bps",
    "commission_minimum",
    "commission_per_share",
    "slippage_bps",
    "starting_cash",
    "whole_shares",
)

Row = Mapping[str, Any]
SweepEngine = Literal["postgres", "duckdb"]


@dataclass(frozen=True, slots=True)
class Fold:
    """A walk-forward step: the point that was best in training, there and after."""

    parameters: Point
    train: Row
    test: Row


@dataclass(frozen=True, slots=True)
class Sweep:
    """Points by Sharpe ratio, best first, each with its place in the trial ledger."""

    strategy: str
    symbols: int
    sessions: int
    points: Sequence[Row]
    skipped: int
    both_sides: Sequence[Point]
    folds: Sequence[Fold]

    @property
    def test_sharpe(self) -> float | None:
        """Annualised, of all tests' daily returns together."""
        tests = [fold.test for fold in self.folds]
        count = sum(test["observations"] for test in tests)
        total = sum(test["observations"] * test["mean"] for test in tests)
        squares = sum(
            (test["observations"] - 1) * test["standard_deviation"] ** 2
            + test["observations"] * test["mean"] ** 2
            for test in tests
        )
        if not tests:
            return None
        variance = (squares - total**2 / count) / (count - 1)
        return total / count / sqrt(variance) * sqrt(252) if variance > 0 else None


def sweep(
    settings: Settings,
    database: Database,
    strategy: str,
    asked: Sequence[str],
    *,
    symbols: Sequence[str] = (),
    walk_forward: str | None = None,
    engine: SweepEngine = "postgres",
    on_step: Callable[[int, int], None] = lambda _done, _of: None,
) -> Sweep:
    """Evaluate the grid on the last build's bars (all symbols, or those given).

    Each symbol has an account of its own, by the backtest's rules; a point's figures
    are those of the accounts' sum, the same whatever the engine. Raises `DeskError`
    where a value can't be, or the engine is not installed.
    """
    project = (parsed.DBT_PROJECT / "dbt_project.yml").read_text()
    declared = {
        **declared_parameters(project, strategy),
        **settings.strategy_parameters.get(strategy, {}),
    }
    grid = make_grid(strategy, declared, asked)
    size = POINTS_IN_A_STATEMENT
    batches = [grid.points[i : i + size] for i in range(0, len(grid.points), size)]
    dbt_of(engine)
    own = render(settings, database, strategy, grid.points[:1])
    statements = [
        render(settings, database, strategy, batch, grid.unseen, engine)
        for batch in batches
    ]
    with connect(database, row_factory=dict_row) as conn:
        try:
            chosen = _symbols(conn, symbols)
            found = QUERIES.sessions(conn, symbols=chosen)
            windows = windows_of(found["sessions"], walk_forward)
            invested = float(settings.starting_cash) * len(chosen)
            before = _fingerprint(conn, own, chosen)
            with _opened(engine, settings, database, chosen, windows[0].last) as place:
                figures = _figures(
                    conn, place, windows, batches, statements, invested, on_step
                )
            if _fingerprint(conn, own, chosen) != before:
                raise DeskError("a build changed the bars meanwhile; sweep again")
        except psycopg.errors.UndefinedTable:
            raise DeskError("nothing is built yet; run desk build") from None
        whole = [row for row in figures if row["part"] == "all"]
        identity = _identity(settings, strategy, own["version"], before, found)
        _record(conn, identity, whole)
        points = _judged(conn, identity, whole)
    return Sweep(
        strategy=strategy,
        symbols=len(chosen),
        sessions=windows[0].last,
        points=points,
        skipped=grid.skipped,
        both_sides=_without(grid, whole),
        folds=_folds(windows, figures),
    )


@contextmanager
def _opened(
    engine: SweepEngine,
    settings: Settings,
    database: Database,
    symbols: Sequence[str],
    sessions: int,
) -> Iterator[OnPostgres | OnDuckDb]:
    if engine == "duckdb":
        with on_duckdb(settings, database, symbols, sessions) as opened:
            yield opened
    else:
        yield OnPostgres(database, symbols, sessions, settings.threads)


def _fingerprint(conn: Connection, own: Statements, symbols: Sequence[str]) -> str:
    """A hash of the bars swept."""
    row = conn.execute(
        own["fingerprint"].encode(), {"symbols": list(symbols)}
    ).fetchone()
    return str(row["data_fingerprint"]) if row else ""


def _figures(
    conn: Connection,
    place: OnPostgres | OnDuckDb,
    windows: Sequence[Window],
    batches: Sequence[Sequence[Point]],
    statements: Sequence[Statements],
    invested: float,
    on_step: Callable[[int, int], None],
) -> list[Row]:
    """Every point's figures in every window."""
    for window in windows:
        QUERIES.add_window(
            conn,
            fold=window.fold,
            part=window.part,
            first=window.first,
            last=window.last,
        )
    total = sum(place.steps(len(batch)) for batch in batches)
    steps = 0

    def stepped(count: int) -> None:
        nonlocal steps
        steps += count
        on_step(steps, total)

    found: list[Row] = []
    for batch, rendered in zip(batches, statements, strict=True):
        refused = place.evaluate(conn, rendered, len(batch), stepped)
        rows = QUERIES.metrics(
            conn,
            points=[n for n in range(1, len(batch) + 1) if n not in refused],
            sessions=place.sessions,
            invested=invested,
        )
        found += [{**row, "parameters": batch[row["point"] - 1]} for row in rows]
    return found


def _symbols(conn: Connection, asked: Sequence[str]) -> list[str]:
    known = [row["symbol"] for row in QUERIES.symbols(conn)]
    if unknown := sorted(set(asked) - set(known)):
        raise DeskError(f"no bars of {', '.join(unknown)}")
    if not known:
        raise DeskError("there are no bars to sweep; run desk load and desk build")
    return [symbol for symbol in known if not asked or symbol in asked]


def _identity(
    settings: Settings,
    strategy: str,
    version: str,
    fingerprint: str,
    sessions: Row,
) -> dict[str, Any]:
    variables = parsed.variables(settings)
    return {
        "strategy": strategy,
        "version": version,
        "settings": Jsonb({name: variables[name] for name in COSTS}),
        "data_fingerprint": fingerprint,
        "code": variables["code"],
        "git_commit": variables["git_commit"],
        "first_session": sessions["first_session"],
        "last_session": sessions["last_session"],
    }


def _record(conn: Connection, identity: Mapping[str, Any], whole: list[Row]) -> None:
    told = ("trades", "total_return", "sharpe", "max_drawdown", "exposure")
    QUERIES.record(
        conn,
        [
            {
                **identity,
                **row,
                "parameters": Jsonb(row["parameters"]),
                "metrics": Jsonb({name: row[name] for name in told}),
            }
            for row in whole
        ],
    )


def _judged(
    conn: Connection, identity: Mapping[str, Any], whole: list[Row]
) -> list[Row]:
    """The points as the ledger judges them, best Sharpe ratio first."""
    rows = {_key(row["parameters"]): row for row in QUERIES.judged(conn, **identity)}
    points = [
        {
            name: value
            for name, value in {**row, **rows[_key(row["parameters"])]}.items()
            if name not in ("fold", "part", "point", "mean", "standard_deviation")
        }
        for row in whole
    ]
    return sorted(points, key=_by_sharpe)


def _key(point: Point) -> frozenset[tuple[str, float]]:
    return frozenset(point.items())


def _by_sharpe(row: Row) -> float:
    return inf if row["sharpe"] is None else -row["sharpe"]


def _without(grid: Grid, whole: Sequence[Row]) -> list[Point]:
    found = {_key(row["parameters"]) for row in whole}
    return [point for point in grid.points if _key(point) not in found]


def _folds(windows: Sequence[Window], figures: Sequence[Row]) -> list[Fold]:
    folds = []
    for fold in sorted({window.fold for window in windows} - {0}):
        rows = [row for row in figures if row["fold"] == fold]
        trained = [row for row in rows if row["part"] == "train"]
        if not trained:
            continue
        best = min(trained, key=_by_sharpe)
        (test,) = (
            row
            for row in rows
            if row["part"] == "test" and row["parameters"] == best["parameters"]
        )
        folds.append(Fold(best["parameters"], best, test))
    return folds
