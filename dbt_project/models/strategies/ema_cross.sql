-- Trend following with a filter: in as the fast average crosses the slow one while the
-- price is above the long trend, out as it crosses back.
{% set p = parameters(fast_bars=[2, 400], slow_bars=[2, 400], trend_bars=[2, 400]) %}
{{
    strategy(
        buy=all_of(
            crosses_above('ema_' ~ p.fast_bars, 'ema_' ~ p.slow_bars),
            above('close', 'ema_' ~ p.trend_bars),
        ),
        sell=crosses_below('ema_' ~ p.fast_bars, 'ema_' ~ p.slow_bars),
        parameters=p,
    )
}}
