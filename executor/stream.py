"""Alpaca's stream of trade updates: a hint that it is worth looking, no more."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

from desk.settings import Settings
from executor.alpaca import keys_of
from executor.alpaca_session import trading_url


@contextmanager
def trade_updates(settings: Settings, on_update: Callable[[], None]) -> Iterator[None]:
    """Call `on_update`, from another thread, whenever the broker says something.

    A stream that fails is tried again by alpaca-py and otherwise not missed. The
    dry run has none.
    """
    if settings.broker != "alpaca":
        yield
        return
    # alpaca-py 0.44 imports what websockets deprecates.
    warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
    from alpaca.trading.stream import TradingStream

    # A traceback for each lost connection tells nothing the next poll won't.
    logging.getLogger("alpaca.trading.stream").setLevel(logging.CRITICAL)
    address = trading_url(settings).replace("http", "ws", 1) + "/stream"
    stream = TradingStream(*keys_of(settings), raw_data=True, url_override=address)

    async def told(_: Any) -> None:
        on_update()

    stream.subscribe_trade_updates(told)
    Thread(target=stream.run, name="trade-updates", daemon=True).start()
    try:
        yield
    finally:
        with suppress(AttributeError, RuntimeError):  # it had not begun yet
            stream.stop()
