"""The executor's commands: execute, halt, resume, orders, slippage."""

import signal
import sys
from dataclasses import replace
from enum import Enum
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from desk.calendar import desk_clock

if TYPE_CHECKING:
    from executor.execute import PassReport
from desk.cli_parts import console, opened, ready, say_waiting

commands = typer.Typer()
HEARTBEAT = "executor.pass"


class Scope(Enum):
    """What a halt holds back."""

    ALL = "all"
    ENTRIES = "entries"


@commands.command()
def execute(
    watch: Annotated[
        bool, typer.Option("--watch", help="Pass after pass, until Ctrl-C.")
    ] = False,
) -> None:
    """Turn published signals into orders: one pass.

    First takes over what the broker says of earlier orders. With --watch a pass
    follows each new signal, each fill, and DESK_POLL_SECONDS without either.
    """
    from executor.execute import execute as one_pass
    from executor.watch import watch as keep_watching
    from flows.notify import tell, telling
    from flows.stages import one_at_a_time

    with opened() as desk:
        if watch:

            def on_pass(report: "PassReport") -> None:
                _show_pass(report)
                (desk.settings.home / HEARTBEAT).touch()  # for healthchecks
                tell(replace(desk, clock=desk_clock(desk.settings)))

            keep_watching(desk.settings, desk.database, on_pass, _until_stopped())
            return
        with telling(desk), one_at_a_time(desk.database, say_waiting):
            _show_pass(one_pass(desk.settings, desk.database))


@commands.command()
def halt(
    scope: Annotated[Scope, typer.Argument(help="What to hold back.")] = Scope.ALL,
    entries: Annotated[
        bool, typer.Option("--entries", help="Entries only, as halt entries.")
    ] = False,
    reason: Annotated[
        str, typer.Option(help="Why; shown wherever it holds something back.")
    ] = "halted by hand",
) -> None:
    """Send no more orders, or with `entries` none that open a position.

    Works at once, also within a running pass. Orders at the broker stay there.
    """
    from executor.control import halt as stop

    with ready() as (_, database):
        control = stop(database, "entries" if entries else scope.value, reason)
    console.print(f"halted ({control.kill}): {control.reason}")


@commands.command()
def resume() -> None:
    """Send orders again.

    If the desk halted itself over orders that the ledger doesn't know: says that
    you have looked at them. Those of published signals get their rows back.
    """
    from executor.control import resume as go_on

    with opened() as desk:
        before = go_on(desk.database, desk.clock)
    told = "was not halted" if before.kill == "off" else f"was halted: {before.reason}"
    console.print(f"resumed; {told}", soft_wrap=True)


@commands.command()
def orders(
    wanted: Annotated[
        str | None,
        typer.Argument(
            metavar="WHICH", help="An id, signal key, broker id, symbol or state."
        ),
    ] = None,
) -> None:
    """List decided signals; tell the whole story if only one is meant."""
    from executor.report import find_orders, orders_table, story

    with ready() as (_, database):
        found = find_orders(database, wanted)
        if wanted is not None and len(found) == 1:
            console.print(story(database, found[0]["id"]), soft_wrap=True)
        else:
            console.print(orders_table(found), soft_wrap=True)


@commands.command()
def slippage() -> None:
    """Expected against real fills, in basis points."""
    from executor.report import slippage_table

    with ready() as (_, database):
        console.print(slippage_table(database))


def _show_pass(report: "PassReport") -> None:
    from executor.report import pass_table

    console.print(report.said, soft_wrap=True)
    if report.orders or report.deferrals:
        console.print(pass_table(report), soft_wrap=True)
    sys.stdout.flush()


def _until_stopped() -> Event:
    """Set by Ctrl-C or SIGTERM, so that a pass is finished first."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
