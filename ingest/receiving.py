"""What a source gives for some windows, received and merged chunk by chunk."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from ingest.chunks import Chunk, Run
from ingest.sources import Batch, Source, Window
from ingest.straight import Straight


def receive(
    conn: psycopg.Connection[Any],
    source: Source,
    run: Run,
    windows: Sequence[Window],
    on_batch: Callable[[Batch], None],
    straight: Straight | None = None,
) -> None:
    """Take in all that the source gives, in the run's name.

    A local source's rows are one chunk, for they may be in any order, and all rows of
    a bar must be judged together.
    """
    symbols = [window.symbol for window in windows]
    chunk = Chunk(conn, straight)
    for batch in _ahead(source.fetch(windows)):
        chunk.receive(batch)
        on_batch(batch)
        if chunk.is_full and not source.is_local:
            chunk.merge(run, chunk.symbols)
            chunk = Chunk(conn)
    if source.is_local:
        chunk.merge(run, symbols)
    elif chunk.symbols:
        chunk.merge(run, chunk.symbols)


def batch_said(batch: Batch) -> str:
    """A batch as one line of progress."""
    symbols = batch.symbols
    more = f" and {len(symbols) - 3:,} more" if len(symbols) > 3 else ""
    return f"{', '.join(symbols[:3])}{more}: {len(batch.bars):,} bars"


def _ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches; each is made while the one before is written."""
    with ThreadPoolExecutor(1, thread_name_prefix="source") as reader:
        upcoming = reader.submit(next, batches, None)
        while batch := upcoming.result():
            upcoming = reader.submit(next, batches, None)
            yield batch
