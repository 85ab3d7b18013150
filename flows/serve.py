"""The trading day on a schedule: weekday evenings, after the exchange's close."""

import os
import tempfile
import threading

from desk.errors import DeskError
from desk.log import configure_logging
from desk.ports import address, wait_for_answer
from desk.services import service_environment
from desk.settings import Settings

DEPLOYMENT = "daily"
WEEKDAY_EVENINGS = "0 18 * * 1-5"
TIMEZONE = "America/New_York"
SERVER_SECONDS = 180.0


def serve(settings: Settings) -> None:
    """Serve `trading_day` until SIGINT or SIGTERM, one run at a time.

    Waits for Prefect's server on DESK_PREFECT_PORT; `DeskError` if there is none.
    """
    configure_logging(settings)
    # Before Prefect is imported: it reads its settings then.
    os.environ.update(service_environment(settings))
    tempfile.tempdir = None  # TMPDIR is asked again
    host, port = settings.host, settings.prefect_port
    never = threading.Event()
    if not wait_for_answer(host, port, "/api/health", SERVER_SECONDS, never):
        raise DeskError(f"no Prefect server answers at {address(host, port)}")

    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.trading_day import trading_day

    trading_day.serve(
        name=DEPLOYMENT,
        schedule=Cron(WEEKDAY_EVENINGS, timezone=TIMEZONE),
        limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
        # The server stops with us: there is nobody left to tell.
        pause_on_shutdown=False,
        print_starting_message=False,
    )
