"""The desk's prices as files for other engines: snapshot, snapshot check."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from desk.cli_parts import console, ready

commands = typer.Typer(invoke_without_command=True)


@commands.callback()
def snapshot(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A folder that is not there yet, or an object store, as "
            "s3://bucket/prefix (with its fsspec package installed). "
            "Else a new one below snapshots in DESK_HOME.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="What was known then: a date's evening, or a time (UTC unless it "
            "says).",
        ),
    ] = None,
) -> None:
    """Write prices and corporate actions as Parquet files, for other engines."""
    if context.invoked_subcommand is not None:
        return
    from desk.snapshot import snapshot as write
    from flows.as_of import moment_of

    moment = moment_of(as_of) if as_of else None
    with ready() as (settings, database), console.status("snapshot") as status:
        if to is None:
            name = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
            folder = settings.home.absolute() / "snapshots" / name
            to = str(folder)
        report = write(
            database, to, moment, lambda part: status.update(f"snapshot  {part}")
        )
    console.print(f"{report.location}: {report.said}", soft_wrap=True)


@commands.command()
def check(
    location: Annotated[str, typer.Argument(help="What `desk snapshot` wrote.")],
) -> None:
    """Read a whole snapshot: is every file, row, column and byte as noted?"""
    from desk.snapshot_check import check_snapshot

    with console.status("snapshot check"):
        report = check_snapshot(location)
    console.print(f"{location}: whole, {report.said}", soft_wrap=True)
