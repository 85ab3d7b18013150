"""The API as a process: granian in the foreground, on DESK_HOST:DESK_API_PORT."""

import resource
from functools import partial

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from api.app import create_app
from desk.database import open_database
from desk.keys import home_key
from desk.log import configure_logging
from desk.ports import check_port
from desk.settings import Settings

WORKERS = 1
KILL_AFTER_SECONDS = 3
MOST_FILES = 65_536


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises `SettingError` when the port is taken, before the database is opened.
    """
    configure_logging(settings)
    _allow_many_clients()
    check_port("api_port", settings)
    with open_database(settings) as database:
        home_key(database, settings.home)
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


def _allow_many_clients() -> None:
    """Each client is an open file; the usual soft limit of them is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
