"""A session to Alpaca's trading for alpaca-py: every request ends, none repeats."""

from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from pyrate_limiter import Duration, Limiter, Rate
from requests import Response, Session
from requests.exceptions import ReadTimeout

from desk.errors import SettingError
from desk.settings import Settings

PAPER = "https://paper-api.alpaca.markets"
LIVE = "https://api.alpaca.markets"
CONNECT_SECONDS = 3.05


class AlpacaSession(Session):
    """Waits for the rate limit and gives an answer `seconds`, all of it.

    Proxies and .netrc of the environment, which may hold other keys, are left
    alone.
    """

    def __init__(self, requests_per_minute: int, seconds: float) -> None:
        super().__init__()
        self.trust_env = False
        self._limiter = Limiter(Rate(requests_per_minute, Duration.MINUTE))
        self._seconds = seconds

    def request(self, *args: Any, **options: Any) -> Response:  # noqa: D102
        self._limiter.try_acquire("alpaca")
        options |= {"timeout": (CONNECT_SECONDS, self._seconds), "stream": True}
        response = super().request(*args, **options)
        # requests' own timeout begins anew with every byte.
        deadline = monotonic() + self._seconds
        body = b""
        with response:
            while some := response.raw.read1(65536, decode_content=True):
                body += some
                if monotonic() > deadline:
                    raise ReadTimeout(f"no whole answer in {self._seconds:g} seconds")
        response._content = body
        response.encoding = "utf-8"  # guessing it takes seconds
        return response


def trading_url(settings: Settings) -> str:
    """The server that takes the orders; `SettingError` for one that must not.

    That is Alpaca's paper trading or this machine. Alpaca's live trading needs
    `DESK_ALLOW_LIVE` besides, and a clock that is not set.
    """
    url = (settings.alpaca_url or PAPER).rstrip("/")
    if is_loopback(url):
        return url
    if url not in (PAPER, LIVE):
        raise SettingError(
            "DESK_ALPACA_URL",
            urlsplit(url)._replace(netloc=urlsplit(url).hostname or "").geturl(),
            f"is neither {PAPER} nor on this machine; orders go nowhere else",
        )
    if url == LIVE and not settings.allow_live:
        raise SettingError(
            "DESK_ALPACA_URL",
            url,
            "trades real money; if that is meant, set DESK_ALLOW_LIVE=true as well",
        )
    if settings.as_of is not None or settings.price_source == "sample":
        raise SettingError(
            "DESK_BROKER",
            settings.broker,
            "trades today, so it needs today's prices: unset DESK_AS_OF and choose "
            "another DESK_PRICE_SOURCE than sample",
        )
    return url


def is_loopback(url: str) -> bool:
    """Whether an address is plainly this machine's, without a login or a path."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            return False
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
