"""Alpaca's trading API on loopback: it lies and dies as told, and keeps the truth.

The answers have the fields of the real ones. What a test asks it afterwards
(`booked`, `posts`) is what it did, whatever it said.
"""

import base64
import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from pydantic import SecretStr

from desk.settings import Settings
from tests.executor.market import MON, evening

Json = dict[str, Any]
KEY, SECRET = "PKHUNTER", "hunter2secret"
ENDED = ("filled", "canceled", "expired", "rejected", "replaced")


@dataclass(frozen=True)
class Fault:
    """What becomes of one POST: booked at once, later (once a look-up found
    nothing) or never; and what is answered."""

    name: str
    booking: str = "at once"
    status: int = 200
    body: Callable[[Json], bytes | None] = lambda order: json.dumps(order).encode()
    hangs: bool = False
    hidden: int = 0  # look-ups and lists that don't show it yet


def _error(code: int, message: str) -> Callable[[Json], bytes]:
    return lambda _: json.dumps({"code": code, "message": message}).encode()


def _changed(**fields: Any) -> Callable[[Json], bytes]:
    return lambda order: json.dumps({**order, **fields}).encode()


def _only(*fields: str) -> Callable[[Json], bytes]:
    return lambda order: json.dumps({f: order[f] for f in fields}).encode()


def _html(order: Json) -> bytes:
    return b"<!doctype html><html><body>Will be right back</body></html>"


def _half(order: Json) -> bytes:
    whole = json.dumps(order).encode()
    return whole[: len(whole) // 2]


def _empty(_: Json) -> bytes:
    return b""


def _nothing(_: Json) -> None:
    """The connection is cut."""


UNIQUE = "client_order_id must be unique"
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("none"),
        Fault("timeout, not booked", "never", hangs=True),
        Fault("timeout, booked", hangs=True),
        Fault("cut, not booked", "never", body=_nothing),
        Fault("cut, booked", body=_nothing),
        Fault("429", "never", 429, _error(42910000, "rate limit exceeded")),
        Fault("429, booked", status=429, body=_error(42910000, "rate limit exceeded")),
        Fault("500, booked", status=500, body=_error(50010000, "internal error")),
        Fault("502, booked", status=502, body=_html),
        Fault("503, booked", status=503, body=_html),
        Fault("504, booked", status=504, body=_error(50410000, "request timed out")),
        Fault("504, not booked", "never", 504, _html),
        Fault("web page", body=_html),
        Fault("empty", body=_empty),
        Fault("truncated", body=_half),
        Fault("unknown status", body=_changed(status="pending_mood")),
        Fault("missing fields", body=_only("id", "client_order_id")),
        Fault("no id", body=_only("client_order_id", "status")),
        Fault("another's echo", body=_changed(client_order_id="desk-other")),
        Fault("wrong echo", body=_changed(symbol="TSLA", qty="1")),
        Fault("duplicate 40010001", status=422, body=_error(40010001, UNIQUE)),
        Fault("duplicate 42210000", status=422, body=_error(42210000, UNIQUE)),
        Fault("booked, refused 403", status=403, body=_error(40310000, "no money")),
        Fault("booked, refused 422", status=422, body=_error(42210000, "odd qty")),
        Fault("look-up lag", body=_nothing, hidden=4),
        Fault("duplicate, look-up lag", status=422, body=_error(1, UNIQUE), hidden=4),
        Fault("late landing", "later", body=_nothing),
    )
}


