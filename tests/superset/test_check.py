"""The dashboards' files against dbt's: what is named exists."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.dashboard_assets import ASSETS, Bundle, Model, models_of, read_bundle
from flows.dashboard_check import problems
from flows.dashboards import check
from flows.parsed import parse

NOWHERE = Database({"host": "localhost", "dbname": "nowhere"})


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("check"))


@pytest.fixture(scope="module")
def models(settings: Settings) -> Mapping[str, Model]:
    return models_of(parse(settings, NOWHERE))


@pytest.fixture
def bundle() -> Bundle:
    return Bundle(copy.deepcopy(dict(read_bundle())))


def renamed(models: Mapping[str, Model], name: str, column: str) -> dict[str, Model]:
    """The models after somebody renamed a column of one of them."""
    columns = tuple(
        {**entry, "column_name": "renamed"} if entry["column_name"] == column else entry
        for entry in models[name].columns
    )
    return {**models, name: replace(models[name], columns=columns)}


def test_everything_the_dashboards_name_is_there(settings: Settings) -> None:
    assert check(settings, NOWHERE) == []


def test_every_dashboard_is_an_exposure(settings: Settings) -> None:
    exposures = parse(settings, NOWHERE).exposures.values()
    dashboards = (each for each in exposures if each.type == "dashboard")
    assert {each.label for each in dashboards} == {
        asset["dashboard_title"] for _, asset in read_bundle().of("dashboards")
    }


@pytest.mark.parametrize(
    ("model", "column", "said"),
    [
        (
            "board_strategies",
            "sharpe",
            "charts/strategies_against_buy_and_hold.yaml: chart Strategies against "
            "buy and hold: column sharpe is not in dbt model board_strategies",
        ),
        (
            "board_fills",
            "slippage_bps",
            "datasets/board_fills.yaml: dataset board_fills: metric "
            "mean_slippage_bps: column slippage_bps is not in dbt model board_fills",
        ),
        (
            "backtest_metrics",
            "sharpe",
            "charts/strategies_against_buy_and_hold.yaml: chart Strategies against "
            "buy and hold: board_strategies reads column sharpe, which is not in dbt "
            "model backtest_metrics",
        ),
        (
            "trades",
            "pnl",
            "charts/closed_trades.yaml: chart Closed trades: board_trades reads column "
            "pnl, which is not in dbt model trades",
        ),
        (
            "indicators",
            "rsi_14",
            "charts/candles_and_signals.yaml: chart Candles and signals: board_candles "
            "reads column rsi_14, which is not in dbt model indicators",
        ),
        (
            "board_markers",
            "why",
            "datasets/candles.yaml: dataset candles: column why is not in dbt model "
            "board_markers",
        ),
        (
            "board_candles",
            "sma_50",
            "charts/candles_and_signals.yaml: chart Candles and signals: column "
            "sma_50 is not in dbt model board_candles",
        ),
        (
            "board_coverage",
            "symbol",
            "dashboards/symbol.yaml: dashboard Symbol: filter Symbol: column symbol "
            "is not in dbt model board_coverage",
        ),
        (
            "board_signals",
            "session_date",
            "datasets/board_signals.yaml: dataset board_signals: column session_date "
            "is not in dbt model board_signals",
        ),
    ],
)
def test_a_renamed_column_is_named_with_file_and_chart(
    models: Mapping[str, Model], bundle: Bundle, model: str, column: str, said: str
) -> None:
    found = problems(bundle, renamed(models, model, column))
    assert said in found
    assert all(column in problem for problem in found)


def test_every_column_of_every_chart_is_looked_at(
    models: Mapping[str, Model], bundle: Bundle
) -> None:
    none_left = {name: replace(m, columns=()) for name, m in models.items()}
    named = "\n".join(problems(bundle, none_left))
    for path, _ in bundle.of("charts"):
        metric_only = "metric" in bundle[path]["params"]
        assert metric_only or path in named


def test_links_that_lead_nowhere_are_named(
    models: Mapping[str, Model], bundle: Bundle
) -> None:
    del bundle["charts/loads.yaml"]
    bundle["charts/orders.yaml"]["dataset_uuid"] = "0000"
    bundle["datasets/board_fills.yaml"]["table_name"] = "fills"
    found = "\n".join(problems(bundle, models))
    assert "dashboards/data.yaml: dashboard Data: its chart" in found
    assert "charts/orders.yaml: chart Orders: its dataset 0000 has no file" in found
    assert "dataset fills: there is no dbt model fills" in found


def test_every_column_has_a_label_without_underscores(
    models: Mapping[str, Model],
) -> None:
    boards = [model for name, model in models.items() if name.startswith("board_")]
    assert len(boards) >= 17
    for model in boards:
        for entry in (*model.columns, *model.metrics):
            assert "_" not in entry["verbose_name"]


def test_uuids_are_unique() -> None:
    uuids = [asset["uuid"] for asset in read_bundle().values()]
    assert len(set(uuids)) == len(uuids)


def test_no_file_holds_an_address_or_a_password() -> None:
    text = "".join(path.read_text() for path in Path(ASSETS).rglob("*.yaml"))
    assert "postgresql+psycopg2://\n" in text
    assert "password" not in text.lower()
