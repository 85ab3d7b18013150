"""A session to Yahoo for the yfinance library: polite, redirectable, plain-spoken."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import local
from typing import Any
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException, Timeout
from pyrate_limiter import Limiter

from ingest.sources.vendor import PassingFailure, VendorFailure, retry_after

CHART = "/v8/finance/chart/"


class YahooSession(Session[Any]):
    """A session of yfinance's own kind.

    Requests for charts wait for the rate limit, and an answer without prices raises
    a `VendorFailure` instead of going through the library. Within `remembering`, a
    thread that asks for the same chart again gets the same answer. `base_url`:
    another server to send everything to.
    """

    def __init__(self, limiter: Limiter, base_url: str | None = None) -> None:
        super().__init__(impersonate=None if base_url else "chrome")
        self._limiter = limiter
        self._base_url = base_url.rstrip("/") if base_url else None
        self._memory = local()

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """For one symbol: what is asked twice is sent once."""
        self._memory.charts = {}
        try:
            yield
        finally:
            del self._memory.charts

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Response:  # noqa: D102
        path = urlsplit(url).path or "/"
        if self._base_url:
            url = self._base_url + path

        def ask() -> Response:
            response: Response = super(YahooSession, self).request(
                method, url, *args, **options
            )
            return response

        if not path.startswith(CHART):
            return ask()
        charts: dict[object, Response] = getattr(self._memory, "charts", {})
        asked = options.get("params") or {}
        # Not by its end, which is now.
        key = (path, asked.get("interval"), asked.get("period1"))
        if key in charts:
            return charts[key]
        self._limiter.try_acquire("yahoo")
        response = _chart(ask, options["timeout"])
        if response.ok:
            charts[key] = response
        return response


def _chart(ask: Callable[[], Response], timeout: float) -> Response:
    try:
        response = ask()
    except Timeout:
        raise PassingFailure(
            f"Yahoo did not answer within {timeout:g} seconds"
        ) from None
    except RequestException as failed:
        reason = str(failed).split(". See ")[0]
        raise PassingFailure(f"the connection to Yahoo failed: {reason}") from None
    status = response.status_code
    wait = retry_after(response.headers.get("Retry-After"))
    if status == 429:
        raise PassingFailure(
            "Yahoo refuses so many requests (429); lower DESK_REQUESTS_PER_MINUTE "
            "or try later",
            wait,
        )
    if status >= 500:
        raise PassingFailure(f"Yahoo is out of order (status {status})", wait)
    if status in (401, 403):
        return response  # a stale cookie, which the library renews
    _check(_json(response))
    if status >= 400:
        raise VendorFailure(f"Yahoo refuses the request (status {status})")
    return response


def _json(response: Response) -> Any:
    text = response.text.lstrip()
    if not text:
        raise PassingFailure("Yahoo's answer is empty")
    if text.startswith("<") or "Will be right back" in text:
        raise PassingFailure("Yahoo answered with a web page instead of prices")
    try:
        return json.loads(text)
    except ValueError:
        raise PassingFailure("Yahoo's answer is cut short or garbled") from None


def _check(body: Any) -> None:
    chart = body.get("chart") if isinstance(body, Mapping) else None
    if not isinstance(chart, Mapping):
        raise VendorFailure("Yahoo's answer has changed: it has no chart")
    if error := chart.get("error"):
        told = error.get("description") if isinstance(error, Mapping) else error
        raise VendorFailure(f"Yahoo says: {told}")
    results = chart.get("result") or [{}]
    if not results[0].get("timestamp"):
        raise VendorFailure("Yahoo has no prices for that time")
