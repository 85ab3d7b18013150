"""Daily bars as traded and corporate actions from Alpaca, through alpaca-py.

Bars are asked for with `adjustment=raw`; what Alpaca adjusts itself is not used.
"""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from functools import partial
from importlib.util import find_spec
from itertools import groupby
from typing import TYPE_CHECKING, Any

from desk.calendar import NEW_YORK
from desk.errors import SettingError
from desk.settings import Settings
from ingest.sources import Batch, Window, rows_of
from ingest.sources.alpaca_answers import actions_in, bars_in
from ingest.sources.vendor import (
    FAILURES_IN_A_ROW,
    Manners,
    Patience,
    VendorFailure,
    failed_batch,
    in_parallel,
    is_ticker,
    manners_of,
    vendor_universe,
)

if TYPE_CHECKING:
    from alpaca.data.historical import StockHistoricalDataClient
    from alpaca.data.historical.corporate_actions import CorporateActionsClient

URL = "https://data.alpaca.markets"
# Symbols of one request: so many that its bars fit well into memory.
BARS_OF_A_REQUEST = 50_000
SYMBOLS_OF_A_REQUEST = 100
SESSIONS_OF_A_DAY = 252 / 365


class AlpacaSource:
    """Alpaca's market data; the feed is `DESK_ALPACA_FEED`."""

    name = "alpaca"
    is_local = False

    def __init__(self, settings: Settings, manners: Manners | None = None) -> None:
        if find_spec("alpaca") is None:
            raise SettingError(
                "DESK_PRICE_SOURCE",
                self.name,
                "the package alpaca-py is not installed; "
                "install the desk with its extra: desk[alpaca]",
            )
        if settings.alpaca_key_id is None or settings.alpaca_secret_key is None:
            raise SettingError(
                "APCA_API_KEY_ID",
                "",
                "the source alpaca needs it and APCA_API_SECRET_KEY; "
                "a free account's paper keys will do",
            )
        self._feed = settings.alpaca_feed
        self._url = (settings.alpaca_data_url or URL).rstrip("/")
        self._keys = (settings.alpaca_key_id, settings.alpaca_secret_key)
        self._manners = manners or manners_of(settings)
        self._patience = Patience()

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """The symbols asked for; all of Alpaca's are too many."""
        return vendor_universe(asked, self.name)

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        """Several symbols a request; what may pass is tried again."""
        windows = list(windows)
        if wrong := [w.symbol for w in windows if not is_ticker(w.symbol)]:
            yield failed_batch(wrong, "not a ticker that Alpaca could have")
        requests = _requests([w for w in windows if is_ticker(w.symbol)])
        one = partial(self._fetch_some, *self._clients(), self._patience)
        yield from in_parallel(one, requests, self._manners.parallel_requests)

    def _clients(self) -> "tuple[StockHistoricalDataClient, CorporateActionsClient]":
        # alpaca-py 0.44 imports what websockets deprecates.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        from alpaca.data.historical import StockHistoricalDataClient
        from alpaca.data.historical.corporate_actions import CorporateActionsClient

        from ingest.sources.alpaca_session import AlpacaSession

        key, secret = (key.get_secret_value() for key in self._keys)
        options: dict[str, Any] = {"raw_data": True, "url_override": self._url}
        bars = StockHistoricalDataClient(key, secret, **options)
        actions = CorporateActionsClient(key, secret, **options)
        limiter = self._manners.limiter()
        for client in (bars, actions):
            client._session = AlpacaSession(self._manners, limiter)
            client._retry = 0
        return bars, actions

    def _fetch_some(
        self,
        bars: "StockHistoricalDataClient",
        actions: "CorporateActionsClient",
        patience: Patience,
        windows: Sequence[Window],
    ) -> Batch:
        from ingest.sources.alpaca_session import RefusedRequest

        symbols = [window.symbol for window in windows]
        if patience.is_over:
            reason = f"not asked, Alpaca failed {FAILURES_IN_A_ROW} times in a row"
            return failed_batch(symbols, reason)
        try:
            batch = self._ask(bars, actions, symbols, windows[0])
        except RefusedRequest as refused:
            if len(windows) == 1:
                return failed_batch(symbols, str(refused))
            middle = len(windows) // 2
            halves = windows[:middle], windows[middle:]
            asked = partial(self._fetch_some, bars, actions, patience)
            return _joined([asked(half) for half in halves])
        except VendorFailure as failed:
            patience.note(failed)
            return failed_batch(symbols, str(failed))
        patience.note(None)
        return batch

    def _ask(
        self,
        bars: "StockHistoricalDataClient",
        actions: "CorporateActionsClient",
        symbols: list[str],
        window: Window,
    ) -> Batch:
        """The bars and actions of symbols that share a window's dates."""
        from alpaca.data.enums import Adjustment, CorporateActionsType, DataFeed
        from alpaca.data.requests import CorporateActionsRequest, StockBarsRequest
        from alpaca.data.timeframe import TimeFrame

        given: Any = bars.get_stock_bars(
            StockBarsRequest(
                symbol_or_symbols=symbols,
                timeframe=TimeFrame.Day,
                start=_midnight(window.start),
                # A bar's own stamp: later would count as recent data.
                end=_midnight(window.end),
                adjustment=Adjustment.RAW,
                feed=DataFeed(self._feed),
            )
        )
        told: Any = actions.get_corporate_actions(
            CorporateActionsRequest(
                symbols=symbols,
                types=[
                    CorporateActionsType.FORWARD_SPLIT,
                    CorporateActionsType.REVERSE_SPLIT,
                    CorporateActionsType.STOCK_DIVIDEND,
                    CorporateActionsType.CASH_DIVIDEND,
                ],
                start=window.start,
                end=window.end,
            )
        )
        nothing = (
            f"Alpaca's {self._feed} feed has no prices between {window.start} and "
            f"{window.end}; delisted or misspelt?"
        )
        return Batch(
            symbols=tuple(symbols),
            bars=[bar for symbol in symbols for bar in bars_in(given, symbol)],
            actions=list(actions_in(told)),
            failures={symbol: nothing for symbol in symbols if not given.get(symbol)},
        )


def _requests(windows: Sequence[Window]) -> Iterator[list[Window]]:
    def dates(window: Window) -> tuple[date, date]:
        return window.start, window.end

    for (start, end), group in groupby(sorted(windows, key=dates), dates):
        sessions = max(1, round(((end - start).days + 1) * SESSIONS_OF_A_DAY))
        size = min(SYMBOLS_OF_A_REQUEST, max(1, BARS_OF_A_REQUEST // sessions))
        alike = list(group)
        for first in range(0, len(alike), size):
            yield alike[first : first + size]


def _midnight(day: date) -> datetime:
    """In New York, as Alpaca stamps a daily bar."""
    return datetime.combine(day, time(), NEW_YORK)


def _joined(batches: Sequence[Batch]) -> Batch:
    return Batch(
        symbols=tuple(symbol for batch in batches for symbol in batch.symbols),
        bars=[bar for batch in batches for bar in rows_of(batch)],
        actions=[action for batch in batches for action in batch.actions],
        failures={s: why for batch in batches for s, why in batch.failures.items()},
    )
