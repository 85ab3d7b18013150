"""CSV and Parquet files as Arrow record batches, in bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
PACKED = (".gz", ".bz2", ".zst")
DELIMITERS = ",;\t|"
BLOCK_BYTES = 4 << 20
BATCH_ROWS = 65_536
HEADER_BYTES = 64 << 10


class UnreadableFile(ValueError):  # noqa: N818
    """A file that is no table; says why."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file with named columns; `delimiter` between those of a CSV."""

    path: Path
    columns: Sequence[str]
    delimiter: str | None

    @property
    def has_decimal_commas(self) -> bool:
        """Whether 1,5 means one and a half."""
        return self.delimiter == ";"


def find_tables(path: Path) -> list[Path]:
    """The path itself, or every table below the folder, in order of their names."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and is_table(file))


def is_table(path: Path) -> bool:
    """Whether the name is that of a CSV or Parquet file, packed or not."""
    return _unpacked(path).suffix.lower() in SUFFIXES


def name_of(path: Path) -> str:
    """The file's name without its endings."""
    return _unpacked(path).stem


def open_table(path: Path) -> TableFile:
    """The file's columns, read from its beginning. Raises `UnreadableFile`."""
    with _readable():
        if _is_parquet(path):
            with pa.parquet.ParquetFile(path) as file:
                return TableFile(path, file.schema_arrow.names, None)
        with pa.input_stream(path) as stream:
            header = stream.read(HEADER_BYTES).split(b"\n")[0]
    if b"\0" in header:
        raise UnreadableFile("is not UTF-8 text")
    delimiter = max(DELIMITERS, key=lambda sign: header.count(sign.encode()))
    if not header.strip():
        raise UnreadableFile("is empty")
    with _readable(), _open_csv(path, delimiter, None, lambda _: "skip") as reader:
        return TableFile(path, reader.schema.names, delimiter)


def read_table(
    table: TableFile,
    columns: Sequence[str],
    on_odd_line: Callable[[str], None] = lambda _: None,
) -> Iterator[pa.RecordBatch]:
    """The columns' rows, batch by batch: of a CSV as text, empty ones null.

    A line with too few or too many fields is told, not given. Raises
    `UnreadableFile`.
    """
    with _readable():
        if table.delimiter is None:
            with pa.parquet.ParquetFile(table.path) as file:
                yield from file.iter_batches(BATCH_ROWS, columns=list(columns))
            return

        def told(row: pa.csv.InvalidRow) -> str:
            on_odd_line(row.text or f"a line of {row.actual_columns} fields")
            return "skip"

        with _open_csv(table.path, table.delimiter, columns, told) as reader:
            yield from reader


def _open_csv(
    path: Path,
    delimiter: str,
    columns: Sequence[str] | None,
    on_invalid: Callable[[pa.csv.InvalidRow], str],
) -> pa.csv.CSVStreamingReader:
    as_text = {name: pa.string() for name in columns or ()}
    return pa.csv.open_csv(
        path,
        pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
        pa.csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=False,
            invalid_row_handler=on_invalid,
        ),
        pa.csv.ConvertOptions(
            column_types=as_text,
            include_columns=list(columns) if columns is not None else None,
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except pa.ArrowInvalid as invalid:
        reason = str(invalid).splitlines()[0]
        if "invalid UTF8" in reason:
            reason = "is not UTF-8 text"
        elif "Empty CSV" in reason:
            reason = "is empty"
        raise UnreadableFile(reason) from None
    except UnicodeDecodeError:
        raise UnreadableFile("is not UTF-8 text") from None
    except (OSError, EOFError) as failed:
        raise UnreadableFile(getattr(failed, "strerror", None) or str(failed)) from None


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _unpacked(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() in PACKED else path
