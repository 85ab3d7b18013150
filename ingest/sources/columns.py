"""Which column of a vendor's file is what, by the names that vendors use."""

import re
from collections.abc import Mapping, Sequence

# Each field's names without spaces and signs, the surest first.
BAR_FIELDS = {
    "symbol": ("symbol", "ticker", "actsymbol", "stock", "sym", "name"),
    "bar_date": (
        *("date", "bardate", "tradedate", "tradingdate", "sessiondate"),
        *("datetime", "timestamp", "ts", "time", "day", "t"),
    ),
    "open": ("open", "openprice", "priceopen", "o"),
    "high": ("high", "highprice", "pricehigh", "h"),
    "low": ("low", "lowprice", "pricelow", "l"),
    "close": ("close", "closeprice", "priceclose", "closelast", "c"),
    "volume": ("volume", "vol", "totalvolume", "sharestraded", "v"),
}
ACTION_FIELDS = {
    "symbol": BAR_FIELDS["symbol"],
    "ex_date": ("exdate", "exdividenddate"),
    "kind": ("kind", "type", "action"),
    "value": ("value", "amount", "ratio"),
}
# A file of one symbol may be named after it instead.
OPTIONAL = {"symbol"}

Columns = Mapping[str, str]


class UnknownColumns(ValueError):  # noqa: N818
    """Columns in which not every field is found; says which are there and needed."""


def bar_columns(found: Sequence[str]) -> Columns:
    """The column of each field of a bar; `symbol` may be missing.

    Every other column (adjusted close, trade count, …) is left alone. Raises
    `UnknownColumns`.
    """
    columns = _matched(found, BAR_FIELDS)
    if missing := [f for f in BAR_FIELDS if f not in columns and f not in OPTIONAL]:
        needed = ", ".join(name.removeprefix("bar_") for name in BAR_FIELDS)
        none = " and ".join(name.removeprefix("bar_") for name in missing)
        raise UnknownColumns(
            f"no column for {none}; found {', '.join(found) or 'nothing'}; "
            f"needed {needed} (symbol may be the file's name)"
        )
    return columns


def action_columns(found: Sequence[str]) -> Columns | None:
    """The column of each field of a corporate action, or None if it is another file."""
    columns = _matched(found, ACTION_FIELDS)
    return columns if set(columns) == set(ACTION_FIELDS) else None


def _matched(found: Sequence[str], fields: Mapping[str, Sequence[str]]) -> Columns:
    # Of two columns with one name the first counts.
    plain = {_plain(column): column for column in reversed(found)}
    return {
        field: plain[known[0]]
        for field, names in fields.items()
        if (known := [name for name in names if name in plain])
    }


def _plain(column: str) -> str:
    """`"1. open"`, `<OPEN>` and `Open ` are all `open`."""
    return re.sub(r"^\d+\.|[^a-z0-9]", "", column.strip().lower())
