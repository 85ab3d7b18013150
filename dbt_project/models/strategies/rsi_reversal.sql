-- Mean reversion, Wilder's rule: not when the RSI enters an extreme but when it
-- comes back out. In as it leaves oversold, out as it leaves overbought.
{{
    strategy(
        buy=crosses_above('rsi_14', 30),
        sell=crosses_below('rsi_14', 70),
        parameters={'period_bars': 14, 'oversold': 30, 'overbought': 70},
    )
}}
