"""The foreign project, built once; its table holds the sample and made-up series."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import CopyDatabase
from tests.indicators.case import CASES, Bars
from tests.indicators.foreign import ForeignProject, make_project
from tests.indicators.series import insert, made_up_series, sample_series


@pytest.fixture(scope="session")
def series() -> dict[str, Bars]:
    """The series that are in the foreign project's table."""
    return sample_series() | made_up_series()


@pytest.fixture(scope="session")
def foreign(
    templates: CopyDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    series: dict[str, Bars],
) -> ForeignProject:
    """The foreign project with its models (views) built. Never write to it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    project = make_project(folder, templates(None), CASES.values())
    with project.database.connect() as conn:
        insert(conn, series)
    project.dbt("deps")
    project.dbt("run")
    return project


@pytest.fixture
def conn(foreign: ForeignProject) -> Iterator[psycopg.Connection]:
    """A transaction in the foreign project's database, rolled back after the test."""
    with foreign.database.connect() as conn:
        yield conn
        conn.rollback()
