"""Answers in the media type, and the compression, that a client asks for."""

import asyncio
import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from io import BytesIO
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import brotli  # type: ignore[import-untyped]
import msgspec
import zstandard
from litestar import Request, Response
from litestar.exceptions import HTTPException

if TYPE_CHECKING:
    import pyarrow as pa

JSON = "application/json"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
TABULAR = (JSON, CSV, ARROW, PARQUET)

SMALLEST_COMPRESSED = 1_000
LARGEST_INLINE = 100_000
DAILY = "private, no-cache"  # kept by the client, asked for again by its ETag

COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(3).compress(body),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
}


class NotAcceptableError(HTTPException):
    """The client accepts nothing that can be served."""

    status_code = 406


async def tabular(
    request: Request[Any, Any, Any],
    rows: Sequence[msgspec.Struct],
    row: type[msgspec.Struct],
    *,
    daily: bool = False,
) -> Response[Any]:
    """Rows as JSON, CSV, Arrow or Parquet, as the client accepts."""
    media_type = _media_type(request)
    if media_type == JSON:
        return await as_json(request, rows, daily=daily)
    body = await asyncio.to_thread(_table_body, rows, row, media_type)
    return await _sent(request, body, media_type, daily=daily)


async def paged(
    request: Request[Any, Any, Any],
    page: msgspec.Struct,
    rows: Sequence[msgspec.Struct],
    row: type[msgspec.Struct],
    next_cursor: object,
) -> Response[Any]:
    """A page as JSON, or its rows as a table with the next page's cursor beside."""
    if _media_type(request) == JSON:
        return await as_json(request, page)
    answered = await tabular(request, rows, row)
    if next_cursor is not None:
        answered.set_header("X-Next-Cursor", str(next_cursor))
    return answered


async def as_json(
    request: Request[Any, Any, Any], content: Any, *, daily: bool = False
) -> Response[Any]:
    """A struct as JSON."""
    return await _sent(request, msgspec.json.encode(content), JSON, daily=daily)


def _media_type(request: Request[Any, Any, Any]) -> str:
    accepted = request.accept.best_match(list(TABULAR), default=None)
    if accepted is None:
        raise NotAcceptableError(f"Only {', '.join(TABULAR)} can be served.")
    return accepted


async def _sent(
    request: Request[Any, Any, Any], body: bytes, media_type: str, *, daily: bool
) -> Response[Any]:
    headers = {"Vary": "Accept, Accept-Encoding"}
    if daily:
        tag = f'W/"{blake2b(body + media_type.encode(), digest_size=12).hexdigest()}"'
        headers |= {"ETag": tag, "Cache-Control": DAILY}
        if tag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
    if len(body) >= SMALLEST_COMPRESSED and (name := _compression(request)):
        headers["Content-Encoding"] = name
        if len(body) <= LARGEST_INLINE:
            body = COMPRESSIONS[name](body)
        else:
            body = await asyncio.to_thread(COMPRESSIONS[name], body)
    return Response(body, media_type=media_type, headers=headers)


def _compression(request: Request[Any, Any, Any]) -> str | None:
    """The compression the client likes best; None for none."""
    accepted = request.headers.get("accept-encoding", "")
    weights = {}
    for part in accepted.split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        try:
            weights[name.lower()] = float(weight or 1)
        except ValueError:
            continue
    # At equal weights the first of ours, which is the fastest.
    best = max(COMPRESSIONS, key=lambda name: weights.get(name, 0.0))
    return best if weights.get(best, 0.0) > 0 else None


def _table_body(
    rows: Sequence[msgspec.Struct], row: type[msgspec.Struct], media_type: str
) -> bytes:
    import pyarrow as pa  # 0.2 s and 40 MB that JSON does without
    import pyarrow.csv
    import pyarrow.parquet

    table = _table(rows, row)
    file = BytesIO()
    if media_type == CSV:
        pyarrow.csv.write_csv(table, file)
    elif media_type == PARQUET:
        pyarrow.parquet.write_table(table, file, compression="zstd")
    else:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
    return file.getvalue()


def _table(rows: Sequence[msgspec.Struct], row: type[msgspec.Struct]) -> "pa.Table":
    """One typed column per field; a dictionary becomes one per key, lists JSON text."""
    import pyarrow as pa

    columns = {}
    for name, hint in get_type_hints(row).items():
        arrow_type = _arrow_type(hint)
        values = [getattr(one, name) for one in rows]
        if rows and isinstance(values[0], dict):
            for key in values[0]:
                columns[key] = pa.array([x[key] for x in values], pa.float64())
            continue
        if arrow_type is None:
            values = [None if x is None else _text(x) for x in values]
        columns[name] = pa.array(values, arrow_type or pa.string())
    return pa.table(columns)


def _arrow_type(hint: Any) -> "pa.DataType | None":
    import pyarrow as pa

    types = {
        float: pa.float64(),
        int: pa.int64(),
        bool: pa.bool_(),
        date: pa.date32(),
        datetime: pa.timestamp("us", "UTC"),
    }
    if get_origin(hint) is Annotated:
        return _arrow_type(get_args(hint)[0])
    if get_origin(hint) is UnionType or type(None) in get_args(hint):
        (hint,) = (arg for arg in get_args(hint) if arg is not type(None))
        return _arrow_type(hint)
    return types.get(hint)


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
