"""The `desk` command. Services are imported by the command that needs them."""

import os
import subprocess
from typing import Annotated

import psycopg
import typer

import desk
from desk.cli_dashboards import commands as dashboard_commands
from desk.cli_executor import commands as executor_commands
from desk.cli_keeping import commands as keeping_commands
from desk.cli_keys import keys_app
from desk.cli_marks import commands as marks_commands
from desk.cli_metrics import commands as metrics_commands
from desk.cli_parts import end_with, opened, print_summary, ready
from desk.cli_research import commands as research_commands
from desk.cli_serving import commands as serving_commands
from desk.cli_snapshot import commands as snapshot_commands
from desk.cli_stages import commands as stage_commands
from desk.cli_watching import commands as watching_commands
from desk.errors import DeskError

app = typer.Typer(
    help="Desk: a SQL-first trading desk for US equities on daily bars.\n\n"
    "Settings come from DESK_… variables and from .env; .env.example explains each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(serving_commands)
app.add_typer(stage_commands)
app.add_typer(marks_commands, name="marks")
app.add_typer(research_commands)
app.add_typer(executor_commands)
app.add_typer(watching_commands)
app.add_typer(keeping_commands)
app.add_typer(snapshot_commands, name="snapshot")
app.add_typer(dashboard_commands, name="dashboards")
app.add_typer(keys_app, name="keys")
app.add_typer(metrics_commands)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Show it.")] = False,
) -> None:
    if version:
        print(desk.__version__)
        raise typer.Exit


@app.command("status")
def status_command() -> None:
    """Print the summary of what is there now."""
    with opened() as desk:
        print_summary(desk)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement.")],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, not a table.")] = False,
) -> None:
    """Look into the database, read-only."""
    from desk.look import look

    with ready() as (_, database):
        look(database, query, as_csv=csv)


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
    with ready() as (settings, database):
        from flows.transform import command_environment

        environment = command_environment(settings, database, context.args[0])
        try:
            done = subprocess.run(context.args, env=os.environ | environment)
        except OSError as broken:
            raise DeskError(f"{context.args[0]}: {broken.strerror}") from None
    raise typer.Exit(done.returncode)


def main() -> None:
    """Run the command; an error a person can act on is one line and an exit code."""
    try:
        app()
    except DeskError as error:
        end_with(str(error), error.exit_code)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as missing:
        if " marts." not in f" {missing.diag.message_primary}".replace('"', " "):
            raise
        end_with(
            "nothing is built yet: run `desk run`, or `desk load` and `desk build`", 1
        )
    except psycopg.OperationalError as lost:
        end_with(f"the database went away: {' '.join(str(lost).split())}", 1)
