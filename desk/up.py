"""What `desk up` keeps up: services that live and die together."""

import os
import re
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from honcho.manager import Manager
from honcho.printer import Message, Printer

from desk.errors import DeskError
from desk.ports import address, check_ports, wait_for_answer
from desk.services import Service, service_environment, services
from desk.settings import Settings
from desk.tether import LockHeldError, holding

LOCK_NAME = "up.lock"
READY_SECONDS = 180.0
STARTED = re.compile(r"(\S+) started \(pid=(\d+)\)")
STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)")


def check_startable(settings: Settings) -> None:
    """What `desk up` asks before any work; changes nothing.

    Raises `DeskError` when the home is up already, `SettingError` for a port that
    can't be used. Waits for what a killed `desk up` left behind to end.
    """
    if (settings.home / LOCK_NAME).exists():
        with _up(settings):
            pass
    check_ports(settings)


def run_services(
    settings: Settings,
    on_ready: Callable[[dict[str, str]], None],
    kept: tuple[Service, ...] | None = None,
) -> None:
    """Keep the services running until SIGINT or SIGTERM; then stop all of them.

    `on_ready` gets the addresses by title once all answer (in a thread). Each
    service writes to `home/logs/<name>.log`. Raises `DeskError` when one ends by
    itself or doesn't answer, naming its log, and when the home is already up.
    """
    kept = services(settings) if kept is None else kept
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with _up(settings) as let_go:
        watch = _Watch(settings, kept, on_ready, let_go)
        manager = _Manager(watch)
        for service in kept:
            manager.add_process(
                service.name,
                _command_line(service, settings.home, _fresh_log(logs, service)),
                env=os.environ
                | service_environment(settings)
                | dict(service.environment),
                cwd=str(settings.home),
            )
        manager.loop()
    if watch.failure is not None:
        raise DeskError(watch.failure)


class _Manager(Manager):  # type: ignore[misc]
    """honcho's manager: stopping is the watch's business."""

    def __init__(self, watch: "_Watch") -> None:
        super().__init__(watch)
        self._watch = watch

    def terminate(self) -> None:
        self._watch.stop()


class _Watch(Printer):  # type: ignore[misc]
    """Reads honcho's own messages: who started, who ended without being asked."""

    def __init__(
        self,
        settings: Settings,
        kept: tuple[Service, ...],
        on_ready: Callable[[dict[str, str]], None],
        let_go: Callable[[], None],
    ) -> None:
        super().__init__()
        self.failure: str | None = None
        self.let_go = let_go
        self._settings = settings
        self._kept = kept
        self._on_ready = on_ready
        self._pids: dict[str, int] = {}
        self._stopping = threading.Event()

    def write(self, message: Message) -> None:
        """Take one message; honcho calls this in the main thread."""
        if started := STARTED.match(message.data):
            self._pids[started[1]] = int(started[2])
            if len(self._pids) == len(self._kept):
                # Not earlier: honcho forks to start a command.
                threading.Thread(target=self._wait_until_ready, daemon=True).start()
        elif stopped := STOPPED.match(message.data):
            name, code = stopped.groups()
            self._fail(f"{name} ended (exit code {code})", name)
            self.let_go()
        elif message.data.endswith("received\n"):
            self._stopping.set()

    def stop(self) -> None:
        """Ask the last of the services to end; the others follow, they serve it."""
        last = self._pids.get(self._kept[-1].name)
        if last is None:
            self.let_go()
        else:
            with suppress(ProcessLookupError):
                os.kill(last, signal.SIGTERM)

    def _wait_until_ready(self) -> None:
        for service in self._kept:
            host, port, path = self._settings.host, service.port, service.ready_path
            if not wait_for_answer(host, port, path, READY_SECONDS, self._stopping):
                if not self._stopping.is_set():
                    late = f"{service.name} gave no answer in {READY_SECONDS:.0f} s"
                    self._fail(late, service.name)
                    self.let_go()
                return
        self._on_ready(
            {
                service.title: address(self._settings.host, service.port)
                for service in self._kept
                if service.title
            }
        )

    def _fail(self, what: str, name: str) -> None:
        if not self._stopping.is_set():
            self._stopping.set()
            log = self._settings.home / "logs" / f"{name}.log"
            self.failure = f"{what}: {_last_line(log)} (see {log})"


@contextmanager
def _up(settings: Settings) -> Iterator[Callable[[], None]]:
    try:
        with holding(settings.home / LOCK_NAME) as let_go:
            yield let_go
    except LockHeldError as held:
        raise DeskError(
            f"desk up is already running on {settings.home} (pid {held.pid})"
        ) from None


def _command_line(service: Service, home: Path, log: Path) -> str:
    tether = (sys.executable, "-P", "-m", "desk.tether", str(home / LOCK_NAME))
    command = shlex.join((*tether, *service.command))
    # Appended to, so that the log can be emptied meanwhile (desk/tidy.py).
    return f"exec {command} >> {shlex.quote(str(log))} 2>&1"


def _fresh_log(logs: Path, service: Service) -> Path:
    """The service's log; the one of the run before is kept beside it."""
    log = logs / f"{service.name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    return log


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "it said nothing"
