"""Alpaca's refusals and failures, as what they mean for an order."""

import json

from desk.errors import SettingError
from executor.alpaca_answers import storable
from executor.broker import (
    BrokerUnclearError,
    DuplicateOrderError,
    OrderRefusedError,
)

# Only what Alpaca refuses an order with; any other answer leaves it unclear.
REFUSALS = (400, 403, 422)


class NotFoundError(BrokerUnclearError):
    """Alpaca itself says that there is no such thing."""


def failure_in(status: int | None, said: str) -> Exception:
    """What an answer with an error status means for us."""
    if status == 401:
        return SettingError("APCA_API_KEY_ID", "***", "Alpaca refuses the keys")
    if (message := _message(said)) is None:
        return BrokerUnclearError(f"the broker answered {status} without a word")
    if status == 404:
        return NotFoundError(message)
    if status == 422 and "client_order_id must be unique" in message.lower():
        return DuplicateOrderError(message)
    if status in REFUSALS:
        return OrderRefusedError(message)
    return BrokerUnclearError(f"the broker answered {status}: {message}")


def _message(said: str) -> str | None:
    """Alpaca's own words in an error; None: somebody else's, such as a proxy's."""
    try:
        message = json.loads(said)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return storable(message[:200]) if isinstance(message, str) else None
