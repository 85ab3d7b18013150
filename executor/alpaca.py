"""Alpaca as the broker, through alpaca-py with its own retries off."""

import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import stamina
import structlog

from desk.errors import SettingError
from desk.settings import Settings
from executor.alpaca_answers import (
    account_id_in,
    account_in,
    asset_in,
    order_in,
    position_in,
)
from executor.alpaca_failures import NotFoundError, failure_in
from executor.alpaca_session import AlpacaSession, trading_url
from executor.broker import (
    Account,
    Asset,
    BrokerOrder,
    BrokerUnclearError,
    NewOrder,
    OrderRefusedError,
    Position,
)

if TYPE_CHECKING:
    from alpaca.trading.client import TradingClient

PAGE = 500
LEASE_TIMEOUTS = 6
LONGEST_TURN_SECONDS = 60
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
READ_ATTEMPTS = 3

Answer = TypeVar("Answer")
log = structlog.get_logger()


def _may_pass(failed: Exception) -> bool:
    return isinstance(failed, BrokerUnclearError) and not isinstance(
        failed, NotFoundError
    )


class AlpacaBroker:
    """The account that the keys open; market orders, good for the day.

    Reads are repeated when they fail, orders never.
    """

    def __init__(self, settings: Settings) -> None:
        self.url = trading_url(settings)
        self._keys = keys_of(settings)
        self._timeout = settings.broker_timeout_seconds
        self._client = self._open(settings.broker_requests_per_minute)

    @cached_property
    def account_id(self) -> str:
        """`alpaca:` and the account's number, asked for once."""
        return account_id_in(self._read(self._client.get_account))

    @property
    def lease_seconds(self) -> float:
        """Longer than any call lasts, its turn under the rate limit included."""
        return LEASE_TIMEOUTS * self._timeout + LONGEST_TURN_SECONDS

    def account(self) -> Account:
        """Cash, equity and buying power."""
        return account_in(self._read(self._client.get_account))

    def positions(self) -> Sequence[Position]:
        """Symbols held."""
        held = _list(self._read(self._client.get_all_positions))
        positions = [position for each in held if (position := position_in(each)).qty]
        if len({position.symbol for position in positions}) < len(positions):
            raise BrokerUnclearError("the broker shows two positions in one symbol")
        return positions

    def asset(self, symbol: str) -> Asset:
        """What Alpaca lets be done with a symbol."""
        try:
            answer = self._read(lambda: self._client.get_asset(quote(symbol, safe="")))
        except NotFoundError:
            return Asset(trouble=f"Alpaca has no {symbol}")
        return asset_in(symbol, answer)

    def orders_since(self, since: datetime) -> Sequence[BrokerOrder]:
        """All orders from a moment on, and those before it that still work."""
        recent = self._pages("all", since)
        working = self._pages("open", FIRST_DAY)
        older = [order for order in working.values() if order.id not in recent]
        return [*older, *recent.values()]

    def _pages(self, status: str, since: datetime) -> dict[str, BrokerOrder]:
        """Orders from a moment on, oldest first, page after page."""
        found: dict[str, BrokerOrder] = {}
        after = since - timedelta(microseconds=1)  # Alpaca leaves out the moment
        while True:
            page = self._page(status, after)
            known = len(found)
            orders = [order for each in page if (order := _readable(each))]
            found |= {order.id: order for order in orders}
            if len(page) < PAGE:
                return found
            last = orders[-1].submitted_at if orders else None
            if last is None or len(found) == known:
                raise BrokerUnclearError("the broker's list of orders has no end")
            after = last - timedelta(microseconds=1)

    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """The order under a client order id; None only if Alpaca says so."""
        try:
            answer = self._read(
                lambda: self._client.get_order_by_client_id(client_order_id)
            )
        except NotFoundError:
            return None
        return _ours(order_in(answer), client_order_id)

    def submit(self, order: NewOrder) -> BrokerOrder:
        """Send an order, once. Raises unless the answer echoes its id."""
        body = {
            "symbol": order.symbol,
            "qty": f"{order.qty:f}",
            "side": order.side,
            "type": "market",
            "time_in_force": "day",
            "client_order_id": order.client_order_id,
        }
        answer = self._ask(lambda: self._client.post("/orders", body))
        return _ours(order_in(answer), order.client_order_id)

    def _page(self, status: str, after: datetime) -> list[Any]:
        asked = {
            "status": status,
            "limit": PAGE,
            "after": after.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "direction": "asc",
        }
        return _list(self._read(lambda: self._client.get("/orders", asked)))

    def _read(self, ask: Callable[[], Answer]) -> Answer:
        """A read, asked again while the broker is unclear: it changes nothing."""
        for attempt in stamina.retry_context(
            on=_may_pass,
            attempts=READ_ATTEMPTS,
            timeout=None,
            wait_initial=0.2,
        ):
            with attempt:
                try:
                    return self._ask(ask)
                except OrderRefusedError as refused:
                    raise BrokerUnclearError(str(refused)) from None
        raise AssertionError("the last attempt returns or raises")

    def _ask(self, ask: Callable[[], Answer]) -> Answer:
        """One request, and its failures in our words, without the keys."""
        from alpaca.common.exceptions import APIError
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        try:
            return ask()
        except APIError as error:
            said = self._without_keys(str(error))
            raise failure_in(error.status_code, said) from None
        except (RequestException, HTTPError, OSError) as lost:
            raise BrokerUnclearError(
                f"no answer from the broker: {type(lost).__name__}"
            ) from None
        except (ValueError, RecursionError):
            raise BrokerUnclearError("the broker's answer is garbled") from None

    def _without_keys(self, text: str) -> str:
        for key in self._keys:
            text = text.replace(key, "***")
        return text

    def _open(self, requests_per_minute: int) -> "TradingClient":
        # alpaca-py 0.44 imports what websockets deprecates.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        from alpaca.trading.client import TradingClient

        client = TradingClient(*self._keys, raw_data=True, url_override=self.url)
        client._session = AlpacaSession(requests_per_minute, self._timeout)
        client._retry = 0  # it would send an order again after a 429 or a 504
        return client


def keys_of(settings: Settings) -> tuple[str, str]:
    """Key id and secret; `SettingError` without them or without alpaca-py."""
    if find_spec("alpaca") is None:
        raise SettingError(
            "DESK_BROKER",
            "alpaca",
            "the package alpaca-py is not installed; "
            "install the desk with its extra: desk[alpaca]",
        )
    if settings.alpaca_key_id is None or settings.alpaca_secret_key is None:
        raise SettingError(
            "APCA_API_KEY_ID",
            "",
            "the broker alpaca needs it and APCA_API_SECRET_KEY",
        )
    keys = settings.alpaca_key_id, settings.alpaca_secret_key
    return keys[0].get_secret_value(), keys[1].get_secret_value()


def _ours(order: BrokerOrder, client_order_id: str) -> BrokerOrder:
    if order.client_order_id != client_order_id:
        raise BrokerUnclearError(f"the broker answered for {order.client_order_id}")
    return order


def _readable(each: object) -> BrokerOrder | None:
    try:
        return order_in(each)
    except BrokerUnclearError as unclear:
        log.warning("order_unreadable", reason=str(unclear))
        return None


def _list(answer: object) -> list[Any]:
    if not isinstance(answer, list):
        raise BrokerUnclearError("the broker's answer is not a list")
    return answer
