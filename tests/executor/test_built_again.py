"""Whatever is built or published again, what was decided stays decided."""

from datetime import date

import pytest

from desk.database import Database
from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.executor.fake_alpaca import alpaca_settings, running_fake
from tests.executor.market import Market, evening

DAY = date(2013, 2, 13)  # sma_cross buys IBM


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_full_refresh_and_a_history_that_says_otherwise_give_no_new_order(
    built: Database, copies: CopyDatabase, settings: Settings
) -> None:
    market = Market(copies(built))
    clock = evening(DAY)
    with running_fake() as fake:
        desk = alpaca_settings(settings, fake)
        publish(market.database, clock)
        first = execute(desk, market.database, clock)
        decided = market.rows("select * from trading.orders")

        build(settings, market.database, full_refresh=True)
        # As if the strategies' code had changed: other sides, other signals.
        market.run("update marts.signals set side = 'sell', close = 1", "dbt")
        market.run("update trading.control set first_session = '2012-06-01'")
        again = publish(market.database, clock)
        second = execute(desk, market.database, clock)

    assert first.placed == 1
    assert len(fake.posts) == 1
    assert again.signals >= 20
    assert (second.placed, second.blocked) == (0, again.signals)
    assert market.rows(
        "select distinct left(reason, 6) from trading.orders"
        f" where state = 'blocked' and id > {len(decided)}"
    ) == [("stale:",)]
    assert (
        market.rows(f"select * from trading.orders where id <= {len(decided)}")
        == decided
    )
