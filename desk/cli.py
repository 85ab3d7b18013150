"""The `desk` command. Services are imported by the command that needs them."""

import atexit
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

import desk
from desk.calendar import desk_clock
from desk.cli_dashboards import commands as dashboard_commands
from desk.cli_executor import commands as executor_commands
from desk.cli_keeping import commands as keeping_commands
from desk.cli_keys import keys_app
from desk.cli_metrics import commands as metrics_commands
from desk.cli_research import commands as research_commands
from desk.cli_watching import commands as watching_commands
from desk.database import open_database
from desk.errors import DeskError
from desk.log import configure_logging
from desk.settings import load_settings

if TYPE_CHECKING:
    from flows.stages import Desk
    from ingest.load import LoadStep

PARTIAL = 3

app = typer.Typer(
    help="Desk: a SQL-first trading desk for US equities on daily bars.\n\n"
    "Settings come from DESK_… variables and from .env; .env.example explains each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
marks_app = typer.Typer(invoke_without_command=True)
app.add_typer(marks_app, name="marks")
app.add_typer(keys_app, name="keys")
app.add_typer(executor_commands)
app.add_typer(dashboard_commands, name="dashboards")
app.add_typer(keeping_commands)
app.add_typer(metrics_commands)
app.add_typer(research_commands)
app.add_typer(watching_commands)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)


@contextmanager
def opened(
    first_replay: int = 0, given: Mapping[str, object] | None = None
) -> Iterator["Desk"]:
    """The ready desk of one command: settings, but for those given, database, clock."""
    from flows.stages import Desk

    settings = load_settings(**given or {})
    configure_logging(settings)
    with open_database(settings) as database:
        yield Desk(settings, database, desk_clock(settings), first_replay)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Show it.")] = False,
) -> None:
    if version:
        print(desk.__version__)
        raise typer.Exit


@app.command()
def up() -> None:
    """One pass and its summary, then serve until Ctrl-C.

    On an empty ledger the first pass on the sample also replays the last 60
    sessions in a dry run, so that there are orders and positions to look at.
    """
    from desk.up import check_startable
    from flows.stages import FIRST_REPLAY_SESSIONS

    settings = load_settings()
    check_startable(settings)
    replayed = FIRST_REPLAY_SESSIONS if settings.price_source == "sample" else 0
    with opened(first_replay=replayed) as desk:
        _pass(desk)
        _print_summary(desk)
    # Serve from a new program, without dbt and its memory; this one ends first.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-P", "-m", "desk", "serve"]
    )


@app.command()
def serve() -> None:
    """Serve the API, Prefect and Superset until Ctrl-C, without a pass before."""
    from desk.cli_dashboards import prepared_dashboards, show_dashboards
    from desk.keys import home_key
    from desk.services import services
    from desk.up import check_startable, run_services

    settings = load_settings()
    configure_logging(settings)
    check_startable(settings)
    with open_database(settings) as database:
        key = home_key(database, settings.home)
        dashboards = prepared_dashboards(settings, database)

        def on_ready(found: dict[str, str]) -> None:
            _print_addresses(found, key)
            show_dashboards(dashboards)
            console.print("\nCtrl-C stops all.")

        run_services(settings, on_ready, services(settings, dashboards))


@app.command()
def run() -> None:
    """One pass and its summary, then end."""
    with opened() as desk:
        _pass(desk)
        _print_summary(desk)


@app.command()
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
        one_at_a_time(desk.database, _say_waiting),
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
        _end(f"no data for {len(failed):,} of {len(report.symbols):,} symbols", PARTIAL)


@marks_app.callback()
def marks(context: typer.Context) -> None:
    """What the quality gate holds against symbols: a marked one opens no position."""
    from ingest.explain_tables import marks_table
    from ingest.marks import open_marks

    if context.invoked_subcommand is not None:
        return
    with opened() as desk, desk.database.connect("reader") as conn:
        found = open_marks(conn)
    console.print(marks_table(found) if found else "no open mark")


@marks_app.command("dismiss")
def dismiss_marks(
    symbols: Annotated[list[str], typer.Argument(help="Whose open marks.")],
    reason: Annotated[str, typer.Option(help="Why the data are right; it is kept.")],
) -> None:
    """Clear symbols' open marks for good, because their data are right.

    The same finding is not marked again, unless the bar changes.
    """
    from ingest.marks import dismiss

    if not reason.strip():
        raise typer.BadParameter("say why the data are right", param_hint="--reason")
    with opened() as desk:
        count = dismiss(desk.database, desk.clock, symbols, reason.strip())
    console.print(f"{count:,} {'mark' if count == 1 else 'marks'} dismissed")


@app.command()
def gate() -> None:
    """Judge what was loaded (Great Expectations)."""
    _one("gate")


