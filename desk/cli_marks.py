"""What the quality gate holds against symbols."""

from typing import Annotated

import typer

from desk.cli_parts import console, opened, ready

commands = typer.Typer(invoke_without_command=True)


@commands.callback()
def marks(context: typer.Context) -> None:
    """What the quality gate holds against symbols: a marked one opens no position."""
    from ingest.explain_tables import marks_table
    from ingest.marks import open_marks

    if context.invoked_subcommand is not None:
        return
    with ready() as (_, database), database.connect("reader") as conn:
        found = open_marks(conn)
    console.print(marks_table(found) if found else "no open mark")


@commands.command("dismiss")
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
