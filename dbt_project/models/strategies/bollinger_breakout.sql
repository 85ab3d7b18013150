-- Volatility breakout: in as the close leaves the upper Bollinger band (two
-- deviations) upwards, out as it falls back through the middle one.
{% set p = parameters(period_bars=[2, 400]) %}
{{
    strategy(
        buy=crosses_above('close', 'bollinger_upper_' ~ p.period_bars),
        sell=crosses_below('close', 'bollinger_middle_' ~ p.period_bars),
        parameters=p,
    )
}}
