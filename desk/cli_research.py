"""The research commands: backtest, research, sweep."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from desk.cli_parts import console, ready
from desk.errors import DeskError

if TYPE_CHECKING:
    from flows.backtest import Backtest

commands = typer.Typer()


Strategies = Annotated[list[str] | None, typer.Argument(help="Only these strategies.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Metrics, trades and curves as JSON.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Metrics as CSV.")]
AllTrades = Annotated[
    bool, typer.Option("--all", help="Every trade, not the last ten of each.")
]
Picture = Annotated[
    Path | None, typer.Option(help="Write equity and drawdown to this HTML file.")
]


@commands.command()
def backtest(
    strategies: Strategies = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    all_trades: AllTrades = False,
    picture: Picture = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="On the data known then: a date's evening, or a time (UTC unless it "
            "says). Takes the time of a whole build and leaves the desk as it is.",
        ),
    ] = None,
) -> None:
    """Strategies against buy and hold, and their trades, from the last build."""
    from flows.as_of import backtested_as_of, moment_of
    from flows.backtest import read_backtest

    report = _Report(strategies or (), as_json, as_csv, all_trades, picture)
    with ready() as (settings, database):
        if as_of is None:
            found = read_backtest(database)
        else:
            moment = moment_of(as_of)
            with (
                console.status(f"backtest as of {as_of}"),
                backtested_as_of(settings, database, moment) as own,
            ):
                found = read_backtest(own)
    report.show(found)


@commands.command()
def research(
    strategies: Strategies = None,
    engine: Annotated[
        Literal["postgres", "duckdb", "spark"],
        typer.Option(help="Where the models are built."),
    ] = "postgres",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    all_trades: AllTrades = False,
    picture: Picture = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="On the data known then, as in backtest."),
    ] = None,
) -> None:
    """Backtest the strategies as files and settings are now, beside the desk.

    The report is backtest's. The desk's tables stay as they are; the trials go into the
    ledger, marts.trials. DuckDB and Spark build from a snapshot in the temporary
    folder, or where TMPDIR says: it must be one that all machines of a cluster see.
    """
    from flows.as_of import moment_of
    from flows.backtest import read_backtest
    from flows.research import researched

    report = _Report(strategies or (), as_json, as_csv, all_trades, picture)
    moment = moment_of(as_of) if as_of else None
    with (
        ready() as (settings, database),
        console.status(f"research on {engine}"),
        researched(settings, database, engine, moment) as own,
    ):
        found = read_backtest(own)
    report.show(found)


@dataclass(frozen=True, slots=True)
class _Report:
    """What was asked for, refused before any work where it can't be."""

    strategies: Sequence[str]
    as_json: bool
    as_csv: bool
    all_trades: bool
    picture: Path | None

    def __post_init__(self) -> None:
        if self.as_json and self.as_csv:
            raise typer.BadParameter("choose one of --json and --csv")
        if self.picture and self.picture.suffix.lower() not in {".html", ".htm"}:
            raise typer.BadParameter(f"--picture {self.picture}: must end in .html")

    def show(self, found: "Backtest") -> None:
        from flows.backtest import render_backtest, selected, write_csv, write_json
        from flows.backtest_picture import picture as drawn

        if self.strategies:
            found = selected(found, self.strategies)
        if self.picture is not None:
            try:
                self.picture.write_text(drawn(found.curves))
            except OSError as broken:
                raise DeskError(f"{self.picture}: {broken.strerror}") from None
        if self.as_json:
            write_json(found, sys.stdout)
        elif self.as_csv:
            write_csv(found, sys.stdout)
        else:
            console.print(render_backtest(found, all_trades=self.all_trades))


@commands.command()
def sweep(
    strategy: Annotated[str, typer.Argument(help="Strategy to sweep.")],
    grid: Annotated[
        list[str],
        typer.Option(
            help="Parameter or exit and its values: fast_bars=5..50:5, "
            "fast_bars=5,8,13. Once for each; others stay as declared."
        ),
    ] = [],  # noqa: B006
    symbols: Annotated[
        str | None, typer.Option(help="Only these, separated by commas.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many points to show.")] = 10,
    walk_forward: Annotated[
        str | None,
        typer.Option(
            metavar="train=N,test=N",
            help="Choose on N sessions, report on the N after them, and walk on.",
        ),
    ] = None,
    engine: Annotated[
        Literal["postgres", "duckdb"],
        typer.Option(help="Where points are evaluated; DuckDB copies the bars."),
    ] = "postgres",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Points as CSV.")] = False,
) -> None:
    """Backtest a strategy over a grid of parameters, on the last build's bars.

    Each symbol has an account of its own; figures are those of their sum. Every point
    goes into the trial ledger, marts.trials, which deflates the Sharpe ratios.
    """
    from flows.sweep import sweep as swept
    from flows.sweep_report import render_sweep, write_csv, write_json

    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv")
    chosen = [part.strip().upper() for part in (symbols or "").split(",")]
    with ready() as (settings, database), _progress() as on_step:
        found = swept(
            settings,
            database,
            strategy,
            grid,
            symbols=[symbol for symbol in chosen if symbol],
            walk_forward=walk_forward,
            engine=engine,
            on_step=on_step,
        )
    if as_json:
        write_json(found, top, sys.stdout)
    elif as_csv:
        write_csv(found, top, sys.stdout)
    else:
        console.print(render_sweep(found, top))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console

    console = Console(stderr=True)  # stdout may be CSV or JSON
    columns = ("sweep", BarColumn(), MofNCompleteColumn(), "steps", TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("sweep", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
