"""What the commands share: the console, the opened desk, how they end."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console

from desk.calendar import desk_clock
from desk.database import Database, open_database
from desk.log import configure_logging
from desk.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.stages import Desk

console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)


@contextmanager
def opened(
    first_replay: int = 0, given: Mapping[str, object] | None = None
) -> Iterator["Desk"]:
    """The ready desk of one command: settings, but for those given, database, clock."""
    from flows.stages import Desk

    with ready(given) as (settings, database):
        yield Desk(settings, database, desk_clock(settings), first_replay)


@contextmanager
def ready(
    given: Mapping[str, object] | None = None,
) -> Iterator[tuple[Settings, Database]]:
    """What a command without a clock needs: the calendar takes longer than most do."""
    settings = load_settings(**given or {})
    configure_logging(settings)
    with open_database(settings) as database:
        yield settings, database


def print_summary(desk: "Desk") -> None:
    """Print what `desk status` shows."""
    from flows.summary import read_summary, render_summary

    console.print()
    console.print(render_summary(read_summary(desk)))


def say_waiting() -> None:
    """Say why nothing happens yet."""
    console.print("another desk command works on this database; waiting for it")


def end_with(message: str, exit_code: int) -> NoReturn:
    """End the command with one line on standard error."""
    print(f"desk: {message}", file=sys.stderr)
    sys.exit(exit_code)
