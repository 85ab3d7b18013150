"""Every setting of the desk, read once at the edge and passed in."""

import difflib
import json
import os
import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from desk.errors import SettingError

PROJECT = Path(__file__).resolve().parents[1]
ENV_FILE = ".env"
PREFIX = "DESK_"
STRATEGIES = PROJECT / "dbt_project" / "models" / "strategies"

Port = Annotated[int, Field(ge=1, le=65535)]
Telling = Literal["off", "digest", "immediate"]
BasisPoints = Annotated[Decimal, Field(ge=0, le=1000)]


class Settings(BaseSettings):
    """Settings from the environment (`DESK_…`) and from `.env`.

    Each field's description is its documentation in `.env.example`. Relative
    paths are taken from the project's folder.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=PROJECT / ENV_FILE,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    home: Path = Field(
        Path(".desk"),
        description="Folder that holds all state; two homes never touch each other.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="Any Postgres 16+, as postgresql://user:password@host:port/name. "
        "Unset: the embedded Postgres under DESK_HOME.",
    )
    pg_bin: Path | None = Field(
        None,
        description="Folder of the Postgres programs to run embedded. "
        "Unset: those of the installed wheel.",
    )
    columnstore: Literal["off", "on"] = Field(
        "off",
        description="Whether TimescaleDB, where it is, keeps prices older than two "
        "years by column (off or on): a fifth of the size, slower to correct.",
    )
    price_source: Literal["sample", "yfinance", "alpaca", "files"] = Field(
        "sample",
        description="Where daily prices come from: sample (real prices 2000-2013, "
        "no network), yfinance, alpaca, or files (CSV and Parquet).",
    )
    symbols: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Universe, separated by commas. Unset: all that the sample or "
        "the files have; a vendor needs it.",
    )
    symbols_file: Path | None = Field(
        None,
        description="File with the universe, instead of DESK_SYMBOLS: a symbol a "
        "line, or the first column of a CSV; # starts a comment.",
    )
    since: date = Field(
        date(2000, 1, 1),
        description="First session to load (YYYY-MM-DD).",
    )
    overlap_sessions: int = Field(
        10,
        ge=1,
        le=1000,
        description="Sessions up to its last bar that a vendor is asked for again, "
        "to notice corrections.",
    )
    files_path: Path | None = Field(
        None,
        description="CSV or Parquet file of daily prices as traded, or a folder of "
        "them, for the source files.",
    )
    requests_per_minute: int = Field(
        100,
        ge=1,
        le=10_000,
        description="Requests a minute to a price vendor, at most.",
    )
    parallel_requests: int = Field(
        4, ge=1, le=32, description="Requests to a price vendor at the same time."
    )
    load_workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that share a vendor's load when a flow runs it, within "
        "the same requests a minute; Prefect's workers are asked for the others.",
    )
    yfinance_repair: bool = Field(
        True,
        description="Whether yfinance repairs prices that are 100 times off, missing "
        "or wrongly split-adjusted (true or false).",
    )
    yfinance_url: str | None = Field(
        None,
        description="Server to ask instead of Yahoo's, such as a recorded one.",
    )
    alpaca_data_url: str | None = Field(
        None, description="Server to ask instead of Alpaca's market data."
    )
    alpaca_feed: Literal["iex", "sip", "delayed_sip", "otc"] = Field(
        "iex",
        description="Alpaca's feed: iex (free; one exchange, about 3 % of the "
        "volume), sip (all exchanges; the last 15 minutes need a subscription), "
        "delayed_sip or otc.",
    )
    alpaca_key_id: SecretStr | None = Field(
        None,
        validation_alias="APCA_API_KEY_ID",
        description="Alpaca's key id; APCA_ is the vendor's own prefix.",
    )
    alpaca_secret_key: SecretStr | None = Field(
        None,
        validation_alias="APCA_API_SECRET_KEY",
        description="Alpaca's secret key.",
    )
    as_of: date | None = Field(
        None,
        description="The desk's today (YYYY-MM-DD), taken as that evening. Unset: now; "
        "with the sample source, the evening of its last session.",
    )
    broker: Literal["dry-run", "alpaca"] = Field(
        "dry-run",
        description="Who takes the orders: dry-run (a simulated account in Postgres) "
        "or alpaca (a paper account, unless DESK_ALPACA_URL and DESK_ALLOW_LIVE both "
        "say otherwise).",
    )
    alpaca_url: str | None = Field(
        None,
        description="Server that takes the orders, instead of Alpaca's paper trading: "
        "one on this machine, or with DESK_ALLOW_LIVE https://api.alpaca.markets.",
    )
    allow_live: bool = Field(
        False,
        description="Whether orders may go to Alpaca's live trading, for real money "
        "(true or false).",
    )
    broker_timeout_seconds: float = Field(
        10.0,
        gt=0,
        le=60,
        description="Seconds the broker has for an answer.",
    )
    broker_requests_per_minute: int = Field(
        180,
        ge=1,
        le=10_000,
        description="Requests a minute to the broker, at most; Alpaca allows 200.",
    )
    poll_seconds: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="Seconds between two looks at the broker in desk execute --watch.",
    )
    executor_metrics_port: Port | None = Field(
        None,
        description="Port on which desk execute --watch tells Prometheus how it does. "
        "Unset: none.",
    )
    traded_strategies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Strategies whose signals may become orders, separated by commas. "
        "Unset: all.",
    )
    trading_hours: Literal["any", "open"] = Field(
        "any",
        description="When orders are sent: any time (they wait at the broker for the "
        "next open), or only while the exchange is open.",
    )
    starting_cash: Decimal = Field(
        Decimal(100_000),
        gt=0,
        description="Cash of the dry-run account and of each backtest, US dollars.",
    )
    position_weight: Decimal = Field(
        Decimal("0.2"),
        gt=0,
        le=1,
        description="Share of the account's equity that one entry takes.",
    )
    fractional: bool = Field(
        False,
        description="Whether entries buy fractions of a share, to nine decimals, where "
        "the broker takes them (true or false).",
    )
    max_orders_per_day: int = Field(
        100, ge=0, description="Orders of a day after which no entry is sent."
    )
    max_daily_loss: Decimal = Field(
        Decimal("0.1"),
        gt=0,
        le=1,
        description="Share of the account's equity before the session which, once "
        "lost, halts entries until desk resume.",
    )
    max_order_value: Decimal = Field(
        Decimal(100_000),
        gt=0,
        description="Value of one entry, US dollars, at most.",
    )
    max_position_weight: Decimal = Field(
        Decimal(1),
        gt=0,
        le=1,
        description="Share of the account's equity that one symbol may be worth.",
    )
    commission_bps: BasisPoints = Field(
        Decimal(1),
        description="Commission per fill, basis points of its value, in dry runs "
        "and backtests.",
    )
    commission_per_share: Decimal = Field(
        Decimal(0),
        ge=0,
        le=1,
        description="Commission per share besides, US dollars, in backtests.",
    )
    commission_minimum: Decimal = Field(
        Decimal(0),
        ge=0,
        le=1000,
        description="Least commission of a fill, US dollars, in backtests.",
    )
    borrow_bps: BasisPoints = Field(
        Decimal(0),
        description="Cost of borrowing a short's shares for a year, basis points of "
        "its value at the entry, in backtests.",
    )
    max_positions: int = Field(
        5,
        ge=1,
        description="Symbols that a strategy's portfolio holds at once in a "
        "backtest, at most.",
    )
    whole_shares: bool = Field(
        False,
        description="Whether backtests trade whole shares only (true or false).",
    )
    strategy_parameters: Annotated[Mapping[str, Mapping[str, Any]], NoDecode] = Field(
        {},
        description="Parameters of strategies instead of those in dbt_project.yml, as "
        "sma_cross.fast_bars=20, separated by commas.",
    )
    slippage_bps: BasisPoints = Field(
        Decimal(5),
        description="Slippage per fill, basis points of the price, in dry runs "
        "and backtests.",
    )
    threads: int = Field(
        2, ge=1, le=64, description="Models that dbt builds at the same time."
    )
    host: str = Field(
        "127.0.0.1",
        description="Address the services listen on; the default is this machine only.",
    )
    api_port: Port = Field(8000, description="Port of the API.")
    api_requests_per_minute: int = Field(
        6_000,
        ge=1,
        description="Requests a minute that the API answers to one key, at most.",
    )
    api_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Web pages of other origins that may use the API, such as "
        "https://desk.example.com, separated by commas. Unset: none.",
    )
    prefect_port: Port = Field(4200, description="Port of Prefect's server and UI.")
    dashboards: Literal["yes", "no"] = Field(
        "yes", description="Whether Superset is started beside the services."
    )
    superset_port: Port = Field(8088, description="Port of Superset.")
    superset_database: str = Field(
        "superset",
        pattern=r"^[a-z_][a-z0-9_]{0,50}$",
        description="Database of Superset's own, on the desk's server; also the name "
        "of its owner.",
    )
    notify_urls: SecretStr | None = Field(
        None,
        description="Who is told what happens: addresses as Apprise writes them, "
        "separated by spaces (mailto://…, tgram://…, slack://…, json://…).",
    )
    notify_signals: Telling = Field(
        "off",
        description="Whether new signals are told: off, digest (one message a pass, "
        "of all such kinds) or immediate (a message each).",
    )
    notify_fills: Telling = Field("off", description="Fills of orders, likewise.")
    notify_blocked: Telling = Field(
        "off", description="Signals that gave no order, with why, likewise."
    )
    notify_failed_loads: Telling = Field(
        "off",
        description="Loads that failed, died or got nothing for a symbol, likewise.",
    )
    notify_halts: Telling = Field(
        "off", description="Halts, by a person or by the desk itself, likewise."
    )
    notify_report: Telling = Field(
        "off", description="The session's report, an attached HTML page, likewise."
    )
    keep_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days that logs, the diary of stages and Prefect's runs are kept.",
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="Logs for people (console) or for machines (json)."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="Least serious log event that is shown."
    )

    @field_validator("home", "pg_bin", "symbols_file", "files_path")
    @classmethod
    def _from_project(cls, path: Path | None) -> Path | None:
        return path if path is None else PROJECT / path.expanduser()

    @field_validator("symbols", "traded_strategies", "api_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("strategy_parameters", mode="before")
    @classmethod
    def _parse_parameters(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        given: dict[str, dict[str, Any]] = {}
        for part in filter(None, map(str.strip, value.split(","))):
            matched = re.fullmatch(r"(\w+)\.(\w+)\s*=\s*(\S+)", part)
            if matched is None:
                raise ValueError(f"{part!r} is not strategy.parameter=value")
            strategy, name, text = matched.groups()
            if name in given.get(strategy, {}):
                raise ValueError(f"{strategy}.{name} is given twice")
            try:
                given.setdefault(strategy, {})[name] = json.loads(text)
            except ValueError:
                raise ValueError(
                    f"{part!r} must end in a number, true or false"
                ) from None
        return given

    @field_validator("traded_strategies", "strategy_parameters")
    @classmethod
    def _are_strategies(cls, names: Collection[str]) -> Collection[str]:
        # One that no signal comes from would block those of all others for good.
        known = {path.stem for path in STRATEGIES.glob("*.sql")} if names else set()
        if unknown := [name for name in names if name not in known]:
            raise ValueError(
                f"there is no strategy {unknown[0]}; known are "
                f"{', '.join(sorted(known))}"
            )
        return names

    @field_validator("yfinance_url", "alpaca_data_url", "alpaca_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url

    @field_validator("database_url")
    @classmethod
    def _is_postgres_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        try:
            conninfo_to_dict(url.get_secret_value())
        except ProgrammingError:
            raise ValueError(
                "is not a valid address: postgresql://user:password@host:port/name"
            ) from None
        return url


def load_settings(**given: object) -> Settings:
    """Settings from the environment and `.env`, but for those given.

    Raises `SettingError` naming the first setting that is unknown or can't be
    read, and its value (never a secret one), or the file that is no text.
    """
    try:
        written = dotenv_values(PROJECT / ENV_FILE)
    except UnicodeDecodeError:
        raise SettingError(ENV_FILE, PROJECT / ENV_FILE, "is not UTF-8 text") from None
    for variable, value in {**written, **os.environ}.items():
        if variable.startswith(PREFIX):
            _check_known(variable, value)
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as invalid:
        first = invalid.errors()[0]
        (name,) = (
            name
            for name in Settings.model_fields
            if first["loc"][0] in (name, variable_of(name))
        )
        secret = Settings.model_fields[name].annotation == SecretStr | None
        value = "***" if secret else first["input"]
        raise SettingError(
            variable_of(name), value, first["msg"].removeprefix("Value error, ")
        ) from None


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    alias = Settings.model_fields[name].validation_alias
    return str(alias or PREFIX + name.upper())


def _check_known(variable: str, value: str | None) -> None:
    known = [variable_of(name) for name in Settings.model_fields]
    if variable not in known:
        close = difflib.get_close_matches(variable, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "see .env.example"
        raise SettingError(variable, value, f"there is no such setting; {hint}")
