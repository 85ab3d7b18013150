"""The sample, loaded and built once for all tests that only read it."""

from pathlib import Path

import pytest

from desk.calendar import desk_clock
from desk.database import Database
from desk.settings import Settings
from flows.transform import build
from ingest.load import load
from tests.conftest import CopyDatabase


@pytest.fixture(scope="session")
def built_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings `built` was made with."""
    home: Path = tmp_path_factory.mktemp("built")
    return Settings(home=home)


@pytest.fixture(scope="session")
def built(
    migrated: Database, templates: CopyDatabase, built_settings: Settings
) -> Database:
    """Template: the whole sample, loaded and built. Read it, never write to it."""
    database = templates(migrated)
    load(built_settings, database, desk_clock(built_settings))
    build(built_settings, database)
    return database
