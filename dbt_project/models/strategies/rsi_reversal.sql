-- Mean reversion, Wilder's rule: not when the RSI enters an extreme but when it
-- comes back out. In as it leaves oversold, out as it leaves overbought.
{% set p = parameters(period_bars=[2, 400], oversold=[1, 50], overbought=[50, 99]) %}
{{
    strategy(
        buy=crosses_above('rsi_' ~ p.period_bars, p.oversold),
        sell=crosses_below('rsi_' ~ p.period_bars, p.overbought),
        parameters=p,
    )
}}
