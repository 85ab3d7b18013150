"""The dbt project as this process reads it, parsed once and kept until it changes."""

import hashlib
import json
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.settings import PROJECT, Settings
from flows.engines import Engine

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

log = structlog.get_logger()
DBT_PROJECT = PROJECT / "dbt_project"

# Of profiles.yml, for what is done in this process.
TARGETS: dict[Engine, str] = {"postgres": "desk", "duckdb": "duckdb"}

kept_manifests: dict[str, "Manifest"] = {}


def parse(
    settings: Settings, database: Database, engine: Engine = "postgres"
) -> "Manifest":
    """The project as dbt understands it; kept until one of its files changes.

    Kept in the home as well: dbt takes a second to see that nothing has changed.
    """
    key = _project_key(settings, engine)
    kept = target_path(settings, engine) / "manifest.pickle"
    if key not in kept_manifests:
        manifest = _read_manifest(kept, key)
        if manifest is None:
            manifest = _parse_anew(settings, database, engine)
            _keep_manifest(kept, key, manifest)
        kept_manifests[key] = manifest
    manifest = kept_manifests[key]
    if engine == "postgres":
        _point_at(manifest, database.parameters["dbname"])
    return manifest


def _parse_anew(settings: Settings, database: Database, engine: Engine) -> "Manifest":
    from dbt.cli.main import dbtRunner

    with environment_for(database):
        parsed = run_dbt(dbtRunner(), ["parse", *flags(settings, engine)])
    if not parsed.success:
        raise _unreadable(settings, str(parsed.exception))
    return parsed.result  # type: ignore[return-value]


def _unreadable(settings: Settings, told: str) -> DeskError:
    """What dbt says, without the macros it went through, and the setting to blame."""
    reason = " ".join(told.partition("> in macro")[0].split())
    for strategy, parameters in settings.strategy_parameters.items():
        _, found, why = reason.partition(f"models/strategies/{strategy}.sql: ")
        for name, value in parameters.items():
            if found and name in why.split(";")[0].split():
                given = f"{strategy}.{name}={json.dumps(value)}"
                return SettingError("DESK_STRATEGY_PARAMETERS", given, why)
    return DeskError(f"dbt can't read the project: {reason}")


def _project_key(settings: Settings, engine: Engine) -> str:
    """Everything a manifest depends on, as a hash."""
    given = [
        json.dumps(variables(settings)),
        *(version(package) for package in ("dbt-core", f"dbt-{engine}")),
        sys.version,
        hash_of([*project_files(), *sorted(DBT_PROJECT.glob("*.yml"))]),
    ]
    return hashlib.sha256("\n".join(given).encode()).hexdigest()


def _read_manifest(kept: Path, key: str) -> "Manifest | None":
    """The manifest that was kept, if it is one of this key."""
    from dbt.contracts.graph.manifest import Manifest

    if not kept.exists():
        return None
    try:
        kept_key, parts = pickle.loads(kept.read_bytes())  # noqa: S301  our own
        return Manifest(**parts) if kept_key == key else None
    except Exception as broken:  # noqa: BLE001  a damaged pickle may raise anything
        log.warning("kept_manifest_is_damaged", file=str(kept), why=str(broken))
        return None


def _keep_manifest(kept: Path, key: str, manifest: "Manifest") -> None:
    """Part by part: pickled whole, dbt 1.11 mixes up some of them."""
    names = (field.name for field in fields(manifest) if field.name[0] != "_")
    parts = {name: getattr(manifest, name) for name in names}
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}")
    draft.write_bytes(pickle.dumps((key, parts)))
    draft.replace(kept)


def _point_at(manifest: "Manifest", name: str) -> None:
    """A manifest holds the database's name; its address is read each time."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            _, _, relation = node.relation_name.partition(".")
            node.relation_name = f'"{name}".{relation}'
        node.database = name


def flags(settings: Settings, engine: Engine = "postgres") -> list[str]:
    """The options that every dbt command gets."""
    return [
        *("--target", TARGETS[engine]),
        *("--project-dir", str(DBT_PROJECT)),
        *("--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target_path(settings, engine))),
        *("--log-path", str(settings.home / "dbt" / "logs")),
        *("--threads", str(settings.threads)),
        *("--vars", json.dumps(variables(settings))),
        *("--log-level", "none", "--log-level-file", "info"),
    ]


def target_path(settings: Settings, engine: Engine = "postgres") -> Path:
    """Where dbt keeps what it made of the project for an engine."""
    return settings.home / "dbt" / ("target" if engine == "postgres" else engine)


def variables(settings: Settings) -> dict[str, Any]:
    """What dbt is given: settings that the figures depend on, and the code."""
    return {
        "borrow_bps": float(settings.borrow_bps),
        "code": code_hash(),
        "commission_bps": float(settings.commission_bps),
        "commission_minimum": float(settings.commission_minimum),
        "commission_per_share": float(settings.commission_per_share),
        "git_commit": git_commit(),
        "max_positions": settings.max_positions,
        "position_weight": float(settings.position_weight),
        "slippage_bps": float(settings.slippage_bps),
        "starting_cash": float(settings.starting_cash),
        "strategy_parameters": settings.strategy_parameters,
        "whole_shares": settings.whole_shares,
    }


def project_files() -> list[Path]:
    """Models, macros and tests, with what describes them."""
    folders = ("models", "macros", "indicators", "tests")
    return sorted(
        path
        for folder in folders
        for path in (DBT_PROJECT / folder).rglob("*")
        if path.suffix in (".sql", ".yml", ".md")
    )


# Stored rows are only as good as the code that made them, and a changed macro leaves
# no trace in them; so dbt notes the code of a whole build (macro forget_changes).


def code_hash() -> str:
    """A hash of the SQL that stored rows are made with."""
    return hash_of(
        path
        for path in project_files()
        if path.suffix == ".sql" and "tests" not in path.parts
    )


def hash_of(files: Iterable[Path]) -> str:
    """A hash of the project's files: their names and what they hold."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(DBT_PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def git_commit() -> str | None:
    """The commit whose SQL this is; None outside of git or with changes of its own."""
    git = ("git", "-C", str(DBT_PROJECT))
    try:
        run = partial(subprocess.run, capture_output=True, check=True, text=True)
        if run([*git, "status", "--porcelain", "--", "."]).stdout:
            return None
        return str(run([*git, "rev-parse", "HEAD"]).stdout.strip())
    except (OSError, subprocess.CalledProcessError):
        return None


@contextmanager
def environment_for(database: Database) -> Iterator[None]:
    """dbt reads its connection from the environment; put it back afterwards."""
    before = dict(os.environ)
    # DuckDB needs no file to put its SQL into words.
    os.environ.update(database.environment() | {"DUCKDB_PATH": ":memory:"})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_dbt(runner: "dbtRunner", arguments: Sequence[str]) -> "dbtRunnerResult":
    """One invocation, its log file closed afterwards (dbt leaves it open)."""
    try:
        return runner.invoke(list(arguments))
    finally:
        for handler in logging.getLogger("file_log").handlers:
            handler.close()
