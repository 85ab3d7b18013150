"""Daily prices from Yahoo Finance through the yfinance library.

Yahoo's prices, volumes and dividends are in the share terms of the day they are
fetched. The splits of the same answer undo that, so that what is stored is as
traded and no later split changes it.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import structlog

from desk.calendar import NEW_YORK
from desk.errors import SettingError
from ingest.sources import Batch, Window
from ingest.sources.as_traded import as_traded
from ingest.sources.vendor import (
    FAILURES_IN_A_ROW,
    Manners,
    PassingFailure,
    Patience,
    VendorFailure,
    failed_batch,
    in_parallel,
    is_ticker,
    vendor_universe,
)

if TYPE_CHECKING:
    import pandas as pd

# The repair judges a price by its neighbours, so it is given some.
REPAIR_CONTEXT = timedelta(days=365)

log = structlog.get_logger()


class YfinanceSource:
    """Yahoo Finance; `base_url` is another server to ask (a recorded one)."""

    name = "yfinance"
    is_local = False

    def __init__(
        self,
        base_url: str | None = None,
        manners: Manners | None = None,
        *,
        repair: bool = True,
    ) -> None:
        if find_spec("yfinance") is None:
            raise SettingError(
                "DESK_PRICE_SOURCE",
                self.name,
                "the package yfinance is not installed; "
                "install the desk with its extra: desk[yfinance]",
            )
        self._base_url = base_url
        self._manners = manners or Manners()
        self._patience = Patience()
        self._repairs = repair and _can_repair()
        self._not_repaired: dict[str, str] = {}

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """The symbols asked for; yfinance has no universe of its own."""
        return vendor_universe(asked, self.name)

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        """Some symbols at a time; what may pass is tried again."""
        session = self._session()
        self._not_repaired.clear()
        one = partial(self._fetch_one, session, self._patience)
        yield from in_parallel(one, windows, self._manners.parallel_requests)
        if failed := self._not_repaired:
            symbol, reason = next(iter(failed.items()))
            log.warning(
                "prices_not_repaired",
                symbols=len(failed),
                such_as=symbol,
                reason=reason,
            )

    def _session(self) -> Any:
        import yfinance  # 1 s of import
        from yfinance import cache

        from ingest.sources.yahoo import YahooSession

        # yfinance 1.7 shows what pandas 3.1 deprecates, and insists on it.
        warnings.filterwarnings(
            "ignore", category=DeprecationWarning, module="yfinance"
        )
        # Its caches on disk are locked when several threads first open them.
        cache._CookieCacheManager._Cookie_cache = cache._CookieCacheDummy()
        yfinance.config.debug.hide_exceptions = False
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        return YahooSession(self._manners.limiter(), self._base_url)

    def _fetch_one(self, session: Any, patience: Patience, window: Window) -> Batch:
        symbols = (window.symbol,)
        if not is_ticker(window.symbol):
            return failed_batch(symbols, "not a ticker that Yahoo could have")
        if patience.is_over:
            reason = f"not asked, Yahoo failed {FAILURES_IN_A_ROW} times in a row"
            return failed_batch(symbols, reason)
        try:
            batch = self._manners.patiently(lambda: self._ask(session, window))
        except VendorFailure as failed:
            patience.note(failed)
            return failed_batch(symbols, str(failed))
        patience.note(None)
        return batch

    def _ask(self, session: Any, window: Window) -> Batch:
        import yfinance

        try:
            ticker = yfinance.Ticker(window.symbol, session)
            # The bars tell their own zone; this saves a request that asks for it.
            ticker._tz = str(NEW_YORK)
            with session.remembering():
                history = self._history(ticker, window)
            currency = ticker.get_history_metadata().get("currency")
        except VendorFailure:
            raise
        # The library passes on whatever goes wrong inside it.
        except Exception as failed:
            raise _in_words(failed) from failed
        return as_traded(window, history, currency)

    def _history(self, ticker: Any, window: Window) -> "pd.DataFrame":
        """Prices repaired if they can be; actions as Yahoo tells them, because the
        repair judges a dividend by an adjusted close that the desk doesn't use."""
        if not self._repairs:
            return _history(ticker, window.start, self._manners)
        start = min(window.start, window.end - REPAIR_CONTEXT)
        told = _history(ticker, start, self._manners)
        try:
            repaired = _history(ticker, start, self._manners, repair=True)
        # A repair that fails must not cost the prices.
        except Exception as failed:  # noqa: BLE001
            self._not_repaired[window.symbol] = repr(failed)
            return told
        return repaired.reindex(told.index).assign(
            **{name: told[name] for name in ("Dividends", "Stock Splits")}
        )


def _history(
    ticker: Any, start: date, manners: Manners, *, repair: bool = False
) -> "pd.DataFrame":
    """Up to now, whatever the window's end: later splits are in its prices."""
    history: pd.DataFrame = ticker.history(
        start=start,
        auto_adjust=False,
        actions=True,
        keepna=True,
        repair=repair,
        timeout=manners.timeout_seconds,
    )
    return history


def _can_repair() -> bool:
    """Whether what yfinance's price repair needs is installed; says so if not."""
    missing = [name for name in ("scipy", "sklearn") if find_spec(name) is None]
    if missing:
        log.warning("yfinance_repairs_no_prices", not_installed=missing)
    return not missing


def _in_words(failed: Exception) -> VendorFailure:
    from yfinance.exceptions import YFRateLimitError, YFTickerMissingError

    if isinstance(failed, YFRateLimitError):
        return PassingFailure("Yahoo refuses so many requests (429); try later")
    if isinstance(failed, YFTickerMissingError):
        return VendorFailure("Yahoo has no prices for it; delisted or misspelt?")
    reason = f"{type(failed).__name__}: {failed}".splitlines()[0]
    return VendorFailure(f"Yahoo's answer can't be read, has it changed? {reason}")
