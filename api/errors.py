"""What clients hear when there is no answer: plain words, and nothing of the inside."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    ServiceUnavailableException,
    WebSocketException,
)
from litestar.openapi import ResponseSpec
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec.json import encode

from api.database import DatabaseAwayError, NotBuiltError
from api.schema.service import Error

RETRY_AFTER_SECONDS = 2
FAILURE = "failure"

log = structlog.get_logger()


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """Errors of a route, besides those of every key and the database's absence."""
    return {
        status: ResponseSpec(Error, description=ERRORS[status])
        for status in (*statuses, 401, 429, 503)
    }


ERRORS = {
    400: "A parameter or the body can't be used.",
    401: "No key, or one that is not valid.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    406: "None of the accepted media types can be served.",
    413: "The body is too large.",
    429: "The key asked too often; see Retry-After.",
    503: "The database is away, or a table is not built yet; see Retry-After.",
}


def away(reason: str) -> ServiceUnavailableException:
    """The 503 while the database is away; the reason is for the log."""
    log.warning("database_away", reason=reason)
    return ServiceUnavailableException(
        "The database is away; try again.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def database_away(
    _: Request[Any, Any, Any], failure: DatabaseAwayError
) -> Response[Any]:
    """Answer 503."""
    return _response(away(str(failure)))


def not_built(_: Request[Any, Any, Any], failure: NotBuiltError) -> Response[Any]:
    """Answer 503, and what to do about it."""
    log.warning("not_built", reason=str(failure))
    return _response(unbuilt())


def unbuilt() -> ServiceUnavailableException:
    """The 503 while a table is missing, and what to do about it."""
    return ServiceUnavailableException(
        "Not built yet: run desk build.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _response(refusal: HTTPException) -> Response[Any]:
    return Response(
        _error(refusal),
        status_code=refusal.status_code,
        headers=refusal.headers,
    )


def _error(refusal: HTTPException) -> Error:
    extra = refusal.extra if isinstance(refusal.extra, list) else []
    return Error(refusal.status_code, refusal.detail, extra)


def in_words(app: ASGIApp) -> ASGIApp:
    """A middleware: a refused WebSocket hears why, as over HTTP; else servers say 403.

    What failed comes from `keep_failure`.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        is_accepted = False

        async def sending(message: Message) -> None:
            nonlocal is_accepted
            is_accepted = is_accepted or message["type"] == "websocket.accept"
            refusal = None if is_accepted else _refusal(scope["state"].get(FAILURE))
            if refusal is None:
                await send(message)
            else:
                await _refuse_handshake(send, refusal)

        await app(scope, receive, sending)

    return middleware


def _refusal(failure: Exception | None) -> HTTPException | None:
    match failure:
        case HTTPException():
            return failure
        case DatabaseAwayError():
            return away(str(failure))
        case NotBuiltError():
            return unbuilt()
    return None


async def _refuse_handshake(send: Send, refusal: HTTPException) -> None:
    headers = {"content-type": "application/json", **(refusal.headers or {})}
    await send(
        {
            "type": "websocket.http.response.start",
            "status": refusal.status_code,
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        }
    )
    await send(
        {
            "type": "websocket.http.response.body",
            "body": encode(_error(refusal)),
            "more_body": False,
        }
    )


async def keep_failure(failure: Exception, scope: Scope) -> None:
    """Let middlewares know why what they hear was sent."""
    scope["state"][FAILURE] = failure


async def log_failure(failure: Exception, scope: Scope) -> None:
    """Write down what nobody expected."""
    expected = (HTTPException, WebSocketException, DatabaseAwayError, NotBuiltError)
    if not isinstance(failure, expected):
        log.error("request_failed", path=scope["path"], exc_info=failure)
