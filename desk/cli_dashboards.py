"""The dashboards' commands: push, pull, check; and Superset alone, for a container."""

import subprocess
import sys
from typing import Annotated

import typer

from desk.cli_parts import console, ready
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from desk.superset import Superset, is_installed, prepare, superset_of

NOT_INSTALLED = "no dashboards: make up installs Superset into .venv-superset"

commands = typer.Typer(
    help="Superset's dashboards and their files in superset/assets.",
    no_args_is_help=True,
)


@commands.command()
def push(
    changed: Annotated[
        bool, typer.Option("--changed", help="Only if the files have changed.")
    ] = False,
) -> None:
    """Put the files into Superset; what is there under the same uuid is replaced."""
    from flows.dashboards import is_pushed
    from flows.dashboards import push as put

    with ready() as (settings, database):
        if not (changed and is_pushed(settings)):
            console.print(f"pushed {put(settings, database)}")


@commands.command()
def pull() -> None:
    """Write what was changed in Superset back into the files."""
    from flows.dashboards import pull as take

    with ready() as (settings, database):
        changed = take(settings, database)
    console.print("\n".join(changed) or "nothing has changed", soft_wrap=True)


@commands.command()
def check(
    write: Annotated[
        bool, typer.Option("--write", help="First write dbt's exposures anew.")
    ] = False,
) -> None:
    """Name every chart whose dataset, dbt model or column doesn't exist."""
    from flows.dashboards import check as look
    from flows.dashboards import write_exposures

    if write:
        write_exposures()
    with ready() as (settings, database):
        found = look(settings, database)
    if found:
        console.print("\n".join(found), soft_wrap=True)
        raise typer.Exit(1)
    console.print("every dashboard, chart, dataset, model and column is there")


@commands.command(name="prepare")
def make_ready() -> None:
    """Make Superset's database, tables and accounts, and end; takes the owner."""
    from desk.database import open_database
    from desk.log import configure_logging
    from desk.settings import load_settings

    _check_installed()
    settings = load_settings()
    configure_logging(settings)
    with open_database(settings) as database:
        prepare(settings, database)
    console.print("Superset is ready to be started")


@commands.command()
def serve() -> None:
    """Serve Superset alone until Ctrl-C, as `prepare` left it."""
    from desk.database import open_database
    from desk.log import configure_logging
    from desk.ports import check_port
    from desk.services import dashboards
    from desk.settings import load_settings
    from desk.up import run_services

    _check_installed()
    settings = load_settings()
    configure_logging(settings)
    check_port("superset_port", settings)
    with open_database(settings) as database:
        superset = superset_of(settings, database)
        run_services(
            settings,
            lambda _: show_dashboards(superset),
            (dashboards(settings, superset),),
        )


def _check_installed() -> None:
    if not is_installed():
        raise DeskError(NOT_INSTALLED)


def prepared_dashboards(settings: Settings, database: Database) -> Superset | None:
    """Superset ready to be started; None where it isn't wanted, or not installed."""

    if settings.dashboards == "no":
        return None
    if not is_installed():
        console.print(NOT_INSTALLED)
        return None
    with console.status("superset"):
        return prepare(settings, database)


def show_dashboards(superset: Superset | None) -> None:
    """Bring the started Superset up to date with the files, and say who may enter."""

    if superset is None:
        return
    # A program of its own: dbt's memory is not kept while serving.
    push = (sys.executable, "-P", "-m", "desk", "dashboards", "push", "--changed")
    done = subprocess.run(push, capture_output=True, text=True)
    for name, password in superset.accounts.items():
        console.print(f"{superset.url}/login/  {name}  {password}", soft_wrap=True)
    if done.returncode != 0:
        console.print(f"dashboards not pushed: {done.stderr.strip()}", soft_wrap=True)
