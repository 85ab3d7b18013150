"""The stages of a pass, one by one or all: run, load, gate, build, publish, replay."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from desk.cli_parts import console, end_with, opened, print_summary, say_waiting

if TYPE_CHECKING:
    from flows.stages import Desk
    from ingest.load import LoadStep

PARTIAL = 3

commands = typer.Typer()


@commands.command()
def run() -> None:
    """One pass and its summary, then end."""
    with opened() as desk:
        whole_pass(desk)
        print_summary(desk)


@commands.command()
def load(
    symbols: Annotated[
        str | None, typer.Option(help="Only these, separated by commas.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="From this session on, even if loaded before.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Instead of DESK_PRICE_SOURCE.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Each symbol's whole history again.")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="SYMBOL", help="Load nothing; tell the story of a symbol's data."
        ),
    ] = None,
) -> None:
    """Load prices and corporate actions.

    From a vendor each symbol continues at its last bar, with some sessions before it
    again for corrections. Exit code 3: some symbols failed, the others are loaded.
    """
    from flows.notify import telling
    from flows.stages import StageReport, one_at_a_time
    from flows.summary import stage_line
    from ingest.explain import explain as story_of
    from ingest.load import load as load_prices

    if explain is not None:
        with opened() as desk:
            console.print(story_of(desk.database, desk.clock, explain))
        return
    given: dict[str, object] = {"since": since, "price_source": source}
    given = {name: value for name, value in given.items() if value is not None}
    if symbols is not None:
        given |= {"symbols": symbols, "symbols_file": None}
    started = monotonic()
    with (
        opened(given=given) as desk,
        telling(desk),
        one_at_a_time(desk.database, say_waiting),
    ):
        with load_progress() as on_step:
            report = load_prices(
                desk.settings,
                desk.database,
                desk.clock,
                full=full or since is not None,
                on_step=on_step,
            )
        seconds = monotonic() - started
        line = stage_line(StageReport("load", report.said, seconds))
        console.print(line, soft_wrap=True)
    if failed := report.failed_symbols:
        end_with(
            f"no data for {len(failed):,} of {len(report.symbols):,} symbols", PARTIAL
        )


@commands.command()
def gate() -> None:
    """Judge what was loaded (Great Expectations)."""
    _one("gate")


@commands.command()
def build(
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Calculate everything anew.")
    ] = False,
) -> None:
    """Build and test every dbt model; of prices, what changed since the last build."""
    _one("build", full_refresh=full_refresh)


@commands.command()
def publish() -> None:
    """Publish new signals into the ledger."""
    _one("publish")


@commands.command()
def replay(
    sessions: Annotated[
        int, typer.Option(min=1, help="How many sessions, up to the last one.")
    ],
) -> None:
    """Walk the last sessions in a dry run.

    One by one, as the clock would have: fill what was queued, publish the
    session's signals, place its orders. What is decided stays as it is.
    """
    from executor.replay import replay as walk
    from flows.stages import one_at_a_time

    with opened() as desk, one_at_a_time(desk.database, say_waiting):
        with console.status("replay") as status:
            done = walk(
                desk.settings,
                desk.database,
                desk.clock,
                sessions,
                on_session=lambda session: status.update(f"replay {session}"),
            )
        console.print(done.said)
    with opened() as desk:
        print_summary(desk)


@contextmanager
def load_progress() -> Iterator["Callable[[LoadStep], None]"]:
    """A bar of the symbols done, on a terminal."""
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), "symbols")
    counted = "{task.fields[bars]:,} bars"
    with Progress(
        *columns,
        counted,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("load", total=None, bars=0)

        def on_step(step: "LoadStep") -> None:
            progress.update(
                task,
                total=step.symbols_asked,
                completed=step.symbols_done,
                bars=step.bars,
            )

        yield on_step


def whole_pass(desk: "Desk") -> None:
    """Run and show every stage, and tidy up."""
    from flows.notify import telling
    from flows.stages import STAGES, one_at_a_time, tidy

    with telling(desk), one_at_a_time(desk.database, say_waiting):
        for stage in STAGES:
            _show(stage, desk)
        tidy(desk)


def _one(name: str, *, full_refresh: bool = False) -> None:
    from dataclasses import replace

    from flows.notify import telling
    from flows.stages import STAGES, one_at_a_time

    (stage,) = (stage for stage in STAGES if stage.__name__ == name)
    with (
        opened() as desk,
        telling(desk),
        one_at_a_time(desk.database, say_waiting),
    ):
        _show(stage, replace(desk, full_refresh=full_refresh))


def _show(stage: "Callable[[Desk], str]", desk: "Desk") -> None:
    from dataclasses import replace

    from flows.stages import run_stage
    from flows.summary import stage_line

    name = stage.__name__
    with console.status(name) as status:
        report = run_stage(
            stage, replace(desk, progress=lambda x: status.update(f"{name}  {x}"))
        )
    console.print(stage_line(report), soft_wrap=True)
