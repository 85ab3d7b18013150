"""Who may ask what: keys, scopes, limits, origins, and headers that say no more."""

from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import (
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard, Message, Scope

from api.keyring import Holder, KeyRing

Connection = ASGIConnection[Any, Any, Any, Any]
BEARER = "bearer "
# Browsers can't give a WebSocket headers: they send the key as a subprotocol,
# new WebSocket(url, ["desk", "desk.key.<key>"]).
SUBPROTOCOL = "desk"
KEY_SUBPROTOCOL = "desk.key."

SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
STRICT_POLICY = (b"content-security-policy", b"default-src 'none'")
NOT_STORED = (b"cache-control", b"no-store")


def needs(scope: Literal["read", "control"]) -> Guard:
    """A guard that lets in who sends a live key with a scope, in measure.

    As `X-API-Key` or as `Authorization: Bearer`. No key, a wrong one and a revoked
    one get the same 401, a key without the scope 403, one that asks too often 429.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        connection.scope["auth"] = _let_in(connection, scope)

    return guard


def _let_in(connection: Connection, scope: Literal["read", "control"]) -> Holder:
    keys: KeyRing = connection.app.state.key_ring
    holder = keys.holder_of(_sent_key(connection))
    if holder is None:
        raise NotAuthorizedException(headers={"WWW-Authenticate": "Bearer"})
    if scope == "control" and holder.scope != "control":
        raise PermissionDeniedException("This needs a key with the scope control.")
    if seconds := keys.seconds_to_wait(holder):
        raise TooManyRequestsException(headers={"Retry-After": str(seconds)})
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        _check_origin(connection)
    return holder


def _check_origin(connection: Connection) -> None:
    """Pages of other origins follow the feed only where they are allowed to."""
    origin = connection.headers.get("origin")
    if origin is None or origin in connection.app.state.origins:
        return
    if origin.partition("://")[2] != connection.headers.get("host"):
        raise PermissionDeniedException("Not from this origin.")


def _sent_key(connection: Connection) -> str:
    if given := connection.headers.get("x-api-key", ""):
        return given
    authorization = connection.headers.get("authorization", "")
    if authorization.lower().startswith(BEARER):
        return authorization[len(BEARER) :].strip()
    protocols = connection.headers.get("sec-websocket-protocol", "")
    for offered in protocols.replace(" ", "").split(","):
        if offered.startswith(KEY_SUBPROTOCOL):
            return offered[len(KEY_SUBPROTOCOL) :]
    return ""


async def add_headers(message: Message, _: Scope) -> None:
    """Security headers on every answer; nothing is cached unless it says so."""
    if message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    given = {name for name, _ in headers}
    defaults = [STRICT_POLICY, NOT_STORED]
    headers += [header for header in defaults if header[0] not in given]
    message["headers"] = [*headers, *SECURITY_HEADERS]
