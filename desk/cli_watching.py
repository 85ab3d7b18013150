"""Watching the desk: doctor, trace, the daily report, and who is told."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from desk.cli_parts import console, opened, ready
from desk.errors import DeskError

commands = typer.Typer()
notify_commands = typer.Typer(no_args_is_help=True)
commands.add_typer(
    notify_commands, name="notify", help="Tell people what happens (DESK_NOTIFY_…)."
)


@commands.command()
def doctor() -> None:
    """Look for whatever keeps the desk from working, and say how to mend it.

    Exit code 1 if there is anything. Asks the vendor and the broker, changes nothing.
    """
    from flows.doctor import examine, findings_text

    findings = examine()
    console.print(findings_text(findings), soft_wrap=True)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


@commands.command()
def trace(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ORDER_OR_SIGNAL",
            help="An order's id, client or broker order id, or a signal key.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Where an order came from: signal, indicators, bar, load, code."""
    from flows.trace import read_trace, render_trace

    with ready() as (_, database):
        rows = read_trace(database, wanted)
    if as_json:
        json.dump(rows, sys.stdout, default=str, indent=2)
        print()
    else:
        console.print(render_trace(rows))


@commands.command()
def report(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; else below DESK_HOME.")
    ] = None,
) -> None:
    """Write the day's report, an HTML page with pictures."""
    from flows.report import write_report

    with opened() as desk:
        try:
            path = write_report(desk, file)
        except OSError as broken:
            raise DeskError(f"{broken.filename}: {broken.strerror}") from None
    console.print(str(path), soft_wrap=True)


@notify_commands.command("test")
def notify_test() -> None:
    """Send every address in DESK_NOTIFY_URLS a message."""
    from desk.settings import load_settings
    from flows.notify import send_test

    failures = send_test(load_settings())
    if failures:
        raise DeskError("; ".join(failures))
    console.print("sent")
