"""Is a snapshot what its manifest says: every file, row, column and byte."""

import json
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from desk.errors import DeskError
from desk.parquet import sealed
from desk.snapshot import (
    BY_YEAR,
    FORMAT,
    MANIFEST,
    WHOLE,
    SnapshotReport,
    fingerprint_of,
    store_of,
)


def check_snapshot(location: str) -> SnapshotReport:
    """What a snapshot holds, once everything in it was read.

    Raises `DeskError` that names each file that is missing, altered or too many.
    """
    store, folder = store_of(location)
    tables = _manifest(store, folder, location)["tables"]
    files = {f["path"]: (t, f) for t in tables.values() for f in t["files"]}
    wrong = [
        *(
            f"{name}: the manifest lacks it"
            for name in (BY_YEAR, *WHOLE)
            if name not in tables
        ),
        *(
            f"{name}: {table['rows']:,} rows are noted, {counted:,} are in its files"
            for name, table in tables.items()
            if (counted := sum(f["rows"] for f in table["files"])) != table["rows"]
        ),
        *(
            f"{path}: {problem}"
            for path, (table, file) in files.items()
            if (problem := _problem(store, f"{folder}/{path}", table, file))
        ),
        *(
            f"{path}: not in the manifest"
            for path in _found(store, folder) - set(files)
        ),
    ]
    if wrong:
        raise DeskError(f"{location}: {'; '.join(sorted(wrong))}")
    noted = [file for _, file in files.values()]
    return SnapshotReport(
        location,
        len(noted),
        sum(f["rows"] for f in noted),
        sum(f["size"] for f in noted),
    )


def _manifest(store: Any, folder: str, location: str) -> dict[str, Any]:
    try:
        manifest = json.loads(store.cat_file(f"{folder}/{MANIFEST}"))
        fingerprints = {n: t["fingerprint"] for n, t in manifest["tables"].items()}
    except FileNotFoundError:
        raise DeskError(f"{location}: no snapshot, {MANIFEST} is missing") from None
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise DeskError(f"{location}: {MANIFEST} can't be read: {broken!r}") from None
    if manifest.get("format") != FORMAT:
        raise DeskError(
            f"{location}: format {manifest.get('format')}, this desk reads {FORMAT}"
        )
    if manifest.get("fingerprint") != fingerprint_of(fingerprints):
        raise DeskError(f"{location}: {MANIFEST}: the fingerprint is not its tables'")
    return dict(manifest)


def _problem(
    store: Any, path: str, table: dict[str, Any], noted: dict[str, Any]
) -> str | None:
    """What is wrong with a file; None if nothing is."""
    if not store.exists(path):
        return "missing"
    size, sha256 = sealed(store, path)
    if size != noted["size"]:
        return f"{size:,} bytes instead of {noted['size']:,}"
    if sha256 != noted["sha256"]:
        return "altered: another SHA-256"
    with store.open(path, "rb") as opened:
        try:
            file = parquet.ParquetFile(opened)
        except pa.ArrowInvalid as broken:
            return f"no Parquet file: {broken}"
        rows = file.metadata.num_rows
        columns = {f.name: str(f.type) for f in file.schema_arrow}
    if rows != noted["rows"]:
        return f"{rows:,} rows instead of {noted['rows']:,}"
    return None if columns == table["columns"] else f"other columns: {columns}"


def _found(store: Any, folder: str) -> set[str]:
    return {
        path[path.index(f"{folder}/") + len(folder) + 1 :]
        for name in (BY_YEAR, *WHOLE)
        for path in store.find(f"{folder}/{name}")
    }
