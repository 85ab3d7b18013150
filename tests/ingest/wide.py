"""Processes that share a load from a stand-in for Yahoo, which knows who asks."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.queues import SimpleQueue
from typing import Any
from uuid import UUID

# Before the processes are forked, not in each of them.
import yfinance  # noqa: F401
from pyrate_limiter import BucketFactory, Rate
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from ingest import chunks
from ingest.limits import shared_limit
from ingest.load import LoadReport, load
from ingest.parts import Workers
from ingest.sources.vendor import Manners
from ingest.sources.yfinance import YfinanceSource
from ingest.together import help_with_load
from tests.ingest.test_yfinance import PRICES, chart

SYMBOLS = tuple(f"S{number:02}" for number in range(24))
THURSDAY = date(2013, 1, 10)
ANY_RATE = Rate(10_000, 60_000)
SECONDS = 20.0


@dataclass
class Yahoo:
    """Answers for any symbol; `holds_back`: who has to wait until `opened`."""

    holds_back: Callable[[str, str], bool] = lambda _who, _symbol: False
    opened: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[float, str, str]] = field(default_factory=list)
    url: str = ""

    def __call__(self, request: Request) -> Response:
        who, *path = request.path.strip("/").split("/")
        if "chart" not in path:
            return Response("crumb")
        symbol = path[-1]
        self.asked.append((time.monotonic(), who, symbol))
        if self.holds_back(who, symbol):
            self.opened.wait(SECONDS)
        number = int(symbol[1:])
        prices = [(*bar[:-1], bar[-1] + 4 * number) for bar in PRICES]
        return Response(json.dumps(chart(prices)), content_type="application/json")

    def symbols(self, *askers: str) -> list[str]:
        """What was asked for, by some or by all."""
        return [symbol for _, who, symbol in self.asked if not askers or who in askers]

    def askers(self) -> set[str]:
        return {who for _, who, _ in self.asked}


@contextmanager
def answering(yahoo: Yahoo) -> Iterator[Yahoo]:
    with HTTPServer(threaded=True) as server:
        server.expect_request(re.compile(".*")).respond_with_handler(yahoo)
        yahoo.url = server.url_for("")
        try:
            yield yahoo
        finally:
            yahoo.opened.set()


def settings(*symbols: str) -> Settings:
    return Settings(
        _env_file=None, home="/nonexistent", price_source="yfinance", symbols=symbols
    )


def asking(url: str, who: str, limit: BucketFactory | None) -> YfinanceSource:
    manners = Manners(10_000, 1, SECONDS, 0.0, limit)
    return YfinanceSource(f"{url}{who}", manners, repair=False)


def begin(
    database: Database,
    url: str,
    who: str,
    workers: Workers | None,
    *,
    rate: Rate = ANY_RATE,
    symbols: tuple[str, ...] = SYMBOLS,
) -> LoadReport:
    """Load the symbols, alone or with workers."""
    with shared_limit(database, "yfinance", rate) as limit:
        source = asking(url, who, limit if workers else None)
        clock = evening_of(THURSDAY)
        return load(settings(*symbols), database, clock, source=source, workers=workers)


def begin_and_tell(
    parameters: Mapping[str, str], url: str, who: str, begun: "SimpleQueue[UUID]"
) -> None:
    """Begin a load as a process; its run id is told when others may help."""
    chunks.CHUNK_BARS = 1

    @contextmanager
    def called(run_id: UUID) -> Iterator[None]:
        begun.put(run_id)
        yield

    begin(Database(parameters), url, who, Workers(3, called))


def help_and_tell(
    parameters: Mapping[str, str],
    url: str,
    who: str,
    run_id: UUID,
    rate: tuple[int, int],
    said: "SimpleQueue[Any]",
) -> None:
    """Help with a load as a process; what it says of itself is told at its end."""
    chunks.CHUNK_BARS = 1
    database = Database(parameters)
    with shared_limit(database, "yfinance", Rate(*rate)) as limit:
        source = asking(url, who, limit)
        said.put(help_with_load(settings(), database, run_id, source=source))
