"""The documentation: complete, one page, served to this machine only."""

import threading
import urllib.request
from pathlib import Path

import pytest

from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from flows.docs import generate_docs, serve_docs
from tests.dbt.rows import rows_of
from tests.processes import answers, free_port


@pytest.fixture(scope="module")
def pages(built: Database, built_settings: Settings) -> Path:
    return generate_docs(built_settings, built)


def test_the_docs_are_one_page_that_names_every_mart(
    pages: Path, built: Database
) -> None:
    page = (pages / "index.html").read_text()
    marts = rows_of(
        built,
        "select table_name from information_schema.tables where table_schema = 'marts'",
    )
    for row in marts:
        assert f"model.desk.{row['table_name']}" in page
    assert "exposure.desk.executor" in page
    assert "exposure.desk.api" in page


def test_the_docs_are_served_to_this_machine(pages: Path) -> None:
    port = free_port()
    threading.Thread(target=serve_docs, args=(pages, port), daemon=True).start()
    assert answers(port, "/")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        assert b"marts" in page.read()
    with pytest.raises(SettingError, match="--port"):
        serve_docs(pages, port)


def test_every_column_of_every_mart_is_described_in_the_database(
    built: Database,
) -> None:
    """dbt persists descriptions, so that psql and Superset show them too."""
    without = rows_of(
        built,
        "select relations.relname, columns.attname"
        " from pg_class as relations"
        " join pg_attribute as columns on relations.oid = columns.attrelid"
        " where relations.relnamespace = 'marts'::regnamespace"
        " and relations.relkind in ('r', 'v') and columns.attnum > 0"
        " and not columns.attisdropped"
        " and col_description(relations.oid, columns.attnum) is null",
    )
    assert without == []


def test_every_table_of_the_ledger_and_of_raw_is_described(built: Database) -> None:
    without = rows_of(
        built,
        "select relname from pg_class"
        " where relnamespace in ('raw'::regnamespace, 'trading'::regnamespace)"
        " and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null",
    )
    assert without == []
