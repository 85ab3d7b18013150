"""The dashboards as files: YAML in `superset/assets`, completed from dbt's manifest.

A file says what a person decided; names, types, descriptions and metrics of columns
stand in dbt's model files and are joined when the bundle leaves for Superset.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from desk.settings import PROJECT

ASSETS = PROJECT / "superset" / "assets"
KINDS = ("databases", "datasets", "charts", "dashboards")
ABBREVIATIONS = ("cagr", "macd", "rsi", "sma")

Asset = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """What dbt knows of one model: columns as Superset lists them, and metrics."""

    name: str
    sql: str
    description: str
    columns: tuple[Asset, ...]
    metrics: tuple[Asset, ...]


class Bundle(dict[str, Asset]):
    """Assets by their path within the folder, such as `charts/equity.yaml`."""

    def of(self, kind: str) -> Iterator[tuple[str, Asset]]:
        """Path and content of one kind."""
        return ((p, asset) for p, asset in self.items() if p.startswith(f"{kind}/"))

    def by_uuid(self, kind: str) -> dict[str, tuple[str, Asset]]:
        """Path and content of one kind by uuid."""
        return {asset["uuid"]: (path, asset) for path, asset in self.of(kind)}


def read_bundle(folder: Path = ASSETS) -> Bundle:
    """The files, as they are."""
    return Bundle(
        {
            f"{kind}/{file.name}": yaml.safe_load(file.read_text())
            for kind in KINDS
            for file in sorted((folder / kind).glob("*.yaml"))
        }
    )


def read_zip(content: bytes) -> Bundle:
    """An export of Superset's; the folder it is in and its metadata are left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {
            name.split("/", 1)[1]: yaml.safe_load(archive.read(name))
            for name in archive.namelist()
        }
    return Bundle({p: a for p, a in files.items() if p.split("/")[0] in KINDS})


def write_zip(bundle: Bundle) -> bytes:
    """What Superset imports whole."""
    metadata = {"version": "1.0.0", "type": "assets"}
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for path, asset in {"metadata.yaml": metadata, **bundle}.items():
            archive.writestr(f"desk/{path}", as_yaml(asset))
    return output.getvalue()


def as_yaml(asset: Asset) -> str:
    """An asset as its file: sorted, one value a line, so that a diff can be read."""
    return yaml.dump(
        asset, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=100
    )


# Datasets and dbt --------------------------------------------------------------


def models_of(manifest: Any) -> dict[str, Model]:
    """The models of a parsed dbt project by name."""
    return {
        node.name: Model(
            node.name,
            node.raw_code,
            " ".join(node.description.split()),
            tuple(_column(column) for column in node.columns.values()),
            tuple(_metric(*pair) for pair in node.meta.get("metrics", {}).items()),
        )
        for node in manifest.nodes.values()
        if node.resource_type == "model"
    }


def model_name(dataset: Asset) -> str:
    """The dbt model a dataset gets its columns from."""
    return str((dataset.get("extra") or {}).get("model", dataset["table_name"]))


def completed(dataset: Asset, model: Model) -> Asset:
    """A dataset with what dbt says of its columns, under what its file says."""
    return {
        "description": model.description,
        **dataset,
        "columns": _joined(model.columns, dataset.get("columns", []), "column_name"),
        "metrics": _joined(model.metrics, dataset.get("metrics", []), "metric_name"),
    }


def beyond_dbt(dataset: Asset, model: Model) -> Asset:
    """The opposite of `completed`: a dataset without what dbt says anyway."""
    kept = {k: v for k, v in dataset.items() if v != completed({}, model).get(k)}
    for kind, key, known in (
        ("columns", "column_name", model.columns),
        ("metrics", "metric_name", model.metrics),
    ):
        rest = [entry for entry in dataset.get(kind, []) if entry not in known]
        kept[kind] = sorted(rest, key=lambda entry: str(entry[key]))
    return {k: v for k, v in kept.items() if v not in ([], None)}


def _joined(known: tuple[Asset, ...], given: list[Asset], key: str) -> list[Asset]:
    entries = {entry[key]: entry for entry in (*known, *given)}
    return list(entries.values())


def _column(column: Any) -> Asset:
    kind = str(column.data_type)
    return {
        "column_name": column.name,
        "verbose_name": column.config.meta.get("label") or in_words(column.name),
        "description": " ".join(column.description.split()),
        "type": kind.upper(),
        "is_dttm": kind == "date" or kind.startswith("timestamp"),
        "filterable": True,
        "groupby": True,
    }


def _metric(name: str, about: Mapping[str, str]) -> Asset:
    return {
        "metric_name": name,
        "verbose_name": about["label"],
        "expression": about["expression"],
        "d3format": about.get("format"),
    }


def in_words(name: str) -> str:
    """A column's name for people: `max_drawdown` is "Max drawdown"."""
    words = [
        word.upper() if word in ABBREVIATIONS else word for word in name.split("_")
    ]
    said = " ".join(words)
    return said[0].upper() + said[1:]


def slug(name: str) -> str:
    """A file name for a title."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


class _Dumper(yaml.SafeDumper):
    """Text of several lines stands as it is."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
