"""dbt's documentation of the desk: every table and column, and what made it."""

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from flows.transform import document


def generate_docs(settings: Settings, database: Database) -> Path:
    """A folder with `index.html`, one page that needs no network.

    Raises `DeskError` with dbt's words when dbt fails.
    """
    page, _ = document(settings, database)
    folder = settings.home / "docs"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_bytes(page.read_bytes())
    return folder


def serve_docs(folder: Path, port: int) -> None:
    """Serve the folder to this machine until Ctrl-C."""
    handler: Callable[..., Any] = partial(_Quiet, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as taken:
        raise SettingError("--port", port, f"can't be used: {taken.strerror}") from None
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """A request is no news."""
