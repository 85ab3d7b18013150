"""The `desk` command. Services are imported by the command that needs them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from desk.calendar import Clock, desk_clock
from desk.database import Database, open_database, prepare_home
from desk.errors import DeskError
from desk.log import configure_logging
from desk.settings import Settings, load_settings

app = typer.Typer(
    help="Desk: a SQL-first trading desk for US equities on daily bars.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@contextmanager
def opened() -> Iterator[tuple[Settings, Database, Clock]]:
    """Settings, the ready database and the desk's clock, for one command."""
    settings = load_settings()
    configure_logging(settings)
    prepare_home(settings)
    with open_database(settings) as database:
        yield settings, database, desk_clock(settings)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement.")],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, not a table.")] = False,
) -> None:
    """Look into the database: one read-only statement, as a table or CSV."""
    from desk.look import look

    with opened() as (_, database, _):
        look(database, query, as_csv=csv)


def main() -> None:
    """Run the command; an error a person can act on is one line and an exit code."""
    try:
        app()
    except DeskError as error:
        print(f"desk: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
