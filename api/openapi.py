"""The OpenAPI document, and its page, which needs nothing from the internet."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Reference,
    Schema,
    SecurityScheme,
    Tag,
)
from litestar.openapi.spec.enums import OpenAPIType
from litestar.router import Router
from litestar.static_files import create_static_files_router
from msgspec import Struct

from api.formats import ARROW, CSV, PARQUET
from desk import __version__

EVENT_STREAM = "text/event-stream"

DESCRIPTION = """\
Signals, prices, backtests and the ledger of the desk.

* Send your key as `X-API-Key` or `Authorization: Bearer`; `desk keys make` makes one.
* Prices are US dollars, as traded that day unless called adjusted. Times are UTC.
* Lists also come as `text/csv`, `application/vnd.apache.arrow.stream` and
  `application/vnd.apache.parquet`: ask with `Accept`.
* `/ws` (WebSocket) and `/events` (Server-Sent Events) carry the live feed: each
  message is a FeedMessage; reconnect with `?after=` its sequence.
"""
PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Desk API</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
<div id="swagger"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = b"""SwaggerUIBundle({
  url: "/schema/openapi.json", dom_id: "#swagger", deepLinking: true,
});
"""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)


@dataclass
class Tabular(Operation):
    """An operation whose rows also come as CSV, Arrow and Parquet."""

    def __post_init__(self) -> None:
        response = (self.responses or {}).get("200")
        if isinstance(response, OpenAPIResponse) and response.content is not None:
            text = Schema(type=OpenAPIType.STRING)
            response.content[CSV] = OpenAPIMediaType(schema=text)
            for binary in (ARROW, PARQUET):
                response.content[binary] = OpenAPIMediaType(schema=Schema())


@dataclass
class ServerSent(Operation):
    """An operation that streams events whose data are FeedMessages as JSON."""

    def __post_init__(self) -> None:
        response = (self.responses or {}).get("200")
        if isinstance(response, OpenAPIResponse) and response.content is not None:
            streamed = response.content[EVENT_STREAM]
            message = cast(Reference, streamed.schema)
            text = Schema(type=OpenAPIType.STRING)
            data = Schema(
                type=OpenAPIType.STRING,
                content_media_type=MediaType.JSON,
                content_schema=message,
                description="A FeedMessage as JSON; of the event `end` "
                "a code and a reason.",
            )
            streamed.schema = Schema(
                type=OpenAPIType.OBJECT,
                properties={"id": text, "event": text, "data": data},
                required=["event", "data"],
            )


def describe_schemas(app: Litestar) -> None:
    """Give each named schema its struct's docstring."""
    documented = {struct.__name__: struct.__doc__ for struct in _structs(Struct)}
    for name, schema in app.openapi_schema.components.schemas.items():
        schema.description = documented[name]


def _structs(base: type[Struct]) -> list[type[Struct]]:
    return [deep for one in base.__subclasses__() for deep in (one, *_structs(one))]


def openapi_config() -> OpenAPIConfig:
    """The document, at /schema."""
    return OpenAPIConfig(
        title="Desk",
        version=__version__,
        description=DESCRIPTION,
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                "key": SecurityScheme(
                    type="apiKey", name="X-API-Key", security_scheme_in="header"
                ),
                "bearer": SecurityScheme(type="http", scheme="bearer"),
            }
        ),
        tags=[
            Tag("signals", "What the desk says, and why."),
            Tag("market", "Prices, indicators, and how good the data are."),
            Tag("research", "Strategies and their backtests."),
            Tag("ledger", "Orders, positions, accounts, and the kill switch."),
            Tag("service", "The service itself, and the live feed."),
        ],
    )


@get("/docs", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
def docs() -> Response[bytes]:
    """The document as a page to try it on."""
    return Response(PAGE, headers={"Content-Security-Policy": PAGE_POLICY})


@get(
    "/docs/start.js",
    include_in_schema=False,
    media_type="text/javascript",
    sync_to_thread=False,
)
def start() -> bytes:
    """What the page runs."""
    return START


def docs_handlers() -> list[HTTPRouteHandler | Router]:
    """The page and its files; they come with a package that is never imported."""
    found = find_spec("fastapi_offline")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("fastapi_offline holds the files of Swagger UI")
    files = Path(found.origin).parent / "static"
    served = create_static_files_router(
        path="/docs/files",
        directories=[files],
        include_in_schema=False,
        cache_control=CacheControlHeader(max_age=86_400),
    )
    return [docs, start, served]
