"""The API as a process: granian in the foreground, on DESK_HOST:DESK_API_PORT."""

from functools import partial

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from api.app import create_app
from desk.database import open_database
from desk.log import configure_logging
from desk.ports import check_port
from desk.settings import Settings

WORKERS = 1
KILL_AFTER_SECONDS = 3


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises `SettingError` when the port is taken, before the database is opened.
    """
    configure_logging(settings)
    check_port("api_port", settings)
    with open_database(settings) as database:
        server = Server(
            "api.app:create_app",
            address=settings.host,
            port=settings.api_port,
            interface=Interfaces.ASGI,
            workers=WORKERS,
            workers_kill_timeout=KILL_AFTER_SECONDS,
            log_level=LogLevels.info,
        )
        application = partial(create_app, settings, database)
        server.serve(target_loader=application, wrap_loader=False)
