"""The flows on their schedules, in processes of this machine."""

import os
import tempfile
import threading

import structlog

from desk.calendar import today
from desk.errors import DeskError
from desk.log import configure_logging
from desk.ports import address, wait_for_answer
from desk.services import service_environment
from desk.settings import Settings

SERVER_SECONDS = 180.0
# A load and its workers, unless more are wanted.
PROCESSES = 4

log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Serve the deployments of `prefect.yaml` until SIGINT or SIGTERM.

    Passes take turns at the database; a load's workers run beside it. Waits for
    Prefect's server on DESK_PREFECT_PORT; `DeskError` if there is none.
    """
    configure_logging(settings)
    # Before Prefect is imported: it reads its settings then.
    os.environ.update(service_environment(settings))
    tempfile.tempdir = None  # TMPDIR is asked again
    host, port = settings.host, settings.prefect_port
    never = threading.Event()
    if not wait_for_answer(host, port, "/api/health", SERVER_SECONDS, never):
        raise DeskError(f"no Prefect server answers at {address(host, port)}")

    import prefect
    from prefect.client.orchestration import get_client

    from flows.deployments import bury_dead_runs, deployments, make_limits

    served = deployments(today())
    with get_client(sync_client=True) as client:
        make_limits(client)
        if buried := bury_dead_runs(client):
            log.warning("flow_runs_had_crashed", count=buried)
    prefect.serve(
        *served,
        limit=max(PROCESSES, settings.load_workers),
        # The server stops with us: there is nobody left to tell.
        pause_on_shutdown=False,
        print_starting_message=False,
    )
