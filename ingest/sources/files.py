"""Daily prices as traded from CSV and Parquet files: one, or a folder of them.

Columns and dates are recognised per file. The symbol is a column's, or the file's
name, in upper case. Corporate actions are files of their own: symbol, ex_date, kind,
value; beside a single file of prices, those whose names end with the word actions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from desk.errors import SettingError
from ingest.sources import Action, Bar, Batch, Window
from ingest.sources.bar_lines import (
    bar_table,
    check_daily,
    dates_in,
    is_between,
    is_wanted,
    lines_of,
    recognised,
    symbols_in,
)
from ingest.sources.columns import (
    Columns,
    UnknownColumns,
    action_columns,
    bar_columns,
)
from ingest.sources.dates import UnknownDates
from ingest.sources.tables import (
    TableFile,
    UnreadableFile,
    find_tables,
    is_table,
    name_of,
    open_table,
    read_table,
)

SETTING = "DESK_FILES_PATH"
Refused = (UnknownColumns, UnknownDates, UnreadableFile)


@dataclass(frozen=True)
class PriceFile:
    """A file of prices, its recognised columns, and the symbols in it."""

    table: TableFile
    columns: Columns
    symbols: frozenset[str] = field(repr=False)


class FilesSource:
    """CSV and Parquet files at `path`. A file that can't be read is reported under
    its name and stops no other; if it is the only one, it is refused."""

    name = "files"
    is_local = True

    def __init__(self, path: Path | None) -> None:
        if path is None:
            raise SettingError(SETTING, "", "the source files needs a file or folder")
        if not path.exists():
            raise SettingError(SETTING, path, "there is no such file or folder")
        self._path = path

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """The symbols asked for, or all that the files have."""
        prices, actions, refused = self._opened
        if not prices and not actions and not refused:
            raise SettingError(SETTING, self._path, "no CSV or Parquet file in it")
        if refused and not prices:
            name, reason = next(iter(refused.items()))
            raise SettingError(SETTING, self._path, f"{name}: {reason}")
        if not prices:
            raise SettingError(SETTING, self._path, "corporate actions, but no prices")
        held: set[str] = set().union(*(file.symbols for file in prices))
        if not asked:
            return (*sorted(held), *refused)
        return tuple(dict.fromkeys(symbol.upper() for symbol in asked))

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        """Every row between the earliest start and the latest end, file by file."""
        prices, actions, refused = self._opened
        asked = {window.symbol: window for window in windows}
        first = min(window.start for window in asked.values())
        last = max(window.end for window in asked.values())
        wanted = pa.array(sorted(asked))
        failures = {
            name: why
            for name, why in refused.items()
            if name in asked or _is_named_actions(Path(name))
        }
        given: set[str] = set()
        for file in prices:
            try:
                for batch in _bars(file, wanted, first, last):
                    given.update(batch.symbols)
                    yield batch
            except Refused as broken:
                failures.update(
                    dict.fromkeys(file.symbols, f"{file.table.path.name}: {broken}")
                )
        for table, columns in actions:
            try:
                yield _actions(table, columns, asked, first, last)
            except Refused as broken:
                failures[table.path.name] = str(broken)
        for symbol in asked.keys() - given - failures.keys():
            failures[symbol] = f"no rows between {first} and {last} in {self._path}"
        yield Batch(symbols=tuple(failures), failures=failures)

    @cached_property
    def _opened(
        self,
    ) -> tuple[list[PriceFile], list[tuple[TableFile, Columns]], Mapping[str, str]]:
        """Price files, action files, and why each other one is refused, by name."""
        prices: list[PriceFile] = []
        actions: list[tuple[TableFile, Columns]] = []
        refused: dict[str, str] = {}
        for path in self._tables():
            try:
                table = open_table(path)
                if found := action_columns(table.columns):
                    actions.append((table, found))
                else:
                    prices.append(_price_file(table))
            except Refused as unusable:
                refused[path.name] = str(unusable)
        return prices, actions, refused

    def _tables(self) -> Sequence[Path]:
        if self._path.is_dir():
            return find_tables(self._path)
        beside = sorted(
            path
            for path in self._path.parent.iterdir()
            if path.is_file() and is_table(path) and _is_named_actions(path)
        )
        return [self._path, *(path for path in beside if path != self._path)]


def _is_named_actions(path: Path) -> bool:
    """Whether the name is, or ends with, the word: not that of transactions.csv."""
    return re.search(r"(?<![a-z])actions$", name_of(path).lower()) is not None


def _price_file(table: TableFile) -> PriceFile:
    columns = bar_columns(table.columns)
    if "symbol" not in columns:
        return PriceFile(table, columns, frozenset([name_of(table.path).upper()]))
    symbols: set[str] = set()
    for batch in read_table(table, [columns["symbol"]]):
        symbols.update(pc.unique(symbols_in(batch, columns["symbol"], "")).to_pylist())
    if symbols <= {None, ""}:  # a header only
        symbols = {name_of(table.path).upper()}
    return PriceFile(table, columns, frozenset(symbols - {None, ""}))


def _bars(
    file: PriceFile, wanted: pa.Array, first: date, last: date
) -> Iterator[Batch]:
    """Rows of the wanted symbols and dates, and those that have none to judge by."""
    odd_lines: list[str] = []
    known = None
    name = name_of(file.table.path).upper()
    columns = list(dict.fromkeys(file.columns.values()))
    for position, batch in enumerate(read_table(file.table, columns, odd_lines.append)):
        given_dates = batch[file.columns["bar_date"]]
        if position == 0:
            known = recognised(given_dates)
        symbols = symbols_in(batch, file.columns.get("symbol"), name)
        dates = dates_in(given_dates, known)
        if position == 0:
            check_daily(symbols, given_dates, dates)
        table = bar_table(
            batch,
            file.columns,
            symbols,
            dates,
            has_decimal_commas=file.table.has_decimal_commas,
        )
        table = table.filter(is_wanted(symbols, wanted))
        inside = table.filter(is_between(table[1], first, last))
        outside = table.num_rows - inside.num_rows
        if table.num_rows:
            present = pc.unique(inside[0]).drop_null().to_pylist()
            yield Batch(
                symbols=tuple(present), bars=lines_of(inside), rows_outside=outside
            )
    if odd_lines:
        bars = [Bar(None, line, None, None, None, None, None) for line in odd_lines]
        yield Batch(symbols=(), bars=bars)


def _actions(
    table: TableFile,
    columns: Columns,
    asked: Mapping[str, Window],
    first: date,
    last: date,
) -> Batch:
    known = None
    actions: list[Action] = []
    for position, batch in enumerate(read_table(table, list(columns.values()))):
        if position == 0:
            known = recognised(batch[columns["ex_date"]])
        dates = dates_in(batch[columns["ex_date"]], known)
        inside = is_between(dates, first, last)
        rows = zip(
            symbols_in(batch, columns["symbol"], "").to_pylist(),
            dates.to_pylist(),
            batch[columns["kind"]].to_pylist(),
            batch[columns["value"]].to_pylist(),
            strict=True,
        )
        actions += [
            Action(*row)
            for row, is_inside in zip(rows, inside.to_pylist(), strict=True)
            if is_inside and (row[0] in asked or not row[0])
        ]
    return Batch(symbols=(), actions=actions)
