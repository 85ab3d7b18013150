"""A session to Alpaca's market data for alpaca-py: patient, polite, plain-spoken."""

import json
from typing import Any

from pyrate_limiter import Limiter
from requests import Response, Session
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException, Timeout

from desk.errors import SettingError
from ingest.sources.vendor import Manners, PassingFailure, VendorFailure, retry_after

CONNECT_SECONDS = 3.05


class RefusedRequest(VendorFailure):
    """Alpaca can't serve the request as it is: one of its symbols, maybe."""


class AlpacaSession(Session):
    """Each request waits for the rate limit, has a timeout, and is asked again after
    a `PassingFailure`: all are reads. Proxies and .netrc of the environment, which
    may hold other keys, are left alone."""

    def __init__(self, manners: Manners, limiter: Limiter) -> None:
        super().__init__()
        self.trust_env = False
        self._manners = manners
        self._limiter = limiter

    def request(self, *args: Any, **options: Any) -> Response:  # noqa: D102
        return self._manners.patiently(lambda: self._ask(*args, **options))

    def _ask(self, *args: Any, **options: Any) -> Response:
        self._limiter.try_acquire("alpaca")
        seconds = self._manners.timeout_seconds
        options["timeout"] = (CONNECT_SECONDS, seconds)
        try:
            response = super().request(*args, **options)
        except Timeout:
            raise PassingFailure(
                f"Alpaca did not answer within {seconds:g} seconds"
            ) from None
        except NoConnection:
            raise PassingFailure("Alpaca can't be reached") from None
        except RequestException as failed:
            raise PassingFailure(
                f"the connection to Alpaca failed: {type(failed).__name__}"
            ) from None
        _check_status(response)
        _check_body(response)
        return response


def _check_status(response: Response) -> None:
    status, told = response.status_code, _message(response)
    wait = retry_after(response.headers.get("Retry-After"))
    if status == 429:
        raise PassingFailure(
            "Alpaca refuses so many requests (429); lower DESK_REQUESTS_PER_MINUTE "
            "or try later",
            wait,
        )
    if status >= 500:
        raise PassingFailure(f"Alpaca is out of order (status {status})", wait)
    if status == 403 and "subscription" in told.lower():
        raise VendorFailure(
            f"Alpaca says: {told}; free plans have no SIP data of the last 15 "
            "minutes: set DESK_ALPACA_FEED=iex, or load later"
        )
    if status in (401, 403):
        raise SettingError(
            "APCA_API_KEY_ID",
            "***",
            f"Alpaca refuses the keys (status {status}) {told}",
        )
    if status >= 400:
        raise RefusedRequest(f"Alpaca says: {told or f'status {status}'}")


def _check_body(response: Response) -> None:
    text = response.text.lstrip()
    if text.startswith("<"):
        raise PassingFailure("Alpaca answered with a web page instead of prices")
    try:
        body = json.loads(text)
    except ValueError:
        raise PassingFailure("Alpaca's answer is cut short or garbled") from None
    held = body.keys() & {"bars", "corporate_actions"} if isinstance(body, dict) else ()
    if not held or not all(isinstance(body[key], dict) for key in held):
        raise VendorFailure(
            "Alpaca's answer has changed: it has neither bars nor corporate actions"
        )


def _message(response: Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return ""
