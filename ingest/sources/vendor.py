"""What every vendor's source shares: failures in words, patience, a rate limit."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from threading import Lock
from typing import TypeVar

import stamina
from pyrate_limiter import BucketFactory, Duration, Limiter, Rate

from desk.errors import SettingError
from desk.settings import Settings
from ingest.sources import Batch

ATTEMPTS = 4
LONGEST_WAIT = 30.0
# After so many in a row that passed nothing, the vendor is down: the rest of the
# universe is not asked, which would take hours.
FAILURES_IN_A_ROW = 12
TICKER = re.compile(r"[A-Z0-9^=.$_-]{1,24}")

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class VendorFailure(Exception):  # noqa: N818
    """A vendor's answer that gives no prices; one line a trader understands."""


class PassingFailure(VendorFailure):
    """One that may be over soon, so that asking again makes sense: the network's,
    the rate limit's, a server out of order.

    `retry_after`: how many seconds the vendor asks to wait, if it says so.
    """

    def __init__(self, said: str, retry_after: float | None = None) -> None:
        super().__init__(said)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Manners:
    """How a vendor is asked. `timeout_seconds`: for one answer. `limit`: the rate limit
    of several processes, instead of `requests_per_minute` for this one."""

    requests_per_minute: int = 100
    parallel_requests: int = 4
    timeout_seconds: float = 20.0
    first_wait_seconds: float = 1.0
    limit: BucketFactory | None = None

    def limiter(self) -> Limiter:
        """One for all requests to the vendor; `try_acquire` waits."""
        return Limiter(self.limit or Rate(self.requests_per_minute, Duration.MINUTE))

    def patiently(self, ask: Callable[[], Answer]) -> Answer:
        """What `ask` gives, asked again after a `PassingFailure`, but not where the
        vendor wants to be left alone for longer than `LONGEST_WAIT`."""
        for attempt in stamina.retry_context(
            on=_wait_after,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=self.first_wait_seconds,
            wait_max=LONGEST_WAIT,
        ):
            with attempt:
                return ask()
        raise AssertionError("the last attempt returns or raises")


def manners_of(settings: Settings, limit: BucketFactory | None = None) -> Manners:
    """How the settings say that a vendor is asked."""
    return Manners(
        settings.requests_per_minute, settings.parallel_requests, limit=limit
    )


def _wait_after(failed: Exception) -> bool | float:
    """Whether to ask again: as usual, or after so many seconds."""
    if not isinstance(failed, PassingFailure):
        return False
    if failed.retry_after is None:
        return True
    return failed.retry_after <= LONGEST_WAIT and failed.retry_after


def retry_after(told: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date."""
    if told is None:
        return None
    try:
        if told.strip().isdigit():
            return float(told)
        until = parsedate_to_datetime(told)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


@dataclass(slots=True)
class Patience:
    """Counts passing failures in a row, over all threads."""

    failures: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def is_over(self) -> bool:
        """Whether the vendor must be taken to be down."""
        return self.failures >= FAILURES_IN_A_ROW

    def note(self, failed: VendorFailure | None) -> None:
        """What became of a request; None: it was answered."""
        with self.lock:
            is_passing = isinstance(failed, PassingFailure)
            self.failures = self.failures + 1 if is_passing else 0


def vendor_universe(asked: Sequence[str], name: str) -> tuple[str, ...]:
    """The symbols asked for, each once; a vendor has no universe of its own."""
    if not asked:
        raise SettingError(
            "DESK_SYMBOLS", "", f"{name} needs symbols, such as AAPL,MSFT"
        )
    return tuple(dict.fromkeys(symbol.upper() for symbol in asked))


def is_ticker(symbol: str) -> bool:
    """Whether the symbol can be one, and be part of an address."""
    return TICKER.fullmatch(symbol) is not None


def failed_batch(symbols: Iterable[str], reason: str) -> Batch:
    """A batch of symbols that all failed for one reason."""
    symbols = tuple(symbols)
    return Batch(symbols=symbols, failures=dict.fromkeys(symbols, reason))


def in_parallel(
    ask: Callable[[Asked], Answer], asked: Iterable[Asked], workers: int
) -> Iterator[Answer]:
    """Answers in the order asked, a few in flight; what is left unread is not asked."""
    remaining = iter(asked)
    with ThreadPoolExecutor(workers, thread_name_prefix="vendor") as pool:
        flying: deque[Future[Answer]] = deque(
            pool.submit(ask, one) for one in islice(remaining, workers * 2)
        )
        try:
            while flying:
                answer = flying.popleft().result()
                flying.extend(pool.submit(ask, one) for one in islice(remaining, 1))
                yield answer
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
