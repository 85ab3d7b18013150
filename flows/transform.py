"""dbt in this process: the models, their tests and their documentation."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desk.database import Database
from desk.errors import DeskError
from desk.settings import PROJECT, Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

DBT_PROJECT = PROJECT / "dbt_project"
SHOWN_FAILURES = 5

NodeSeen = Callable[[str, str], None]  # (model or test, its status)
_kept_manifests: dict[tuple[object, ...], "Manifest"] = {}


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one `dbt build` did: models built, tests passed, seconds taken."""

    models: int
    tests: int
    seconds: float


def build(
    settings: Settings,
    database: Database,
    *,
    select: Sequence[str] = (),
    full_refresh: bool = False,
    unit_tests: bool = False,
    on_node: NodeSeen | None = None,
) -> BuildReport:
    """Build and test the models (all, or dbt's `select`).

    Prices and indicators are calculated anew only from each symbol's earliest change
    on, unless `full_refresh` or other code than the last build's asks for all.
    `unit_tests` too: they judge the code, not the data, so a daily build goes without.

    Raises `DeskError` naming the models and tests that failed, with why.
    """
    started = time.monotonic()
    arguments = ["build"]
    if select:
        arguments += ["--select", *select]
    if full_refresh or _code_of_the_last_build(database) != _code():
        arguments += ["--full-refresh"]
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    results = _invoke(settings, database, arguments, on_node)
    failed = [r for r in results if r.status in ("error", "fail", "runtime error")]
    if failed:
        told = [f"{r.node.name}: {_one_line(r.message)}" for r in failed]
        more = f" (+{len(told) - SHOWN_FAILURES} more)" * (len(told) > SHOWN_FAILURES)
        raise DeskError(f"dbt build failed: {'; '.join(told[:SHOWN_FAILURES])}{more}")
    kinds = [str(r.node.resource_type) for r in results]
    return BuildReport(
        models=kinds.count("model"),
        tests=kinds.count("test") + kinds.count("unit_test"),
        seconds=time.monotonic() - started,
    )


def _invoke(
    settings: Settings,
    database: Database,
    arguments: Sequence[str],
    on_node: NodeSeen | None,
) -> list[Any]:
    from dbt.cli.main import dbtRunner  # 2 s of import

    flags = [
        *("--project-dir", str(DBT_PROJECT)),
        *("--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(settings.home / "dbt" / "target")),
        *("--log-path", str(settings.home / "dbt" / "logs")),
        *("--threads", str(settings.threads)),
        *("--vars", json.dumps(_variables(settings))),
        *("--log-level", "none", "--log-level-file", "info"),
    ]
    # The manifest holds the database's name; its address is read each time.
    name = database.parameters.get("dbname")
    key = (settings.home, name, *_variables(settings).values(), _newest_change())
    with _environment(database):
        if key not in _kept_manifests:
            parsed = _run(dbtRunner(), ["parse", *flags])
            if not parsed.success:
                raise DeskError(f"dbt can't read the project: {parsed.exception}")
            _kept_manifests[key] = parsed.result  # type: ignore[assignment]
        runner = dbtRunner(
            manifest=_kept_manifests[key],
            callbacks=[_node_reporter(on_node)] if on_node else [],
        )
        done = _run(runner, [*arguments, *flags])
    if done.exception is not None:
        raise DeskError(f"dbt failed: {_one_line(str(done.exception))}")
    return list(done.result)  # type: ignore[arg-type]


def _variables(settings: Settings) -> dict[str, float | str]:
    return {
        "code": _code(),
        "commission_bps": float(settings.commission_bps),
        "slippage_bps": float(settings.slippage_bps),
        "starting_cash": float(settings.starting_cash),
    }


def _files() -> list[Path]:
    folders = ("models", "macros", "indicators", "tests")
    return sorted(
        path
        for folder in folders
        for path in (DBT_PROJECT / folder).rglob("*")
        if path.suffix in (".sql", ".yml", ".md")
    )


def _newest_change() -> float:
    return max(path.stat().st_mtime for path in _files())


# Stored rows are only as good as the code that made them, and a changed macro leaves
# no trace in them; so dbt notes the code of a whole build (macro forget_changes).


def _code() -> str:
    """A hash of the SQL that stored rows are made with."""
    digest = hashlib.sha256()
    for path in _files():
        if path.suffix == ".sql" and "tests" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _code_of_the_last_build(database: Database) -> str | None:
    with database.connect("dbt") as conn:
        row = conn.execute(
            "select obj_description('intermediate'::regnamespace, 'pg_namespace')"
        ).fetchone()
    return row[0] if row else None


def _node_reporter(on_node: NodeSeen) -> Callable[[Any], None]:
    def report(event: Any) -> None:
        if event.info.name == "NodeFinished":
            node = event.data.node_info
            on_node(node.node_name, node.node_status)

    return report


@contextmanager
def _environment(database: Database) -> Iterator[None]:
    """dbt reads its connection from the environment; put it back afterwards."""
    before = dict(os.environ)
    os.environ.update(database.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _run(runner: "dbtRunner", arguments: Sequence[str]) -> "dbtRunnerResult":
    """One invocation, its log file closed afterwards (dbt leaves it open)."""
    try:
        return runner.invoke(list(arguments))
    finally:
        for handler in logging.getLogger("file_log").handlers:
            handler.close()


def _one_line(message: str | None) -> str:
    return " ".join((message or "no reason given").split())


def command_environment(settings: Settings, database: Database) -> dict[str, str]:
    """Variables with which a `dbt` or `psql` command finds database and project.

    Sessions begin with the reader's rights; dbt's profile takes its own role.
    """
    return database.environment() | {
        "PGOPTIONS": "-c role=desk_reader",
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(settings.home / "dbt" / "target"),
        "DBT_LOG_PATH": str(settings.home / "dbt" / "logs"),
    }
