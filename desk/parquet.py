"""One file of a snapshot: a query's rows as COPY streams them, written as Parquet."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv, parquet

BLOCK_BYTES = 8 << 20  # of text; a block becomes a row group, about 100,000 bars
TYPES = {
    "date": pa.date32(),
    "float8": pa.float64(),
    "int8": pa.int64(),
    "text": pa.string(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class PartFile:
    """A file: its path below the snapshot, rows, bytes and SHA-256."""

    path: str
    rows: int
    size: int
    sha256: str


def write_part(
    conn: Connection, query: str, store: Any, folder: str, path: str, digest: Any
) -> tuple[PartFile, dict[str, str]]:
    """The file of a query's rows, and its columns with their Arrow types.

    The rows pass through `digest` as COPY writes them, so that the fingerprint is that
    of the data, whatever wrote the file. Memory: a few blocks.
    """
    schema = _schema(conn, query)
    whole = f"{folder}/{path}"
    store.makedirs(whole.rpartition("/")[0], exist_ok=True)
    rows = 0
    statement = sql.SQL("copy ({}) to stdout (format csv, header)").format(
        sql.SQL(query)
    )
    with (
        conn.cursor() as cursor,
        cursor.copy(statement) as blocks,
        store.open(whole, "wb") as out,
        parquet.ParquetWriter(out, schema, compression="zstd") as writer,
    ):
        for batch in _batches(iter(blocks), schema, digest):
            writer.write_batch(batch)
            rows += batch.num_rows
    size, sha256 = sealed(store, whole)
    return PartFile(path, rows, size, sha256), {f.name: str(f.type) for f in schema}


def sealed(store: Any, path: str) -> tuple[int, str]:
    """A file's bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with store.open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def _schema(conn: Connection, query: str) -> pa.Schema:
    empty = sql.SQL("select * from ({}) as rows limit 0").format(sql.SQL(query))
    described = conn.execute(empty).description or []
    return pa.schema(
        [(column.name, TYPES[column.type_display]) for column in described]
    )


def _batches(
    blocks: Iterator[Any], schema: pa.Schema, digest: Any
) -> Iterator[pa.RecordBatch]:
    source = io.BufferedReader(_Blocks(blocks, digest), BLOCK_BYTES)
    reader = csv.open_csv(
        source,
        read_options=csv.ReadOptions(block_size=BLOCK_BYTES),
        convert_options=csv.ConvertOptions(
            column_types=schema,
            # COPY writes NULL as nothing and an empty text as "".
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    yield from reader


class _Blocks(io.RawIOBase):
    """What COPY sends, as a file to read."""

    def __init__(self, blocks: Iterator[Any], digest: Any) -> None:
        self.blocks, self.digest, self.left = blocks, digest, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.left:
            block = next(self.blocks, None)
            if block is None:
                return 0
            self.digest.update(block)
            self.left = memoryview(block)
        count = min(len(buffer), len(self.left))
        buffer[:count] = self.left[:count]
        self.left = self.left[count:]
        return count
