"""Every macro that other engines have, on flat, tied, wild and missing prices.

The columns have names of their own: the desk's never are NULL, and say so (not_null).
"""

HLC = "'day_high', 'day_low', 'day_close'"
CALLS = {
    **dict.fromkeys(("adx", "plus_di", "minus_di", "true_range_sum"), f"{HLC}, 5"),
    **dict.fromkeys(("atr", "natr"), f"{HLC}, 5"),
    **dict.fromkeys(("stochastic_fast_k", "williams_r"), f"{HLC}, 5"),
    **dict.fromkeys(("average_gain", "average_loss", "cmo", "rsi"), "'day_close', 5"),
    **dict.fromkeys(("ema", "sma", "trima", "momentum", "roc"), "'day_close', 5"),
    **dict.fromkeys(("macd_fast", "macd_signal", "macd_slow"), "'day_close', 3, 6, 4"),
    "macd": "'day_close', 3, 6",
    **dict.fromkeys(("bollinger", "standard_deviation"), "'day_close', 5"),
    **dict.fromkeys(("bollinger_percent_b", "bollinger_width"), "'day_close', 5"),
    **dict.fromkeys(("rolling_max", "rolling_min", "rolling_sum"), "'day_close', 5"),
    "donchian_upper": "'day_high', 5",
    "donchian_lower": "'day_low', 5",
    **dict.fromkeys(("drawdown", "peak", "log_return"), "'day_close'"),
    **dict.fromkeys(("chaikin_money_flow", "vwap"), f"{HLC}, 'day_volume', 5"),
    **dict.fromkeys(
        ("ad_line", "money_flow", "money_flow_volume"), f"{HLC}, 'day_volume'"
    ),
    **dict.fromkeys(("force", "obv"), "'day_close', 'day_volume'"),
    "typical_price": HLC,
    # Over columns that others make: here any will do.
    "historical_volatility": "'change', 5",
    "mfi": "'change', 5",
}
SERIES = """
with numbered as (
    select
        symbol,
        cast(bar_number as integer) as bar_number,
        cast(bar_number * 7919 % 101 as double precision) / 8 as luck
    from {days} as days (bar_number)
    cross join (values ('still'), ('missing'), ('tied'), ('wild')) as s (symbol)
),

priced as (
    select
        *,
        date '2020-01-01' + bar_number as bar_date,
        case symbol
            when 'still' then 10
            when 'missing' then case when bar_number % 7 > 1 then 50 + luck end
            when 'tied' then 50 + bar_number % 3
            else 50 + luck
        end as day_close,
        case when bar_number % 5 = 0 then 0 else 100 * luck end as day_volume
    from numbered
),

bars as (
    select
        *,
        day_close + case symbol when 'wild' then luck / 3 else 0 end as day_high,
        day_close - case symbol when 'wild' then luck / 5 else 0 end as day_low,
        case when bar_number > 2 then day_close - 50 end as change
    from priced
)
"""


def every_macro(days: str = "generate_series(1, 60)") -> str:
    """A select, as Jinja, of each of them over some symbols' bars."""
    calls = (
        f"{{{{ indicators.{name}({given}) }}}} as {name}_value"
        for name, given in CALLS.items()
    )
    return f"""
        {SERIES.format(days=days)}
        select symbol, bar_number, {", ".join(calls)}
        from {{{{ indicators.walked('bars') }}}}
    """
