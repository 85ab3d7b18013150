"""Ports of this machine: which are free, and what answers on them."""

import errno
import http.client
import socket
import threading
import time

from desk.errors import SettingError
from desk.settings import Settings, variable_of

ASK_EVERY_SECONDS = 0.2
ANSWER_SECONDS = 3.0
ANY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def check_ports(settings: Settings) -> None:
    """`SettingError` naming the first port that a service could not take."""
    names = ["api_port", "prefect_port"]
    if settings.dashboards == "yes":
        names.append("superset_port")
    taken: dict[int, str] = {}
    for name in names:
        port = getattr(settings, name)
        if port in taken:
            raise SettingError(
                variable_of(name),
                port,
                f"is the same as {variable_of(taken[port])}; give each its own",
            )
        taken[port] = name
        check_port(name, settings)


def check_port(name: str, settings: Settings) -> None:
    """`SettingError` if the port in a setting can't be listened on."""
    port = getattr(settings, name)
    try:
        family, kind, _, _, where = socket.getaddrinfo(
            settings.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise SettingError(
            "DESK_HOST", settings.host, "is no address of this machine"
        ) from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
        except OSError as refused:
            raise _refusal(variable_of(name), port, settings, refused) from None


def wait_for_answer(
    host: str, port: int, path: str, seconds: float, stop: threading.Event
) -> bool:
    """Whether `GET path` is answered with 200 in time, and before `stop` is set."""
    deadline = time.monotonic() + seconds
    while not _answers(host, port, path):
        if stop.wait(ASK_EVERY_SECONDS) or time.monotonic() > deadline:
            return False
    return True


def address(host: str, port: int) -> str:
    """The URL at which this machine reaches what listens on `host`."""
    host = reached_at(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def reached_at(host: str) -> str:
    """The address of this machine that stands for "any address"."""
    return ANY_ADDRESS.get(host, host)


def _answers(host: str, port: int, path: str) -> bool:
    # Not urllib: it would ask a proxy for an address of this machine.
    connection = http.client.HTTPConnection(
        reached_at(host), port, timeout=ANSWER_SECONDS
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _refusal(
    setting: str, port: int, settings: Settings, refused: OSError
) -> SettingError:
    if refused.errno == errno.EADDRINUSE:
        return SettingError(setting, port, "is taken by another program")
    if refused.errno == errno.EACCES:
        return SettingError(setting, port, "may not be used by this account")
    return SettingError(
        "DESK_HOST", settings.host, f"can't be used: {refused.strerror}"
    )
