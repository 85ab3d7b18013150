"""One rate limit for all processes that ask a vendor, kept in the database."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

from psycopg_pool import ConnectionPool
from pyrate_limiter import (
    Duration,
    PostgresBucket,
    Rate,
    RateItem,
    SingleBucketFactory,
)

from desk.database import Database
from desk.settings import Settings
from ingest.sources import Source, open_source

# The bucket makes its table itself, where desk_ingest may; its time stamps have no
# zone, so all sessions must agree on one.
OPTIONS = "-c search_path=limits -c timezone=UTC"
TIDY_MILLISECONDS = 10_000


class SharedBucket(PostgresBucket):
    """The library's bucket with each attempt stamped by the database's clock, not by
    the moment of the first one plus the waits; deletes what no longer counts."""

    _tidied_at = 0

    def put(self, item: RateItem) -> bool | Awaitable[bool]:  # noqa: D102
        item.timestamp = self.now()  # type: ignore[no-untyped-call]
        if item.timestamp - self._tidied_at >= TIDY_MILLISECONDS:
            self.leak(item.timestamp)
            self._tidied_at = item.timestamp
        return super().put(item)


@contextmanager
def shared_limit(
    database: Database, name: str, rate: Rate
) -> Iterator[SingleBucketFactory]:
    """The limit of a vendor, for every process that opens it on this database."""
    given = database.parameters.get("options", "")
    options = {**database.parameters, "options": f"{given} {OPTIONS}".strip()}
    conninfo = Database(options).conninfo("ingest")
    with ConnectionPool(conninfo, min_size=1, max_size=1, open=True) as pool:
        bucket = SharedBucket(pool, name, [rate])
        yield SingleBucketFactory(bucket, schedule_leak=False)


@contextmanager
def open_shared_source(settings: Settings, database: Database) -> Iterator[Source]:
    """The source of `settings`, which keeps its vendor's limit with all others."""
    rate = Rate(settings.requests_per_minute, Duration.MINUTE)
    with shared_limit(database, settings.price_source, rate) as limit:
        yield open_source(settings, limit)