@dataclass
class FakeAlpaca:
    """The broker's side of the wire. `on_post`: told of each order before it is
    booked and after, with what the fake is about to do."""

    url: str
    now: datetime = field(default_factory=lambda: evening(MON).now)
    unique: bool = True
    hang_seconds: float = 4.0
    faults: deque[Fault] = field(default_factory=deque)
    get_faults: deque[int] = field(default_factory=deque)  # statuses of next GETs
    on_post: Callable[[str, Json], None] = lambda *_: None
    posts: list[Json] = field(default_factory=list)
    orders: list[Json] = field(default_factory=list)
    account: Json = field(
        default_factory=lambda: {
            "id": "904837e3-3b76-47ec-b432-046db621571b",
            "account_number": "PA3TEST",
            "status": "ACTIVE",
            "currency": "USD",
            "cash": "100000",
            "equity": "100000",
            "last_equity": "100000",
            "buying_power": "200000",
            "trading_blocked": False,
            "account_blocked": False,
            "trade_suspended_by_user": False,
        }
    )
    positions: dict[str, Json] = field(default_factory=dict)
    assets: dict[str, Json] = field(default_factory=dict)
    hidden: dict[str, int] = field(default_factory=dict)
    landing: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    stream: Queue[Json] = field(default_factory=Queue)  # what the stream says
    lock: Lock = field(default_factory=Lock)

    def fail(self, *names: str) -> None:
        """How the next POSTs go."""
        self.faults.extend(FAULTS[name] for name in names)

    def booked(self) -> list[tuple[str, str]]:
        """The truth: symbol and quantity of each order, as booked."""
        return [(order["symbol"], order["qty"]) for order in self.orders]

    def change(self, symbol: str, **fields: Any) -> None:
        """Something happens to the newest order of a symbol."""
        self._of(symbol).update(fields)

    def fill(self, symbol: str, qty: str, price: str = "100") -> None:
        """The newest order of a symbol has filled as far as `qty`."""
        order = self._of(symbol)
        before = Decimal(order["filled_qty"])
        sign = 1 if order["side"] == "buy" else -1
        step = sign * (Decimal(qty) - before)
        done = Decimal(qty) == Decimal(order["qty"])
        order |= {
            "filled_qty": qty,
            "filled_avg_price": price,
            "status": "filled" if done else "partially_filled",
            "filled_at": stamp(self.now) if done else None,
        }
        self.hold(symbol, self._held(symbol) + step)
        cash = Decimal(self.account["cash"]) - step * Decimal(price)
        self.account["cash"] = str(cash)

    def hold(self, symbol: str, qty: Decimal | int, price: int = 100) -> None:
        """The account holds so many shares."""
        self.positions[symbol] = {
            "symbol": symbol,
            "qty": str(qty),
            "market_value": str(qty * price),
        }
        if not qty:
            del self.positions[symbol]

    def get(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """What a GET is answered."""
        if path == "/v2/account":
            return 200, self.account
        if path == "/v2/positions":
            return 200, list(self.positions.values())
        if path.startswith("/v2/assets/"):
            return self._asset(path.rsplit("/", 1)[1])
        if path == "/v2/orders:by_client_order_id":
            return self._look_up(query["client_order_id"])
        if path == "/v2/orders":
            return 200, self._page(query)
        return 404, {"code": 40410000, "message": "endpoint not found"}

    def post(self, given: Json) -> tuple[Fault, Json]:
        """Book an order, or not; the fault says how that is answered."""
        with self.lock:
            fault = self.faults.popleft() if self.faults else FAULTS["none"]
            self.posts.append(given)
            order = self._new(given)
        self.on_post("before booking", order)
        with self.lock:
            known = [o["client_order_id"] for o in self.orders]
            if self.unique and given["client_order_id"] in known:
                return FAULTS["duplicate 40010001"], order
            if fault.booking == "at once":
                self.orders.append(order)
                self.hidden[order["client_order_id"]] = fault.hidden
            elif fault.booking == "later":
                self.landing.append(order)
        self.on_post("after booking", order)
        return fault, order

    def _new(self, given: Json) -> Json:
        self.now += timedelta(microseconds=1)
        return {
            "id": str(uuid4()),
            "client_order_id": given["client_order_id"],
            "created_at": stamp(self.now),
            "submitted_at": stamp(self.now),
            "filled_at": None,
            "replaced_by": None,
            "symbol": given["symbol"],
            "asset_class": "us_equity",
            "qty": given["qty"],
            "filled_qty": "0",
            "filled_avg_price": None,
            "order_class": "",
            "type": given["type"],
            "side": given["side"],
            "time_in_force": given["time_in_force"],
            "status": "accepted",
            "legs": None,
        }

    def _of(self, symbol: str) -> Json:
        return next(o for o in reversed(self.orders) if o["symbol"] == symbol)

    def _held(self, symbol: str) -> Decimal:
        return Decimal(self.positions.get(symbol, {"qty": "0"})["qty"])

    def _asset(self, symbol: str) -> tuple[int, Json]:
        known: Json = {
            "symbol": symbol,
            "status": "active",
            "tradable": True,
            "fractionable": True,
        }
        if self.assets.get(symbol) == {}:
            return 404, {"code": 40410000, "message": f"asset not found for {symbol}"}
        return 200, known | self.assets.get(symbol, {})

    def _look_up(self, client_order_id: str) -> tuple[int, Json]:
        with self.lock:
            if not self._is_hidden(client_order_id):
                for order in self.orders:
                    if order["client_order_id"] == client_order_id:
                        return 200, order
            known = {order["client_order_id"] for order in self.orders}
            self.orders += [
                late for late in self.landing if late["client_order_id"] not in known
            ]
            self.landing.clear()
        return 404, {"code": 40410000, "message": "order not found"}

    def _is_hidden(self, client_order_id: str) -> bool:
        left = self.hidden.get(client_order_id, 0)
        self.hidden[client_order_id] = max(left - 1, 0)
        return left > 0

    def _page(self, query: Mapping[str, str]) -> list[Json]:
        after = datetime.fromisoformat(query["after"])
        with self.lock:
            found = [
                order
                for order in self.orders
                if datetime.fromisoformat(order["submitted_at"]) > after
                and not self._is_hidden(order["client_order_id"])
                and (query["status"] == "all" or order.get("status") not in ENDED)
            ]
        assert query["status"] in ("all", "open")
        assert query["direction"] == "asc"
        found.sort(key=lambda order: str(order["submitted_at"]))
        return found[: min(int(query["limit"]), 500)]


def stamp(moment: datetime) -> str:
    """As Alpaca writes moments."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def alpaca_settings(settings: Settings, fake: FakeAlpaca, **more: Any) -> Settings:
    """Settings that trade at the fake."""
    return settings.model_copy(
        update={
            "broker": "alpaca",
            "alpaca_url": fake.url,
            "alpaca_key_id": SecretStr(KEY),
            "alpaca_secret_key": SecretStr(SECRET),
            "broker_timeout_seconds": 3.0,
            "broker_requests_per_minute": 10_000,
        }
        | more
    )


@contextmanager
def running_fake() -> Iterator[FakeAlpaca]:
    """A fake that answers on a free port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.fake = FakeAlpaca(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fake: FakeAlpaca

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that died is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer's body waits 40 ms for an ACK
    server: _Server

    def do_GET(self) -> None:
        fake, parts = self.server.fake, urlsplit(self.path)
        fake.asked.append(f"GET {parts.path}")
        if parts.path == "/stream":
            self._stream(fake.stream)
            return
        if not self._has_keys():
            return
        if fake.get_faults:
            self._send(fake.get_faults.popleft(), _html({}))
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, told = fake.get(parts.path, query)
        self._send(status, json.dumps(told).encode())

    def do_POST(self) -> None:
        fake = self.server.fake
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fake.asked.append("POST /v2/orders")
        if not self._has_keys():
            return
        fault, order = fake.post(given)
        if fault.hangs:
            time.sleep(fake.hang_seconds)
        body = None if fault.hangs else fault.body(order)
        if body is None:
            self.close_connection = True
            return
        short = len(body) + (10 if fault.name == "truncated" else 0)
        self._send(fault.status, body, length=short)
        self.close_connection = fault.name == "truncated"

    def _stream(self, said: Queue[Json]) -> None:
        """Alpaca's WebSocket of trade updates, deaf to what the client says."""
        magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        key = self.headers["Sec-WebSocket-Key"] + magic
        digest = hashlib.sha1(key.encode(), usedforsecurity=False).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
        self.end_headers()
        told: Json = {"stream": "authorization", "data": {"status": "authorized"}}
        while True:
            text = json.dumps(told).encode()
            self.wfile.write(bytes([0x81, len(text)]) + text)
            told = {"stream": "trade_updates", "data": said.get()}

    def _has_keys(self) -> bool:
        right = self.headers.get("APCA-API-SECRET-KEY") == SECRET
        if not right:
            told = {"message": f"forbidden: {dict(self.headers)}"}
            self._send(401, json.dumps(told).encode())
        return right

    def _send(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
