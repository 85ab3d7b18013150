"""Keeping the desk: migrate, backup, restore, and its documentation."""

from pathlib import Path
from typing import Annotated

import typer

from desk.cli_parts import console, ready, say_waiting

commands = typer.Typer()


@commands.command()
def migrate() -> None:
    """Bring the database to this version's schema, and end.

    Every other command does so itself, where its account may.
    """
    with ready() as (_, database):
        console.print(f"ready: {database.parameters.get('dbname')}")


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; replaced if it is there.")],
) -> None:
    """Write what can't be calculated again (prices, ledger) to a file."""
    from desk.backup import backup as write

    with ready() as (_, database):
        report = write(database, file.absolute())
    console.print(f"{file}: {report.said}", soft_wrap=True)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `desk backup` wrote.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Throw away what the database holds."),
    ] = False,
) -> None:
    """Put a backup into an empty database; then `desk run` calculates the rest."""
    from desk.restore import restore as put_back
    from flows.stages import one_at_a_time

    with ready() as (settings, database), one_at_a_time(database, say_waiting):
        report = put_back(
            database,
            file.absolute(),
            replace=replace,
            columnstore=settings.columnstore,
        )
    console.print(f"restored {report.said}; now `desk run`", soft_wrap=True)


@commands.command()
def docs(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8080,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Only write the pages.")
    ] = False,
) -> None:
    """Write dbt's documentation of every table and serve it to this machine."""
    from flows.docs import generate_docs, serve_docs

    with ready() as (settings, database):
        folder = generate_docs(settings, database)
    if no_serve:
        console.print(str(folder), soft_wrap=True)
        return
    console.print(f"http://127.0.0.1:{port}  Ctrl-C stops it", soft_wrap=True)
    serve_docs(folder, port)