@app.command()
def build(
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Calculate everything anew.")
    ] = False,
) -> None:
    """Build and test every dbt model; of prices, what changed since the last build."""
    _one("build", full_refresh=full_refresh)


@app.command()
def publish() -> None:
    """Publish new signals into the ledger."""
    _one("publish")


@app.command()
def backtest(
    strategies: Annotated[
        list[str] | None, typer.Argument(help="Only these strategies.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Metrics, trades and curves as JSON.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Metrics as CSV.")] = False,
    all_trades: Annotated[
        bool, typer.Option("--all", help="Every trade, not the last ten of each.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Write equity and drawdown to this HTML file.")
    ] = None,
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
    from flows.backtest import (
        read_backtest,
        render_backtest,
        selected,
        write_csv,
        write_json,
    )
    from flows.backtest_picture import picture as drawn

    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv")
    with opened() as desk:
        if as_of is None:
            found = read_backtest(desk.database)
        else:
            moment = moment_of(as_of)
            with (
                console.status(f"backtest as of {as_of}"),
                backtested_as_of(desk.settings, desk.database, moment) as own,
            ):
                found = read_backtest(own)
    if strategies:
        found = selected(found, strategies)
    if picture is not None:
        try:
            picture.write_text(drawn(found.curves))
        except OSError as broken:
            raise DeskError(f"{picture}: {broken.strerror}") from None
    if as_json:
        write_json(found, sys.stdout)
    elif as_csv:
        write_csv(found, sys.stdout)
    else:
        console.print(render_backtest(found, all_trades=all_trades))


@app.command()
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

    with opened() as desk, one_at_a_time(desk.database, _say_waiting):
        with console.status("replay") as status:
            done = walk(
                desk.settings,
                desk.database,
                desk.clock,
                sessions,
                on_session=lambda session: status.update(f"replay {session}"),
            )
        console.print(done.said)
    status_command()


@app.command("status")
def status_command() -> None:
    """Print the summary of what is there now."""
    with opened() as desk:
        _print_summary(desk)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement.")],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, not a table.")] = False,
) -> None:
    """Look into the database, read-only."""
    from desk.look import look

    with opened() as desk:
        look(desk.database, query, as_csv=csv)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def exec(context: typer.Context) -> None:  # noqa: A001
    """Run dbt, psql, … with the database up.

    PGHOST, PGUSER and so on are set for the command, and dbt finds the project:
    desk exec dbt docs generate, or desk exec psql.
    """
    if not context.args:
        raise typer.BadParameter("name the command to run")
    with opened() as desk:
        from flows.transform import command_environment

        environment = command_environment(desk.settings, desk.database, context.args[0])
        try:
            done = subprocess.run(context.args, env=os.environ | environment)
        except OSError as broken:
            raise DeskError(f"{context.args[0]}: {broken.strerror}") from None
    raise typer.Exit(done.returncode)


@app.command()
def api() -> None:
    """Serve the API alone."""
    from api.server import serve

    serve(load_settings())


@app.command()
def flows() -> None:
    """Serve the scheduled Prefect flow alone."""
    from flows.serve import serve

    serve(load_settings())


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


def main() -> None:
    """Run the command; an error a person can act on is one line and an exit code."""
    try:
        app()
    except DeskError as error:
        _end(str(error), error.exit_code)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as missing:
        if " marts." not in f" {missing.diag.message_primary}".replace('"', " "):
            raise
        _end("nothing is built yet: run `desk run`, or `desk load` and `desk build`", 1)
    except psycopg.OperationalError as lost:
        _end(f"the database went away: {' '.join(str(lost).split())}", 1)


def _end(message: str, exit_code: int) -> None:
    print(f"desk: {message}", file=sys.stderr)
    sys.exit(exit_code)


def _pass(desk: "Desk") -> None:
    from flows.notify import telling
    from flows.stages import STAGES, one_at_a_time, tidy

    with telling(desk), one_at_a_time(desk.database, _say_waiting):
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
        one_at_a_time(desk.database, _say_waiting),
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


def _say_waiting() -> None:
    console.print("another desk command works on this database; waiting for it")


def _print_summary(desk: "Desk") -> None:
    from flows.summary import read_summary, render_summary

    console.print()
    console.print(render_summary(read_summary(desk)))


def _print_addresses(found: "dict[str, str]", key: str) -> None:
    console.print()
    for name, address in found.items():
        console.print(f"{name:<12} {address}", soft_wrap=True)
    console.print(f"{'API key':<12} {key}", soft_wrap=True)
    console.print(
        f"\ncurl -H 'X-API-Key: {key}' {found['API']}/latest",
        soft_wrap=True,
    )
