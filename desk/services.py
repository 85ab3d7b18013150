"""The services of the desk: their commands, addresses and variables."""

import os
import sys
from dataclasses import dataclass

from pydantic import SecretStr

from desk.ports import address, reached_at
from desk.settings import Settings, variable_of


@dataclass(frozen=True, slots=True)
class Service:
    """A command that stays up, and where it answers when it is ready."""

    name: str
    command: tuple[str, ...]
    port: int
    ready_path: str
    title: str | None = None  # for people; None: nothing to open


def services(settings: Settings) -> tuple[Service, ...]:
    """All that `desk up` keeps running."""
    python = (sys.executable, "-P", "-m")
    api, prefect = settings.api_port, settings.prefect_port
    server = ("--host", settings.host, "--port", str(prefect))
    return (
        Service("api", (*python, "desk", "api"), api, "/health", "API"),
        Service(
            "prefect",
            (*python, "prefect", "server", "start", *server),
            prefect,
            "/api/health",
            "Prefect",
        ),
        Service(
            "flows",
            (*python, "desk", "flows"),
            prefect,
            "/api/deployments/name/trading_day/daily",
        ),
    )


def service_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables, and what keeps Prefect inside the home (its
    folder for temporary files is made)."""
    given = {variable_of(name): _as_text(value) for name, value in settings}
    # Not /tmp: Prefect's folder there belongs to the first account that used it.
    temporary = settings.home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    local = f"{reached_at(settings.host)},localhost"
    return {
        **given,
        "TMPDIR": str(temporary),
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_API_URL": f"{address(settings.host, settings.prefect_port)}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "NO_PROXY": f"{os.environ.get('NO_PROXY', '')},{local}".strip(","),
        "PYTHONUNBUFFERED": "1",
    }


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)
