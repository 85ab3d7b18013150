import textwrap
from decimal import Decimal
from pathlib import Path

import pytest

from desk.errors import SettingError
from desk.settings import PROJECT, Settings, load_settings, variable_of
from flows.doctor import examine

HEADER = """\
# Every setting of Desk with its default and meaning. Copy this file to `.env`
# and uncomment what you change; variables of the same name in the environment
# win. Relative paths are taken from the project's folder.
"""


def documented() -> str:
    blocks = [HEADER]
    for name, field in Settings.model_fields.items():
        meaning = textwrap.fill(
            field.description or "", 79, initial_indent="# ", subsequent_indent="# "
        )
        default = "" if field.default in (None, (), {}) else field.default
        default = str(default).lower() if isinstance(default, bool) else default
        blocks.append(f"{meaning}\n#{variable_of(name)}={default}\n")
    return "\n".join(blocks)


def test_env_example_documents_every_setting() -> None:
    assert (PROJECT / ".env.example").read_text() == documented()


def test_every_setting_says_what_it_means() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_settings_are_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DESK_SYMBOLS", "AAPL, BRK-B ,TRUE,NAN")
    monkeypatch.setenv("DESK_POSITION_WEIGHT", "0.25")
    monkeypatch.setenv("DESK_AS_OF", "")

    settings = load_settings()

    assert settings.symbols == ("AAPL", "BRK-B", "TRUE", "NAN")
    assert settings.position_weight == Decimal("0.25")
    assert settings.as_of is None


def test_strategies_take_single_parameters_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = (
        "sma_cross.fast_bars=20, sma_cross.has_shorts=true,rsi_reversal.oversold=25.5"
    )
    monkeypatch.setenv("DESK_STRATEGY_PARAMETERS", given)

    assert load_settings().strategy_parameters == {
        "sma_cross": {"fast_bars": 20, "has_shorts": True},
        "rsi_reversal": {"oversold": 25.5},
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESK_STRATEGY_PARAMETERS", "sma_cross=20"),
        ("DESK_STRATEGY_PARAMETERS", "a.fast_bars=20,b.fast_bars=9,a.fast_bars=30"),
        ("DESK_STRATEGY_PARAMETERS", "sma_cross.fast_bars=many"),
        ("DESK_PRICE_SOURCE", "bloomberg"),
        ("DESK_API_PORT", "eighty"),
        ("DESK_API_PORT", "70000"),
        ("DESK_AS_OF", "2013-02-30"),
        ("DESK_POSITION_WEIGHT", "1.5"),
        ("DESK_STARTING_CASH", "NaN"),
        ("DESK_BROKER", "live"),
        ("DESK_THREADS", "0"),
        ("DESK_ALPACA_FEED", "all"),
        ("DESK_YFINANCE_URL", "localhost:8000"),
        ("DESK_OVERLAP_SESSIONS", "0"),
    ],
)
def test_a_malformed_setting_is_named_with_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingError) as refused:
        load_settings()

    assert str(refused.value).startswith(f"{name}={value}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESK_TRADED_STRATEGIES", "donchian,sma_cros"),
        ("DESK_STRATEGY_PARAMETERS", "sma_cros.fast_bars=20"),
    ],
)
def test_a_strategy_that_is_none_is_refused_with_those_there_are(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingError) as refused:
        load_settings()

    assert str(refused.value) == (
        f"{name}={value}: there is no strategy sma_cros; known are "
        "bollinger_breakout, donchian, dual_momentum, ema_cross, macd_cross, "
        "rsi_reversal, sma_cross"
    )


def test_a_malformed_database_url_is_refused_without_showing_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DESK_DATABASE_URL", "mysql://desk:hunter2@localhost/desk")

    with pytest.raises(SettingError, match="DESK_DATABASE_URL") as refused:
        load_settings()

    assert "hunter2" not in str(refused.value)


def test_alpacas_own_variables_hold_its_keys_which_are_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("APCA_API_KEY_ID", "PKHUNTER2")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "hunter2")

    settings = load_settings()

    assert settings.alpaca_key_id is not None
    assert settings.alpaca_key_id.get_secret_value() == "PKHUNTER2"
    assert "hunter2" not in repr(settings).lower()


def test_a_misspelt_setting_is_refused_with_the_likely_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DESK_PRICE_SORCE", "yfinance")

    with pytest.raises(SettingError, match=r"did you mean DESK_PRICE_SOURCE\?"):
        load_settings()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_of_settings_that_is_not_utf_8_is_named(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("DESK_THREADS=2  # für zwei", encoding=encoding)
    monkeypatch.setattr("desk.settings.PROJECT", tmp_path)

    (finding,) = examine()

    assert finding.told == f".env={tmp_path / '.env'}: is not UTF-8 text"
    assert "unset" not in finding.advice


def test_relative_paths_are_taken_from_the_project() -> None:
    assert Settings(home=Path("here")).home == PROJECT / "here"
    assert Settings(home=Path("/there")).home == Path("/there")
