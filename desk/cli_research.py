"""The research commands: sweep."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

commands = typer.Typer()


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
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Points as CSV.")] = False,
) -> None:
    """Backtest a strategy over a grid of parameters, on the last build's bars.

    Each symbol has an account of its own; figures are those of their sum. Every point
    goes into the trial ledger, marts.trials, which deflates the Sharpe ratios.
    """
    from desk.cli import console, opened
    from flows.sweep import sweep as swept
    from flows.sweep_report import render_sweep, write_csv, write_json

    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv")
    chosen = [part.strip().upper() for part in (symbols or "").split(",")]
    with opened() as desk, _progress() as on_step:
        found = swept(
            desk.settings,
            desk.database,
            strategy,
            grid,
            symbols=[symbol for symbol in chosen if symbol],
            walk_forward=walk_forward,
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
