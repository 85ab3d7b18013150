"""A vendor's columns as `BarLines`: dates as YYYY-MM-DD, numbers as numbers."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ingest.sources import Bar, BarLines
from ingest.sources.columns import Columns
from ingest.sources.dates import DateFormat, UnknownDates, recognise, typed_to_date

NUMBERS = ("open", "high", "low", "close", "volume")
INTRADAY_SHARE = 0.1
LAYOUT = pa.csv.WriteOptions(include_header=False, quoting_style="needed")


def symbols_in(batch: pa.RecordBatch, column: str | None, name: str) -> pa.Array:
    """The symbol of each row: its column's text in upper case, or the file's name."""
    if column is None:
        return pa.repeat(pa.scalar(name), batch.num_rows)
    return pc.ascii_upper(pc.utf8_trim_whitespace(batch[column].cast(pa.string())))


def recognised(dates: pa.Array) -> DateFormat | None:
    """The format of a file's first dates; None where they have a type of their own."""
    if pa.types.is_date(dates.type) or pa.types.is_timestamp(dates.type):
        return None
    return recognise(dates.cast(pa.string()))


def dates_in(dates: pa.Array, known: DateFormat | None) -> pa.Array:
    """Each row's date: a date when all can be read, else text, as YYYY-MM-DD
    wherever it can be read."""
    if known is None:
        return typed_to_date(dates)
    dates = dates.cast(pa.string())
    with suppress(pa.ArrowInvalid):
        if known.is_iso:
            return dates.cast(pa.date32())
    iso = known.to_iso(dates)
    with suppress(pa.ArrowInvalid):
        return iso.cast(pa.date32())
    return iso


def check_daily(symbols: pa.Array, given: pa.Array, dates: pa.Array) -> None:
    """Raises `UnknownDates` if many a day has several bars of a symbol, each with a
    time of its own."""
    stamps, days = (_distinct(symbols, moments) for moments in (given, dates))
    if stamps - days > len(symbols) * INTRADAY_SHARE:
        raise UnknownDates(
            f"has {stamps:,} bars on {days:,} days in its first {len(symbols):,} rows; "
            "the desk takes daily bars"
        )


def _distinct(symbols: pa.Array, moments: pa.Array) -> int:
    table = pa.table({"symbol": symbols, "moment": moments})
    rows: int = table.group_by(["symbol", "moment"]).aggregate([]).num_rows
    return rows


def is_wanted(symbols: pa.Array, wanted: pa.Array) -> pa.Array:
    """Which rows are of wanted symbols; one without a symbol is, to be refused."""
    is_asked = pc.is_in(symbols, wanted)
    return pc.or_(is_asked, pc.fill_null(pc.equal(symbols, ""), True))


def is_between(dates: pa.Array, first: date, last: date) -> pa.Array:
    """Which rows are; text that is no date passes, to be refused and kept."""
    if pa.types.is_date(dates.type):
        inside = pc.and_(pc.greater_equal(dates, first), pc.less_equal(dates, last))
        return pc.fill_null(inside, True)
    outside = pc.or_(
        pc.less(dates, first.isoformat()), pc.greater(dates, last.isoformat())
    )
    is_iso = pc.match_substring_regex(dates, r"^\d{4}-\d{2}-\d{2}$")
    return pc.fill_null(pc.invert(pc.and_(is_iso, outside)), True)


def bar_table(
    batch: pa.RecordBatch,
    columns: Columns,
    symbols: pa.Array,
    dates: pa.Array,
    *,
    has_decimal_commas: bool,
) -> pa.RecordBatch:
    """`Bar`'s fields in their order; numbers where each of the batch is one."""
    given = [batch[columns[field]] for field in NUMBERS]
    if has_decimal_commas:
        given = _with_points(given)
    numbers = [_number(column) for column in given]
    return pa.RecordBatch.from_arrays([symbols, dates, *numbers], names=Bar._fields)


def lines_of(table: pa.RecordBatch) -> BarLines:
    """A batch of bars as CSV."""
    csv = BytesIO()
    pa.csv.write_csv(table, csv, LAYOUT)
    types = table.schema.types
    return BarLines(
        # What Postgres' text can't hold arrives escaped.
        csv.getvalue().replace(b"\0", b"\\0"),
        table.num_rows,
        is_typed=pa.types.is_date(types[1])
        and all(
            pa.types.is_floating(of) or pa.types.is_integer(of) for of in types[2:]
        ),
    )


def _with_points(columns: Sequence[pa.Array]) -> list[pa.Array]:
    """Decimal commas as points. Where there are some, 250.000 is 250 thousand; where
    nothing says what points are, a volume such as that is no number."""
    texts = [column.cast(pa.string()) for column in columns]
    if any(_has(text, ",") for text in texts):
        thousands = r"^\s*\d{1,3}(\.\d{3})+(,\d*)?\s*$"
        return [
            pc.replace_substring(
                pc.if_else(
                    pc.match_substring_regex(text, thousands),
                    pc.replace_substring(text, ".", ""),
                    text,
                ),
                ",",
                ".",
            )
            for text in texts
        ]
    *prices, volume = texts
    if not any(_has(price, r"\.(\d{1,2}|\d{4,})$") for price in prices):
        is_unclear = pc.match_substring_regex(volume, r"^\s*\d{1,3}\.\d{3}\s*$")
        told = pc.binary_join_element_wise(volume, "(thousands?)", " ")
        volume = pc.if_else(is_unclear, told, volume)
    return [*prices, volume]


def _has(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())


def _number(column: pa.Array) -> pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return _plain(column)
    try:
        return pc.utf8_trim_whitespace(column).cast(pa.float64())
    except pa.ArrowInvalid:
        return column


def _plain(column: pa.Array) -> Any:
    """Decimals and the like have no text in Arrow's CSV that COPY would misread."""
    is_number = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
    return column if is_number else column.cast(pa.float64())
