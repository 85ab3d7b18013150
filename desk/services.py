"""The services of the desk: their commands, addresses and variables."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from desk.ports import address, reached_at
from desk.settings import Settings, variable_of
from desk.superset import PROGRAMS, THREADS, Superset, superset_environment


@dataclass(frozen=True, slots=True)
class Service:
    """A command that stays up, and where it answers when it is ready."""

    name: str
    command: tuple[str, ...]
    port: int
    ready_path: str
    title: str | None = None  # for people; None: nothing to open
    environment: Mapping[str, str] = field(default_factory=dict)


def services(
    settings: Settings, superset: Superset | None = None
) -> tuple[Service, ...]:
    """All that `desk up` keeps running."""
    python = (sys.executable, "-P", "-m")
    api, prefect = settings.api_port, settings.prefect_port
    server = ("--host", settings.host, "--port", str(prefect))
    return (
        Service("api", (*python, "desk", "api"), api, "/health/live", "API"),
        Service(
            "prefect",
            (*python, "prefect", "server", "start", *server),
            prefect,
            "/api/health",
            "Prefect",
        ),
        *(() if superset is None else (dashboards(settings, superset),)),
        Service(
            "flows",
            (*python, "desk", "flows"),
            prefect,
            "/api/deployments/name/trading_day/daily",
        ),
    )


def dashboards(settings: Settings, superset: Superset) -> Service:
    """Superset's server."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    where = f"{host}:{settings.superset_port}"
    threads = ("--worker-class", "gthread", "--threads", str(THREADS))
    return Service(
        "superset",
        (
            *(str(PROGRAMS / "gunicorn"), "--bind", where, *threads),
            *("--workers", "1", "--timeout", "120", "superset.app:create_app()"),
        ),
        settings.superset_port,
        "/health",
        "Dashboards",
        superset_environment(superset),
    )


def service_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables, and what keeps Prefect inside the home (its
    folder for temporary files is made)."""
    given = {variable_of(name): _as_text(value) for name, value in settings}
    # Not /tmp: Prefect's folder there belongs to the first account that used it.
    temporary = settings.home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    kept_seconds = settings.keep_days * 24 * 60 * 60
    local = f"{reached_at(settings.host)},localhost"
    return {
        **given,
        "TMPDIR": str(temporary),
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_API_URL": f"{address(settings.host, settings.prefect_port)}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Task runs are written once a second, not one by one: on SQLite a writer that
        # meets another is told to come back in 2 s, and a task that asks for its turn
        # met that of its own run's news in nearly every pass.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        # Prefect's own history goes the way of the desk's.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(kept_seconds),
        "DO_NOT_TRACK": "1",
        "NO_PROXY": f"{os.environ.get('NO_PROXY', '')},{local}".strip(","),
        "PYTHONUNBUFFERED": "1",
    }


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return ",".join(
            f"{strategy}.{name}={json.dumps(given)}"
            for strategy, parameters in value.items()
            for name, given in parameters.items()
        )
    return ",".join(value) if isinstance(value, tuple) else str(value)
