"""An export of Superset's as the files: only what a person decided, in a stable order.

Superset numbers charts and datasets anew in each installation, and writes down what
it can work out again; neither belongs in a file that people review.
"""

from collections.abc import Mapping
from typing import Any

from flows.dashboard_assets import (
    Asset,
    Bundle,
    Model,
    beyond_dbt,
    model_name,
    slug,
)
from flows.dashboard_check import chart_uuids

# What Superset fills in when a file doesn't say it.
DEFAULTS: Asset = {
    "always_filter_main_dttm": False,
    "cache_timeout": None,
    "filter_select_enabled": True,
    "is_active": True,
    "normalize_columns": False,
    "offset": 0,
}
WORKED_OUT = ("query_context", "source_db_engine", "external_url", "tags")
OF_ONE_INSTALLATION = ("datasource", "slice_id", "viz_type", "dashboards")
OF_ONE_BROWSER = (
    "chart_configuration",
    "global_chart_configuration",
    "map_label_colors",
)


def pulled(exported: Bundle, before: Bundle, models: Mapping[str, Model]) -> Bundle:
    """The dashboards of `before` as they are in the export, with all they use."""
    charts, datasets = exported.by_uuid("charts"), exported.by_uuid("datasets")
    after = Bundle(before.of("databases"))
    known = {asset["uuid"]: path for path, asset in before.items()}
    boards = {
        uuid: board
        for uuid, (_, board) in exported.by_uuid("dashboards").items()
        if uuid in known
    }
    used_charts = {
        uuid: charts[uuid][1]
        for board in boards.values()
        for uuid in chart_uuids(board)
        if uuid in charts
    }
    used_datasets = {
        uuid: datasets[uuid][1]
        for uuid in [
            *(chart["dataset_uuid"] for chart in used_charts.values()),
            *(uuid for board in boards.values() for uuid in _filtered(board)),
        ]
    }
    for uuid, board in boards.items():
        after[known[uuid]] = _dashboard(board)
    for uuid, chart in used_charts.items():
        path = f"charts/{slug(chart['slice_name'])}.yaml"
        after[known.get(uuid, path)] = _chart(chart)
    for uuid, dataset in used_datasets.items():
        path = f"datasets/{slug(dataset['table_name'])}.yaml"
        after[known.get(uuid, path)] = _dataset(dataset, models)
    return after


def place_number(uuid: str) -> int:
    """The number of a chart in a dashboard's file, the same everywhere."""
    return int(uuid[:7], 16)


def _dataset(dataset: Asset, models: Mapping[str, Model]) -> Asset:
    lean = _lean(dataset)
    for kind in ("columns", "metrics"):
        lean[kind] = [_lean(entry) for entry in dataset.get(kind, [])]
    model = models.get(model_name(lean))
    return lean if model is None else beyond_dbt(lean, model)


def _chart(chart: Asset) -> Asset:
    params = chart["params"]
    kept = {k: v for k, v in params.items() if k not in OF_ONE_INSTALLATION}
    return _lean(chart) | {"params": kept}


def _dashboard(board: Asset) -> Asset:
    numbers: dict[int, int] = {}
    for place in board["position"].values():
        if isinstance(place, dict) and place["type"] == "CHART":
            number = place_number(place["meta"]["uuid"])
            numbers[place["meta"]["chartId"]] = number
            place["meta"]["chartId"] = number
    metadata = {k: v for k, v in board["metadata"].items() if k not in OF_ONE_BROWSER}
    for native in metadata.get("native_filter_configuration", []):
        for fleeting in ("chartsInScope", "tabsInScope"):
            native.pop(fleeting, None)
        excluded = native.get("scope", {}).get("excluded", [])
        native["scope"]["excluded"] = [numbers[old] for old in excluded]
    return _lean(board) | {"metadata": metadata}


def _filtered(board: Asset) -> list[str]:
    """The datasets that a dashboard's filters take their values from."""
    natives = board["metadata"].get("native_filter_configuration", [])
    targets = [target for native in natives for target in native["targets"]]
    return [target["datasetUuid"] for target in targets if "datasetUuid" in target]


def _lean(asset: Asset) -> Asset:
    def says_nothing(key: str, value: Any) -> bool:
        empty = value is None or value in ({}, [])
        return empty or key in WORKED_OUT or DEFAULTS.get(key, object()) == value

    return {k: v for k, v in asset.items() if not says_nothing(k, v)}
