-- Momentum: in as the MACD crosses above its signal line, out as it crosses below.
-- The MACD is the stored one, of 12, 26 and 9 bars.
{{
    strategy(
        buy=crosses_above('macd', 'macd_signal'),
        sell=crosses_below('macd', 'macd_signal'),
    )
}}
