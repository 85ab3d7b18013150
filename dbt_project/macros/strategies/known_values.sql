{#
What a strategy can look at: columns of int_bars and int_indicators, with the
name a trader reads and whether the value is a price level (in dollars, so that
splits and dividends move it) or free of scale.
#}
{% macro known_values() %}
    {{ return({
        'open': {'label': 'open', 'is_price_level': true},
        'high': {'label': 'high', 'is_price_level': true},
        'low': {'label': 'low', 'is_price_level': true},
        'close': {'label': 'close', 'is_price_level': true},
        'sma_20': {'label': 'SMA 20', 'is_price_level': true},
        'sma_50': {'label': 'SMA 50', 'is_price_level': true},
        'sma_200': {'label': 'SMA 200', 'is_price_level': true},
        'ema_12': {'label': 'EMA 12', 'is_price_level': true},
        'ema_26': {'label': 'EMA 26', 'is_price_level': true},
        'macd': {'label': 'MACD', 'is_price_level': true},
        'macd_signal': {'label': 'MACD signal', 'is_price_level': true},
        'macd_histogram': {'label': 'MACD histogram', 'is_price_level': true},
        'rsi_14': {'label': 'RSI 14', 'is_price_level': false},
        'bollinger_upper_20': {
            'label': 'upper Bollinger band', 'is_price_level': true
        },
        'bollinger_middle_20': {
            'label': 'middle Bollinger band', 'is_price_level': true
        },
        'bollinger_lower_20': {
            'label': 'lower Bollinger band', 'is_price_level': true
        },
        'atr_14': {'label': 'ATR 14', 'is_price_level': true},
    }) }}
{% endmacro %}
