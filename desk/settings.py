"""Every setting of the desk, read once at the edge and passed in."""

import difflib
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from desk.errors import SettingError

PROJECT = Path(__file__).resolve().parents[1]
PREFIX = "DESK_"

Port = Annotated[int, Field(ge=1, le=65535)]
BasisPoints = Annotated[Decimal, Field(ge=0, le=1000)]


class Settings(BaseSettings):
    """Settings from the environment (`DESK_…`) and from `.env`.

    Each field's description is its documentation in `.env.example`. Relative
    paths are taken from the project's folder.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=PROJECT / ".env",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
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
    price_source: Literal["sample", "yfinance"] = Field(
        "sample",
        description="Where daily prices come from: sample (real prices 2000-2013, "
        "no network) or yfinance.",
    )
    symbols: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Universe, separated by commas. Unset: all that the sample has; "
        "yfinance needs it.",
    )
    since: date = Field(
        date(2000, 1, 1),
        description="First session to load from a vendor (YYYY-MM-DD).",
    )
    as_of: date | None = Field(
        None,
        description="The desk's today (YYYY-MM-DD), taken as that evening. Unset: now; "
        "with the sample source, the evening of its last session.",
    )
    broker: Literal["dry-run"] = Field(
        "dry-run",
        description="Who takes the orders: dry-run (a simulated account in Postgres).",
    )
    starting_cash: Decimal = Field(
        Decimal(100_000),
        gt=0,
        description="Cash of the dry-run account and of each backtest, US dollars.",
    )
    position_weight: Decimal = Field(
        Decimal("0.1"),
        gt=0,
        le=1,
        description="Share of the account's equity that one entry takes.",
    )
    commission_bps: BasisPoints = Field(
        Decimal(1),
        description="Commission per fill, basis points of its value, in dry runs "
        "and backtests.",
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
    prefect_port: Port = Field(4200, description="Port of Prefect's server and UI.")
    log_format: Literal["console", "json"] = Field(
        "console", description="Logs for people (console) or for machines (json)."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="Least serious log event that is shown."
    )

    @field_validator("home", "pg_bin")
    @classmethod
    def _from_project(cls, path: Path | None) -> Path | None:
        return path if path is None else PROJECT / path.expanduser()

    @field_validator("symbols", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

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


def load_settings() -> Settings:
    """Settings from the environment and `.env`.

    Raises `SettingError` naming the first setting that is unknown or can't be
    read, and its value (never a secret one).
    """
    written = dotenv_values(PROJECT / ".env")
    for variable, value in {**written, **os.environ}.items():
        if variable.startswith(PREFIX):
            _check_known(variable, value)
    try:
        return Settings()
    except ValidationError as invalid:
        first = invalid.errors()[0]
        name = str(first["loc"][0])
        secret = name == "database_url"
        value = "***" if secret else first["input"]
        raise SettingError(
            PREFIX + name.upper(), value, first["msg"].removeprefix("Value error, ")
        ) from None


def _check_known(variable: str, value: str | None) -> None:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    if variable not in known:
        close = difflib.get_close_matches(variable, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "see .env.example"
        raise SettingError(variable, value, f"there is no such setting; {hint}")
