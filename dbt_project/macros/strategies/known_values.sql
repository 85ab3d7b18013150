{#
What a strategy can look at, with the name a trader reads and its terms (see
indicator_columns): columns of int_bars, of the tables that int_indicators joins and of
int_momentum_ranks.
#}
{% macro known_values() %}
    {% set known = {
        'open': {'label': 'open', 'terms': 'price', 'model': 'int_bars'},
        'high': {'label': 'high', 'terms': 'price', 'model': 'int_bars'},
        'low': {'label': 'low', 'terms': 'price', 'model': 'int_bars'},
        'close': {'label': 'close', 'terms': 'price', 'model': 'int_bars'},
        'volume': {'label': 'volume', 'terms': 'volume', 'model': 'int_bars'},
        'momentum_rank': {
            'label': 'momentum rank', 'terms': 'ratio', 'model': 'int_momentum_ranks'
        },
        'momentum_252': {
            'label': '12-month return', 'terms': 'ratio',
            'model': 'int_momentum_ranks',
        },
    } %}
    {% for column, about in indicator_columns().items() %}
        {% do known.update({column: dict(about, model='int_' ~ about.family)}) %}
    {% endfor %}
    {{ return(known) }}
{% endmacro %}

{#
A value that is not stored, computed for the one strategy that asks: an indicator's
name and a number of bars, such as sma_10 or donchian_lower_55. None if there is no
such indicator.
#}
{% macro computed_value(name) %}
    {% set indicator, _, bars = name.rpartition('_') %}
    {% set known = computed_indicators() %}
    {% if indicator not in known or not bars.isdigit() %}
        {{ return(none) }}
    {% endif %}
    {% set terms, label = known[indicator] %}
    {{ return({
        'label': label ~ ' ' ~ bars if label[0] != '-' else bars ~ label,
        'terms': terms,
        'sql': computed_sql(indicator, bars | int) if bars | int else
            indicators.check_period(indicator, 'period', 0),
    }) }}
{% endmacro %}

{# Terms and label of the indicators that take a number of bars from their name. #}
{% macro computed_indicators() %}
    {{ return({
        'sma': ['price', 'SMA'],
        'ema': ['price', 'EMA'],
        'rsi': ['ratio', 'RSI'],
        'roc': ['ratio', 'ROC'],
        'bollinger_upper': ['price', 'upper Bollinger band'],
        'bollinger_middle': ['price', 'middle Bollinger band'],
        'bollinger_lower': ['price', 'lower Bollinger band'],
        'donchian_upper': ['price', '-bar high'],
        'donchian_lower': ['price', '-bar low'],
        'volume_sma': ['volume', 'volume SMA'],
    }) }}
{% endmacro %}

{% macro computed_sql(indicator, bars) -%}
    {%- if indicator == 'sma' -%} {{ indicators.sma('close', bars) }}
    {%- elif indicator == 'ema' -%} {{ indicators.ema('close', bars) }}
    {%- elif indicator == 'rsi' -%} {{ indicators.rsi('close', bars) }}
    {%- elif indicator == 'roc' -%} {{ indicators.roc('close', bars) }}
    {%- elif indicator == 'bollinger_upper' -%}
        {{ indicators.bollinger('close', bars, 2) }}
    {%- elif indicator == 'bollinger_middle' -%} {{ indicators.sma('close', bars) }}
    {%- elif indicator == 'bollinger_lower' -%}
        {{ indicators.bollinger('close', bars, -2) }}
    {%- elif indicator == 'donchian_upper' -%}
        {{ indicators.donchian_upper('high', bars) }}
    {%- elif indicator == 'donchian_lower' -%}
        {{ indicators.donchian_lower('low', bars) }}
    {%- elif indicator == 'volume_sma' -%} {{ indicators.sma('volume', bars) }}
    {%- endif -%}
{%- endmacro %}
