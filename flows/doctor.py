"""Doctor: whatever keeps the desk from working, and how to mend it.

Advice names commands in backquotes, to be typed as they stand.
"""

import shlex
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from threading import Event
from urllib.parse import urlsplit

import psycopg
from rich.text import Text

from desk.database import prepare_home
from desk.errors import DeskError, SettingError
from desk.log import configure_logging
from desk.ports import wait_for_answer
from desk.settings import ENV_FILE, PROJECT, Settings, load_settings
from executor.doctor import Finding
from flows.doctor_database import examine_database

FREE_BYTES = 1_000_000_000
REACH_SECONDS = 10
VENDORS = {
    "yfinance": "https://query2.finance.yahoo.com",
    "alpaca": "https://data.alpaca.markets",
}

Check = Callable[[Settings], Iterator[Finding]]


def examine() -> list[Finding]:
    """Everything worth knowing before the next pass; changes nothing but the schema,
    as every command does. What can't be looked at is a finding too."""
    try:
        settings = load_settings()
    except SettingError as wrong:
        return [_mendable("settings", wrong)]
    configure_logging(settings)
    findings = [Finding("settings", "readable")]
    for check in (_home, _secrets, _ports, _telling, _vendor):
        findings += _guarded(check.__name__.strip("_"), check, settings)
    return findings + list(_guarded("database", examine_database, settings))


def findings_text(findings: list[Finding]) -> Text:
    """What was found; below each trouble what to do about it. A line each, however
    long, so that commands can be copied."""
    told = Text()
    for finding in findings:
        mark = ("✓ ", "green") if finding.is_well else ("✗ ", "bold red")
        told.append(*mark).append(f"{finding.what:<12} {finding.told}\n")
        if finding.advice:
            told.append(f"  → {finding.advice}\n", "bold")
    told.rstrip()
    return told


def _guarded(what: str, check: Check, settings: Settings) -> Iterator[Finding]:
    try:
        yield from check(settings)
    except DeskError as broken:
        yield _mendable(what, broken)
    except psycopg.Error as broken:
        told = " ".join(str(broken).split())
        yield Finding(what, told, False, "let an owner's account run `desk migrate`")


def _mendable(what: str, broken: DeskError) -> Finding:
    if not isinstance(broken, SettingError) or broken.name == ENV_FILE:
        return Finding(what, str(broken), False, "mend what it says, then ask again")
    advice = (
        "correct it in .env or the environment (.env.example explains it), or take "
        f"the default: `unset {broken.name}`"
    )
    return Finding(what, str(broken), False, advice)


def _home(settings: Settings) -> Iterator[Finding]:
    home = prepare_home(settings)
    free = shutil.disk_usage(home).free
    told = f"{home}, {free / 1e9:,.1f} GB free"
    if free < FREE_BYTES:
        yield Finding("disk", told, False, "make room, or move DESK_HOME elsewhere")
    else:
        yield Finding("disk", told)


def _secrets(settings: Settings) -> Iterator[Finding]:
    from desk.keys import read_or_create_key

    key = settings.home / "api_key"
    if key.exists():
        try:
            read_or_create_key(settings.home)
        except DeskError as unusable:
            advice = f"`rm -- {shlex.quote(str(key))}`; the next start makes a new one"
            yield Finding("keys", str(unusable), False, advice)
    for path in (PROJECT / ENV_FILE, key):
        if path.exists() and path.stat().st_mode & 0o077:
            advice = f"`chmod 600 {shlex.quote(str(path))}`"
            yield Finding("keys", f"others can read {path}", False, advice)


def _ports(settings: Settings) -> Iterator[Finding]:
    from desk.up import check_startable

    try:
        check_startable(settings)
    except SettingError as taken:
        if _is_served(settings, taken.name):
            yield Finding("ports", f"{taken}; it answers as the desk's own does")
            return
        advice = f"stop that, or take another: `export {taken.name}={_free_port()}`"
        yield Finding("ports", str(taken), False, advice)
    except DeskError as is_up:
        yield Finding("ports", str(is_up))
    else:
        yield Finding("ports", f"{settings.api_port} and {settings.prefect_port} free")


def _is_served(settings: Settings, name: str) -> bool:
    """Whether it is the desk's own service, started by itself, on a port."""
    known = {
        "DESK_API_PORT": (settings.api_port, "/health/live"),
        "DESK_PREFECT_PORT": (settings.prefect_port, "/api/health"),
        "DESK_SUPERSET_PORT": (settings.superset_port, "/health"),
    }
    if name not in known:  # the host
        return False
    port, path = known[name]
    return wait_for_answer(settings.host, port, path, 0.0, Event())


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _telling(settings: Settings) -> Iterator[Finding]:
    from flows.notify import KINDS, unusable_addresses

    kinds = [kind for kind in KINDS if getattr(settings, f"notify_{kind}") != "off"]
    if settings.notify_urls is None:
        if kinds:
            told = f"nobody hears of {', '.join(kinds)}: DESK_NOTIFY_URLS is unset"
            unset = " ".join(f"DESK_NOTIFY_{kind.upper()}" for kind in kinds)
            yield Finding("telling", told, False, f"set it, or `unset {unset}`")
        return
    if unusable := unusable_addresses(settings):
        told = f"Apprise doesn't know address {', '.join(map(str, unusable))}"
        advice = "correct it in DESK_NOTIFY_URLS, or `unset DESK_NOTIFY_URLS`"
        yield Finding("telling", told, False, advice)
    else:
        yield Finding("telling", ", ".join(kinds) or "every DESK_NOTIFY_… is off")


def _vendor(settings: Settings) -> Iterator[Finding]:
    from ingest.sources import open_source
    from ingest.universe import asked_symbols

    source = settings.price_source
    symbols = open_source(settings).universe(asked_symbols(settings))
    given = {"yfinance": settings.yfinance_url, "alpaca": settings.alpaca_data_url}
    url = given.get(source) or VENDORS.get(source)
    if url and (trouble := _unreachable(url)):
        where = urlsplit(url).netloc
        told = f"{source} can't be reached at {where}: {trouble}"
        advice = "look after the network or its proxy; the next load catches up"
        yield Finding("vendor", told, False, advice)
    else:
        yield Finding("vendor", f"{source}, {len(symbols):,} symbols")


def _unreachable(url: str) -> str | None:
    """Why a web server gives no answer at all; None if it gives any."""
    try:
        with urllib.request.urlopen(url, timeout=REACH_SECONDS):  # noqa: S310
            return None
    except urllib.error.HTTPError:
        return None
    except OSError as broken:
        return str(getattr(broken, "reason", broken))
