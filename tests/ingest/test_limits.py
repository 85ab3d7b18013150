"""A vendor's limit in the database."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import time_machine
from pyrate_limiter import Limiter, Rate, RateItem

from desk.database import Database
from ingest.limits import shared_limit


def test_a_limit_is_by_the_databases_clock_and_keeps_no_old_requests(
    database: Database,
) -> None:
    def kept() -> int:
        with database.connect("ingest") as conn:
            found: Any = conn.execute("select count(*) from limits.ratelimit___yahoo")
            return int(found.fetchone()[0])

    hour = Rate(3, 3_600_000)
    with shared_limit(database, "yahoo", hour) as one:
        assert [Limiter(one).try_acquire(blocking=False) for _ in range(2)] == [
            True
        ] * 2
    with (
        time_machine.travel(datetime(2040, 1, 1, tzinfo=UTC)),
        shared_limit(database, "yahoo", hour) as other,
    ):
        acquire = partial(Limiter(other).try_acquire, blocking=False)
        assert [acquire(), acquire()] == [True, False]
        late = RateItem("yahoo", 0)
        assert not other.bucket.put(late)
        assert late.timestamp > 0
    assert kept() == 3
    with shared_limit(database, "yahoo", Rate(3, 1)) as brief:
        assert Limiter(brief).try_acquire(blocking=False)
    assert kept() == 1
