"""What Alpaca answers, read leniently: a field that is missing is not an error."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from executor.broker import Account, Asset, BrokerOrder, BrokerUnclearError, Position

# A number beyond it, up or down, is no money and no shares.
MOST_DIGITS = 15


def order_in(answer: object) -> BrokerOrder:
    """An order; `BrokerUnclearError` if it doesn't even name itself."""
    told = _fields(answer)
    order_id, client_order_id = _text(told, "id"), _text(told, "client_order_id")
    if order_id is None or client_order_id is None:
        raise BrokerUnclearError("the broker answered without an order")
    status = _text(told, "status") or "unknown"
    successor = _text(told, "replaced_by")
    return BrokerOrder(
        id=order_id,
        client_order_id=client_order_id,
        symbol=_text(told, "symbol"),
        side=_text(told, "side"),
        qty=_number(told, "qty"),
        status=status,
        reason=(
            f"replaced at the broker by {successor or 'another order'}"
            if status == "replaced"
            else _text(told, "reject_reason")
        ),
        filled_qty=max(_number(told, "filled_qty") or Decimal(0), Decimal(0)),
        filled_avg_price=_number(told, "filled_avg_price"),
        filled_at=_moment(told, "filled_at"),
        submitted_at=_moment(told, "submitted_at") or _moment(told, "created_at"),
    )


def account_in(answer: object) -> Account:
    """The account's money; `BrokerUnclearError` without its cash and equity."""
    told = _fields(answer)
    cash, equity = _number(told, "cash"), _number(told, "equity")
    if cash is None or equity is None:
        raise BrokerUnclearError("the broker's account has no cash or no equity")
    status = _text(told, "status") or "unknown"
    flags = ("account_blocked", "trading_blocked", "trade_suspended_by_user")
    raised = [flag for flag in flags if told.get(flag) not in (None, False)]
    if status.upper() != "ACTIVE":
        raised.insert(0, f"status {status}")
    return Account(
        cash=cash,
        equity=equity,
        last_equity=_number(told, "last_equity"),
        buying_power=_number(told, "buying_power"),
        trouble=", ".join(raised) or None,
    )


def account_id_in(answer: object) -> str:
    """The account's number, as the ledger has it."""
    told = _fields(answer)
    number = _text(told, "account_number") or _text(told, "id")
    if number is None:
        raise BrokerUnclearError("the broker does not say whose account this is")
    return f"alpaca:{number}"


def position_in(answer: object) -> Position:
    """A position; `BrokerUnclearError` without its symbol or quantity."""
    told = _fields(answer)
    symbol, qty = _text(told, "symbol"), _number(told, "qty")
    if symbol is None or qty is None:
        raise BrokerUnclearError("the broker has a position of unknown size")
    return Position(symbol, qty, _number(told, "market_value") or Decimal(0))


def asset_in(symbol: str, answer: object) -> Asset:
    """What may be done with a symbol."""
    told = _fields(answer)
    status = _text(told, "status") or "unknown"
    trouble = None
    if status != "active":
        trouble = f"{symbol} is {status}"
    elif told.get("tradable") is not True:
        trouble = f"{symbol} is not tradable"
    return Asset(told.get("fractionable") is True, trouble)


def _fields(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise BrokerUnclearError("the broker's answer is not what was asked for")
    return answer


def _text(told: dict[str, Any], name: str) -> str | None:
    value = told.get(name)
    return storable(value) or None if isinstance(value, str) else None


def _number(told: dict[str, Any], name: str) -> Decimal | None:
    value = told.get(name)
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        return None
    return number


def storable(text: str) -> str:
    """Text as Postgres can hold it: without NUL and without half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _moment(told: dict[str, Any], name: str) -> datetime | None:
    # Alpaca writes nanoseconds; Python keeps microseconds.
    try:
        text = re.sub(r"(\.\d{6})\d+", r"\1", _text(told, name) or "")
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
