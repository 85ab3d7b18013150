"""Vendors' date formats, recognised once per file, made YYYY-MM-DD."""

from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

NEW_YORK = "America/New_York"
MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
# POSIX: two digits from 69 on are of the last century.
CENTURY_TURNS_AT = "69"
REST = r"(?:[T ,].*)?$"
YEAR, MONTH, DAY = r"(?P<y>\d{4}|\d{2})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"


class UnknownDates(ValueError):  # noqa: N818
    """Dates in no known format, or of intraday bars."""


class DateFormat(NamedTuple):
    """How a file writes its dates; `to_iso` leaves what it can't read as it is."""

    name: str
    to_iso: Callable[[pa.Array], pa.Array]

    @property
    def is_iso(self) -> bool:
        """Whether the dates may be YYYY-MM-DD already."""
        return self.name == "YYYY-MM-DD"


def recognise(dates: pa.Array) -> DateFormat:
    """The format that reads the most of a file's first dates.

    Month comes before day unless some date says otherwise. A file is read in one
    way: its other dates stay as they are, to be refused. Raises `UnknownDates` when
    no format reads any.
    """
    told = dates.drop_null()
    if len(told) == 0:
        return FORMATS[0]
    read = {known: _readable(told, known) for known in FORMATS}
    best = max(FORMATS, key=lambda known: read[known])
    if read[best] == 0:
        raise UnknownDates(
            f"dates such as {told[0].as_py()!r} are in no known format; "
            f"known are {', '.join(known.name for known in FORMATS)}"
        )
    return best


def typed_to_date(dates: pa.Array) -> pa.Array:
    """The dates of a date or timestamp column; a time in UTC other than midnight is
    taken as a moment in New York, so that it falls on its session."""
    if pa.types.is_timestamp(dates.type):
        dates = _local(dates)
    return dates.cast(pa.date32())


def _local(moments: pa.Array) -> pa.Array:
    zone = moments.type.tz
    if zone is None:
        return moments.cast(pa.timestamp("s"), safe=False)
    moments = moments.cast(pa.timestamp("s", zone), safe=False)
    if zone not in ("UTC", "+00:00", "Etc/UTC"):
        return pc.local_timestamp(moments)
    utc = pc.local_timestamp(moments)
    is_midnight = pc.equal(utc, pc.floor_temporal(utc, unit="day"))
    new_york = pc.local_timestamp(moments.cast(pa.timestamp("s", NEW_YORK)))
    return pc.if_else(is_midnight, utc, new_york)


def _by_parts(pattern: str) -> Callable[[pa.Array], pa.Array]:
    """For dates of a year, a month (number or name) and a day."""

    def to_iso(dates: pa.Array) -> pa.Array:
        parts = pc.extract_regex(dates, pattern)
        year, month, day = (pc.struct_field(parts, name) for name in "ymd")
        named = pc.index_in(
            pc.utf8_slice_codeunits(pc.utf8_lower(month), 0, 3), pa.array(MONTHS)
        )
        month = pc.coalesce(pc.add(named, 1).cast(pa.string()), month)
        century = pc.if_else(pc.less(year, CENTURY_TURNS_AT), "20", "19")
        is_short = pc.equal(pc.utf8_length(year), 2)
        year = pc.if_else(
            is_short, pc.binary_join_element_wise(century, year, ""), year
        )
        month, day = (pc.utf8_lpad(part, 2, "0") for part in (month, day))
        is_possible = pc.and_(
            pc.and_(pc.greater(month, "00"), pc.less_equal(month, "12")),
            pc.and_(pc.greater(day, "00"), pc.less_equal(day, "31")),
        )
        is_read = pc.fill_null(is_possible, False)
        return pc.if_else(
            is_read, pc.binary_join_element_wise(year, month, day, "-"), dates
        )

    return to_iso


def _epoch(digits: str, unit: str) -> Callable[[pa.Array], pa.Array]:
    def to_iso(dates: pa.Array) -> pa.Array:
        is_number = pc.match_substring_regex(dates, f"^-?{digits}$")
        numbers = pc.if_else(is_number, dates, None).cast(pa.int64())
        moments = numbers.cast(pa.timestamp(unit, "UTC"))
        return pc.coalesce(typed_to_date(moments).cast(pa.string()), dates)

    return to_iso


def _readable(texts: pa.Array, known: DateFormat) -> int:
    """How many the format reads; what is YYYY-MM-DD already, only that one does."""
    is_read = _is_iso(known.to_iso(texts))
    if not known.is_iso:
        is_read = pc.and_not(is_read, _is_iso(texts))
    return pc.sum(is_read).as_py() or 0


def _is_iso(texts: pa.Array) -> pa.Array:
    return pc.match_substring_regex(texts, r"^\d{4}-\d{2}-\d{2}$")


FORMATS = (
    DateFormat(
        "YYYY-MM-DD", _by_parts(rf"^(?P<y>\d{{4}})[-/.]{MONTH}[-/.]{DAY}{REST}")
    ),
    DateFormat(
        "YYYYMMDD", _by_parts(r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})$")
    ),
    DateFormat("M/D/Y", _by_parts(rf"^{MONTH}[/-]{DAY}[/-]{YEAR}{REST}")),
    DateFormat("D/M/Y", _by_parts(rf"^{DAY}[/-]{MONTH}[/-]{YEAR}{REST}")),
    DateFormat("D.M.Y", _by_parts(rf"^{DAY}\.{MONTH}\.{YEAR}{REST}")),
    DateFormat(
        "D-Mon-Y", _by_parts(rf"^{DAY}[- /]+(?P<m>[A-Za-z]{{3,9}})[- /,]+{YEAR}{REST}")
    ),
    DateFormat(
        "Mon D, Y", _by_parts(rf"^(?P<m>[A-Za-z]{{3,9}})[- ]+{DAY}[-, ]+{YEAR}{REST}")
    ),
    DateFormat("seconds since 1970", _epoch(r"\d{1,10}", "s")),
    DateFormat("milliseconds since 1970", _epoch(r"\d{11,13}", "ms")),
)
