-- Trend following: in on the golden cross, out on the death cross.
{{
    strategy(
        buy=crosses_above('sma_50', 'sma_200'),
        sell=crosses_below('sma_50', 'sma_200'),
        parameters={'fast_bars': 50, 'slow_bars': 200},
    )
}}
