"""A database with empty marts, for each test its own."""

import pytest

from desk.database import Database
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
