"""Several executors at once, as processes of their own."""

import time
from decimal import Decimal

import pytest

from desk.settings import Settings
from executor.publish import publish
from tests.executor.deaths import rival
from tests.executor.fake_alpaca import alpaca_settings, running_fake
from tests.executor.market import MON, Market, evening

RIVALS = 5


@pytest.mark.parametrize("locked", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_five_executors_at_once_send_each_order_once(
    market: Market, settings: Settings, request: pytest.FixtureRequest, locked: bool
) -> None:
    seconds = float(request.config.getoption("--rival-seconds"))
    symbols = [f"S{number}" for number in range(40)]
    for symbol in symbols:
        market.flat_bars(symbol, 100)
        market.signal(symbol, MON, "buy", 100)
    publish(market.database, evening(MON))
    with running_fake() as fake:
        # Whoever sends twice books twice.
        fake.unique = False
        fake.on_post = lambda *_: time.sleep(0.1)
        more = {"position_weight": Decimal("0.01"), "broker_timeout_seconds": 10.0}
        settings = alpaca_settings(settings, fake, **more)

        rivals = [
            rival(market.database, settings, evening(MON), seconds, locked)
            for _ in range(RIVALS)
        ]
        for process in rivals:
            process.join()

        assert [process.exitcode for process in rivals] == [0] * RIVALS
        assert sorted(post["symbol"] for post in fake.posts) == sorted(symbols)
        assert sorted(
            market.rows("select symbol, broker_order_id from trading.orders")
        ) == (sorted((order["symbol"], order["id"]) for order in fake.orders))
        assert market.rows("select kill from trading.control") == [("off",)]
