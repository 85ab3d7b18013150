{#
The indicators of the desk, columns of int_indicators, in the order of the marts:
the family table each is stored in, the name a trader reads, and its terms, which say
what splits and dividends do to it:

price   dollars: divided by the cumulative factor of the day whose terms are wanted
volume  shares: multiplied by the split factor
money   dollars times shares: both
ratio   free of scale
#}
{% macro indicator_columns() %}
    {{ return({
        'sma_20': {'family': 'trend', 'terms': 'price', 'label': 'SMA 20'},
        'sma_50': {'family': 'trend', 'terms': 'price', 'label': 'SMA 50'},
        'sma_200': {'family': 'levels', 'terms': 'price', 'label': 'SMA 200'},
        'ema_12': {'family': 'trend', 'terms': 'price', 'label': 'EMA 12'},
        'ema_26': {'family': 'trend', 'terms': 'price', 'label': 'EMA 26'},
        'ema_200': {'family': 'levels', 'terms': 'price', 'label': 'EMA 200'},
        'macd': {'family': 'trend', 'terms': 'price', 'label': 'MACD'},
        'macd_signal': {'family': 'trend', 'terms': 'price', 'label': 'MACD signal'},
        'macd_histogram': {
            'family': 'trend', 'terms': 'price', 'label': 'MACD histogram'
        },
        'adx_14': {'family': 'trend', 'terms': 'ratio', 'label': 'ADX 14'},
        'plus_di_14': {'family': 'trend', 'terms': 'ratio', 'label': '+DI 14'},
        'minus_di_14': {'family': 'trend', 'terms': 'ratio', 'label': '-DI 14'},
        'rsi_14': {'family': 'momentum', 'terms': 'ratio', 'label': 'RSI 14'},
        'cmo_14': {'family': 'momentum', 'terms': 'ratio', 'label': 'CMO 14'},
        'stochastic_k_14': {
            'family': 'momentum', 'terms': 'ratio', 'label': 'stochastic %K 14'
        },
        'stochastic_d_14': {
            'family': 'momentum', 'terms': 'ratio', 'label': 'stochastic %D 14'
        },
        'williams_r_14': {
            'family': 'momentum', 'terms': 'ratio', 'label': 'Williams %R 14'
        },
        'momentum_10': {'family': 'momentum', 'terms': 'price', 'label': 'momentum 10'},
        'roc_10': {'family': 'momentum', 'terms': 'ratio', 'label': 'ROC 10'},
        'roc_252': {'family': 'levels', 'terms': 'ratio', 'label': 'ROC 252'},
        'atr_14': {'family': 'volatility', 'terms': 'price', 'label': 'ATR 14'},
        'natr_14': {'family': 'volatility', 'terms': 'ratio', 'label': 'NATR 14'},
        'stddev_20': {
            'family': 'volatility', 'terms': 'price', 'label': 'standard deviation 20'
        },
        'bollinger_upper_20': {
            'family': 'volatility', 'terms': 'price', 'label': 'upper Bollinger band'
        },
        'bollinger_middle_20': {
            'family': 'volatility', 'terms': 'price', 'label': 'middle Bollinger band'
        },
        'bollinger_lower_20': {
            'family': 'volatility', 'terms': 'price', 'label': 'lower Bollinger band'
        },
        'bollinger_percent_b_20': {
            'family': 'volatility', 'terms': 'ratio', 'label': 'Bollinger %B'
        },
        'bollinger_width_20': {
            'family': 'volatility', 'terms': 'ratio', 'label': 'Bollinger width'
        },
        'donchian_upper_20': {
            'family': 'volatility', 'terms': 'price', 'label': '20-bar high'
        },
        'donchian_lower_20': {
            'family': 'volatility', 'terms': 'price', 'label': '20-bar low'
        },
        'historical_volatility_20': {
            'family': 'volatility', 'terms': 'ratio', 'label': 'volatility 20'
        },
        'high_252': {'family': 'levels', 'terms': 'price', 'label': '52-week high'},
        'low_252': {'family': 'levels', 'terms': 'price', 'label': '52-week low'},
        'peak': {'family': 'levels', 'terms': 'price', 'label': 'peak'},
        'drawdown': {'family': 'levels', 'terms': 'ratio', 'label': 'drawdown'},
        'obv': {'family': 'volume', 'terms': 'volume', 'label': 'OBV'},
        'ad_line': {'family': 'volume', 'terms': 'volume', 'label': 'A/D line'},
        'chaikin_money_flow_20': {
            'family': 'volume', 'terms': 'ratio', 'label': 'Chaikin money flow 20'
        },
        'mfi_14': {'family': 'volume', 'terms': 'ratio', 'label': 'MFI 14'},
        'force_index_13': {
            'family': 'volume', 'terms': 'money', 'label': 'force index 13'
        },
        'volume_sma_20': {
            'family': 'volume', 'terms': 'volume', 'label': 'volume SMA 20'
        },
        'vwap_20': {'family': 'volume', 'terms': 'price', 'label': 'VWAP 20'},
    }) }}
{% endmacro %}
