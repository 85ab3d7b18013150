"""Who may ask: those who hold the desk's key."""

import secrets
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

Connection = ASGIConnection[Any, Any, Any, Any]
BEARER = "bearer "


def holder_of(key: str) -> Guard:
    """A guard that lets in whoever sends the key.

    As `X-API-Key` or as `Authorization: Bearer`; all others get the same 401.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if secrets.compare_digest(_sent_key(connection), key.encode()):
            return
        if connection.scope["type"] == ScopeType.WEBSOCKET:
            await _answer_unauthorized(connection)
        raise NotAuthorizedException(headers={"WWW-Authenticate": "Bearer"})

    return guard


def _sent_key(connection: Connection) -> bytes:
    given = connection.headers.get("x-api-key", "")
    authorization = connection.headers.get("authorization", "")
    if not given and authorization.lower().startswith(BEARER):
        given = authorization[len(BEARER) :].strip()
    return given.encode()


async def _answer_unauthorized(connection: Connection) -> None:
    """A plain 401 to the handshake; without it, servers answer 403."""
    await connection.send(
        {"type": "websocket.http.response.start", "status": 401, "headers": []}
    )
    await connection.send(
        {"type": "websocket.http.response.body", "body": b"", "more_body": False}
    )
