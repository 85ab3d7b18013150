"""The API as a process: granian in the foreground, on DESK_HOST:DESK_API_PORT."""

import resource
from functools import partial

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from desk.database import Database, open_database
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
        application = partial(_create_app, settings, database)
        server.serve(target_loader=application, wrap_loader=False)


def _create_app(settings: Settings, database: Database) -> ASGIApp:
    return head_as_get(create_app(settings, database))


def head_as_get(app: ASGIApp) -> ASGIApp:
    """Answer HEAD as GET, which the server sends without the body: monitors use it."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            scope["method"] = "GET"
        await app(scope, receive, send)

    return answering


def _allow_many_clients() -> None:
    """Each client is an open file; the usual soft limit of them is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
