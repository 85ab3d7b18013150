"""The foreign project, built once; its table holds the sample and made-up series."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
import pytest

from tests.conftest import CopyDatabase
from tests.indicators.case import CASES, Bars
from tests.indicators.foreign import ForeignProject, Render, make_project
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


@pytest.fixture(scope="module")
def render(foreign: ForeignProject) -> Render:
    """A function that renders Jinja as part of a model, by the model's name."""
    from dbt.adapters.factory import FACTORY
    from dbt.clients.jinja import get_rendered
    from dbt.context.providers import generate_runtime_model_context

    manifest = foreign.dbt("parse")
    adapter: Any = FACTORY.adapters["postgres"]

    @cache
    def context_of(model: str) -> tuple[dict[str, Any], Any]:
        node = manifest.nodes[f"model.elsewhere.{model}"]
        return generate_runtime_model_context(node, adapter.config, manifest), node

    def render_as(model: str, text: str) -> str:
        with adapter.connection_named(model):
            return str(get_rendered(text, *context_of(model)))

    return render_as
