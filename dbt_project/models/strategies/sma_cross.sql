-- Trend following: in on the golden cross, out on the death cross.
{% set p = parameters(fast_bars=[2, 400], slow_bars=[2, 400]) %}
{{
    strategy(
        buy=crosses_above('sma_' ~ p.fast_bars, 'sma_' ~ p.slow_bars),
        sell=crosses_below('sma_' ~ p.fast_bars, 'sma_' ~ p.slow_bars),
        parameters=p,
    )
}}
