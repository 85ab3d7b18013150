"""The services: up, serve, api, flows."""

import atexit
import os
import sys

import typer

from desk.cli_parts import console, opened, print_summary
from desk.cli_stages import whole_pass
from desk.database import open_database
from desk.log import configure_logging
from desk.settings import load_settings

commands = typer.Typer()


@commands.command()
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
        whole_pass(desk)
        print_summary(desk)
    # Serve from a new program, without dbt and its memory; this one ends first.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-P", "-m", "desk", "serve"]
    )


@commands.command()
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


@commands.command()
def api() -> None:
    """Serve the API alone."""
    from api.server import serve

    serve(load_settings())


@commands.command()
def flows() -> None:
    """Serve the Prefect flows alone, some by schedule."""
    from flows.serve import serve

    serve(load_settings())


def _print_addresses(found: "dict[str, str]", key: str) -> None:
    console.print()
    for name, address in found.items():
        console.print(f"{name:<12} {address}", soft_wrap=True)
    console.print(f"{'API key':<12} {key}", soft_wrap=True)
    console.print(
        f"\ncurl -H 'X-API-Key: {key}' {found['API']}/latest",
        soft_wrap=True,
    )
