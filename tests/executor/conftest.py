"""A database with empty marts, for each test its own, and entries of a tenth."""

from decimal import Decimal
from pathlib import Path

import pytest

from desk.database import Database
from desk.settings import Settings
from tests.conftest import CopyDatabase
from tests.executor.market import Market


@pytest.fixture(scope="session")
def market_template(migrated: Database, templates: CopyDatabase) -> Database:
    database = templates(migrated)
    Market(database).build_marts()
    return database


@pytest.fixture
def market(market_template: Database, copies: CopyDatabase) -> Market:
    """A desk with marts and a load on record, but no bars yet."""
    return Market(copies(market_template))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Round numbers: an entry takes a tenth of the equity."""
    return Settings(home=tmp_path / "home", position_weight=Decimal("0.1"))
