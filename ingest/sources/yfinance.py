"""Daily prices from Yahoo Finance through the yfinance library.

Yahoo's prices, volumes and dividends are in the share terms of the day they are
fetched. The splits of the same answer undo that, so that what is stored is as
traded and no later split changes it.
"""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stamina

from desk.errors import SettingError
from ingest.sources import Action, Bar, Batch, Window

if TYPE_CHECKING:
    import pandas as pd

CURRENCY = "USD"
TIMEOUT_SECONDS = 20.0
ATTEMPTS = 4
# Yahoo keeps split-adjusted prices in single precision. Four decimals are what a
# US price has; more would change with each later split.
PRICE_DECIMALS = 4
AMOUNT_DECIMALS = 6
PRICES = ("Open", "High", "Low", "Close")


def _is_passing(failed: Exception) -> bool:
    """Whether a failure may be over soon: the network's, or the rate limit's."""
    from yfinance.exceptions import YFRateLimitError

    is_network = isinstance(failed, OSError) and not isinstance(failed, ValueError)
    return is_network or isinstance(failed, YFRateLimitError)


@contextmanager
def _quiet() -> Iterator[None]:
    """yfinance 1.7 shows what pandas 3.1 deprecates, and its import insists on it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


class YfinanceSource:
    """Yahoo Finance. `cache_folder` keeps what yfinance remembers between runs;
    `base_url` sends every request to another server (a recorded one)."""

    name = "yfinance"
    is_local = False

    def __init__(self, cache_folder: Path, base_url: str | None = None) -> None:
        if find_spec("yfinance") is None:
            raise SettingError(
                "DESK_PRICE_SOURCE",
                self.name,
                "the package yfinance is not installed; "
                "install the desk with its extra: desk[yfinance]",
            )
        self._cache_folder = cache_folder
        self._base_url = base_url

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """The symbols asked for; yfinance has no universe of its own."""
        if not asked:
            raise SettingError(
                "DESK_SYMBOLS", "", "yfinance needs symbols, such as AAPL,MSFT"
            )
        return tuple(dict.fromkeys(symbol.upper() for symbol in asked))

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        """One symbol after the other; network failures are tried again."""
        with _quiet():
            import yfinance  # 1 s of import

        self._cache_folder.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(self._cache_folder))
        yfinance.config.debug.hide_exceptions = False
        session = _session_to(self._base_url) if self._base_url else None
        for window in windows:
            yield _fetch_one(yfinance.Ticker(window.symbol, session), window)


def _fetch_one(ticker: Any, window: Window) -> Batch:
    try:
        with _quiet():
            history = _history(ticker, window)
        currency = ticker.get_history_metadata()["currency"]
        if currency != CURRENCY:
            return _failure(
                window, f"prices are in {currency}, the desk trades {CURRENCY}"
            )
        return _batch(window, history)
    # The library passes on whatever goes wrong inside it.
    except Exception as failed:  # noqa: BLE001
        return _failure(window, f"{type(failed).__name__}: {failed}".splitlines()[0])


def _failure(window: Window, reason: str) -> Batch:
    return Batch(symbols=(window.symbol,), failures={window.symbol: reason})


@stamina.retry(on=_is_passing, attempts=ATTEMPTS, wait_initial=1.0, wait_max=20.0)
def _history(ticker: Any, window: Window) -> "pd.DataFrame":
    """Up to now, whatever the window's end: later splits are in its prices."""
    history: pd.DataFrame = ticker.history(
        start=window.start,
        auto_adjust=False,
        actions=True,
        keepna=True,
        timeout=TIMEOUT_SECONDS,
    )
    return history


def _batch(window: Window, history: "pd.DataFrame") -> Batch:
    """As traded, and within the window."""
    splits = history["Stock Splits"].where(history["Stock Splits"] > 0, 1.0)
    # Shares of the fetch for one share of that session: splits after it.
    later = splits.iloc[::-1].cumprod().shift(1, fill_value=1.0).iloc[::-1]
    history = history.assign(
        **{name: (history[name] * later).round(PRICE_DECIMALS) for name in PRICES},
        Volume=(history["Volume"] / later).round(),
        Dividends=(history["Dividends"] * later).round(AMOUNT_DECIMALS),
    )
    # Stamped with the exchange's midnight, in the exchange's zone.
    history = history.set_axis([moment.date() for moment in history.index])
    history = history.loc[[window.start <= day <= window.end for day in history.index]]
    given = history.astype(object).where(history.notna(), None)
    bars = [
        Bar(window.symbol, day, *row)
        for day, *row in given[[*PRICES, "Volume"]].itertuples(name=None)
    ]
    actions = [
        Action(window.symbol, day, kind, value)
        for column, kind in (("Stock Splits", "split"), ("Dividends", "dividend"))
        for day, value in given[[column]].itertuples(name=None)
        if value
    ]
    return Batch(symbols=(window.symbol,), bars=bars, actions=actions)


def _session_to(base_url: str) -> Any:
    """A session of yfinance's own kind whose every request goes to `base_url`."""
    from curl_cffi.requests import Session

    class RedirectedSession(Session[Any]):
        def get(self, url: str, **options: Any) -> Any:
            path = urlsplit(url).path or "/"
            return super().get(base_url.rstrip("/") + path, **options)

    return RedirectedSession()
