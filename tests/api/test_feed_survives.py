"""Whatever dies, who resumes by sequence has every signal exactly once."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from desk.database import Database, open_database
from desk.keys import home_key
from desk.settings import Settings
from tests.api.conftest import publish
from tests.processes import free_port, running_api

CLIENTS = 30
SIGNALS = 60


async def follow_through(url: str, key: str, last: str) -> list[str]:
    """What a client hears that comes back, wherever it was, until a last signal."""
    got: list[str] = []
    place: int | None = None
    while not got or got[-1] != last:
        asked = url if place is None else f"{url}?after={place}"
        with suppress(WebSocketException, OSError, EOFError, TimeoutError):
            async with connect(
                asked, additional_headers={"X-API-Key": key}, proxy=None
            ) as client:
                async for text in client:
                    message = json.loads(text)
                    place = message["sequence"]
                    if message["kind"] == "signals":
                        got.append(message["symbol"])
                        if got[-1] == last:
                            break
        await asyncio.sleep(0.05)
    return got


def patiently(database: Database, symbol: str) -> None:
    """Publish, as often as it takes; the ledger refuses a second time."""
    while True:
        try:
            publish(database, symbol)
        except psycopg.errors.UniqueViolation:
            return
        except psycopg.OperationalError:
            continue
        else:
            return


@pytest.mark.parametrize(
    "victim", ["api", pytest.param("postgres", marks=pytest.mark.slow)]
)
def test_clients_that_resume_have_every_signal_once_though_something_is_killed(
    victim: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home", api_port=free_port())
    settings.home.mkdir()
    for folder in (tmp_path, settings.home):
        folder.chmod(0o711)
    symbols = [f"S{number}" for number in range(SIGNALS)]
    url = f"ws://127.0.0.1:{settings.api_port}/ws"

    async def scenario(
        database: Database, key: str, kill: Callable[[], None]
    ) -> list[list[str]]:
        clients = [
            asyncio.create_task(follow_through(url, key, symbols[-1]))
            for _ in range(CLIENTS)
        ]
        await asyncio.sleep(1.5)
        for number, symbol in enumerate(symbols):
            await asyncio.to_thread(patiently, database, symbol)
            if number == SIGNALS // 3:
                await asyncio.to_thread(kill)
        async with asyncio.timeout(60):
            return await asyncio.gather(*clients)

    with ExitStack() as running, open_database(settings) as database:
        process = running.enter_context(running_api(settings))
        key = home_key(database, settings.home)

        def kill() -> None:
            if victim == "postgres":
                data = settings.home / "postgres" / "data"
                pid = int((data / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
            else:
                kill_api(process)
                running.enter_context(running_api(settings))

        heard = asyncio.run(scenario(database, key, kill))
    assert heard == [symbols] * CLIENTS


def kill_api(process: subprocess.Popen[bytes]) -> None:
    """The whole tree at once, without a word."""
    tree = psutil.Process(process.pid).children(recursive=True)
    for pid in (process.pid, *(one.pid for one in tree)):
        os.kill(pid, signal.SIGKILL)
    process.wait()
