"""Does everything that the dashboards name exist: chart, dataset, model, column."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flows.dashboard_assets import (
    Asset,
    Bundle,
    Model,
    completed,
    model_name,
    slug,
)
from flows.dashboard_lineage import unread
from flows.sql_words import words

# Where charts of Superset's and the desk's name columns and metrics.
ONE = (
    *("close", "entity", "granularity_sqla", "groupby", "high", "low", "markers"),
    *("metric", "open", "series", "session", "volume", "x_axis", "x_axis_sort"),
)
MANY = (
    *("all_columns", "columns", "groupby", "groupbyColumns", "groupbyRows"),
    "metrics",
)


def problems(bundle: Bundle, models: Mapping[str, Model]) -> list[str]:
    """What doesn't fit, a sentence each, naming file, chart and column."""
    return [
        *_dataset_problems(bundle, models),
        *_chart_problems(bundle, models),
        *_dashboard_problems(bundle, models),
    ]


def exposures(bundle: Bundle, url: str) -> Asset:
    """The dashboards as dbt's exposures: what they are and which models they read."""
    charts, datasets = bundle.by_uuid("charts"), bundle.by_uuid("datasets")
    found = []
    for _, board in bundle.of("dashboards"):
        read = {
            model_name(datasets[charts[uuid][1]["dataset_uuid"]][1])
            for uuid in chart_uuids(board)
            if uuid in charts
        }
        found.append(
            {
                "name": f"dashboard_{slug(board['slug'])}",
                "label": board["dashboard_title"],
                "type": "dashboard",
                "url": f"{url}/superset/dashboard/{board['slug']}/",
                "description": board["description"],
                "owner": {"name": "Desk"},
                "depends_on": [f"ref('{name}')" for name in sorted(read)],
            }
        )
    return {"exposures": sorted(found, key=lambda one: str(one["name"]))}


def chart_uuids(dashboard: Asset) -> list[str]:
    """The charts a dashboard places, in the order of their places' names."""
    places = dashboard["position"].values()
    return [
        place["meta"]["uuid"]
        for place in places
        if isinstance(place, dict) and place["type"] == "CHART"
    ]


def _dataset_problems(bundle: Bundle, models: Mapping[str, Model]) -> Iterator[str]:
    for path, dataset in bundle.of("datasets"):
        where = f"{path}: dataset {dataset['table_name']}"
        model = models.get(model_name(dataset))
        if model is None:
            yield f"{where}: there is no dbt model {model_name(dataset)}"
            continue
        whole = completed(dataset, model)
        columns = _names(whole["columns"], "column_name")
        date = dataset.get("main_dttm_col")
        if date is not None and date not in columns:
            yield f"{where}: {_missing(date, model)}"
        for metric in whole["metrics"]:
            for word in sorted(words(metric["expression"]) - columns):
                named = f"{where}: metric {metric['metric_name']}"
                yield f"{named}: {_missing(word, model)}"
        yield from _sql_problems(where, dataset.get("sql") or "", models)


def _sql_problems(where: str, sql: str, models: Mapping[str, Model]) -> Iterator[str]:
    """The models and `model.column` that a dataset's own SQL names."""
    for name in sorted(set(re.findall(r"\bmarts\.(\w+)", sql))):
        if name not in models:
            yield f"{where}: there is no dbt model {name}"
    for name, column in sorted(set(re.findall(r"\b(\w+)\.(\w+)", sql))):
        if name in models and column not in _columns(models[name]):
            yield f"{where}: {_missing(column, models[name])}"


def _chart_problems(bundle: Bundle, models: Mapping[str, Model]) -> Iterator[str]:
    datasets = bundle.by_uuid("datasets")
    for path, chart in bundle.of("charts"):
        where = f"{path}: chart {chart['slice_name']}"
        if chart["dataset_uuid"] not in datasets:
            yield f"{where}: its dataset {chart['dataset_uuid']} has no file"
            continue
        dataset = datasets[chart["dataset_uuid"]][1]
        model = models.get(model_name(dataset))
        if model is None:
            continue  # said of the dataset
        for problem in unread(model, models):
            yield f"{where}: {problem}"
        whole = completed(dataset, model)
        known = _names(whole["columns"], "column_name")
        known |= _names(whole["metrics"], "metric_name")
        for column in sorted(_used(chart["params"]) - known):
            yield f"{where}: {_missing(column, model)}"


def _dashboard_problems(bundle: Bundle, models: Mapping[str, Model]) -> Iterator[str]:
    charts, datasets = bundle.by_uuid("charts"), bundle.by_uuid("datasets")
    for path, board in bundle.of("dashboards"):
        where = f"{path}: dashboard {board['dashboard_title']}"
        for uuid in chart_uuids(board):
            if uuid not in charts:
                yield f"{where}: its chart {uuid} has no file"
        for native in board["metadata"].get("native_filter_configuration", []):
            for target in filter(None, native["targets"]):
                named = f"{where}: filter {native['name']}"
                if target["datasetUuid"] not in datasets:
                    yield f"{named}: its dataset {target['datasetUuid']} has no file"
                    continue
                dataset = datasets[target["datasetUuid"]][1]
                model = models.get(model_name(dataset))
                column = target["column"]["name"]
                if model is not None and column not in _names(
                    completed(dataset, model)["columns"], "column_name"
                ):
                    yield f"{named}: {_missing(column, model)}"


def _used(params: Asset) -> set[str]:
    """The columns and metrics that a chart's settings name."""
    found = [params[key] for key in ONE if key in params]
    found += [entry for key in MANY for entry in _listed(params.get(key))]
    found += [json.loads(order)[0] for order in _listed(params.get("order_by_cols"))]
    found += [rule["column"] for rule in _listed(params.get("conditional_formatting"))]
    found += params.get("column_config", {})
    names = {name for name in found if isinstance(name, str)}
    for entry in (*found, *_listed(params.get("adhoc_filters"))):
        if isinstance(entry, dict):
            names |= _used_by_hand(entry)
    return names


def _used_by_hand(entry: Asset) -> set[str]:
    """The columns of a filter or metric that was made in the chart itself."""
    if entry.get("sqlExpression"):
        return words(entry["sqlExpression"])
    column = entry.get("subject") or entry.get("column") or {}
    name = column.get("column_name") if isinstance(column, dict) else column
    return {str(name)} if name else set()


def _missing(column: str, model: Model) -> str:
    return f"column {column} is not in dbt model {model.name}"


def _columns(model: Model) -> set[str]:
    return _names(list(model.columns), "column_name")


def _names(entries: list[Asset], key: str) -> set[str]:
    return {entry[key] for entry in entries}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
