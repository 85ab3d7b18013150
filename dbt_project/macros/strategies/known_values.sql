{#
What a strategy can look at: columns of int_bars and int_indicators, with the name a
trader reads and their terms (see indicator_columns).
#}
{% macro known_values() %}
    {% set known = {
        'open': {'label': 'open', 'terms': 'price'},
        'high': {'label': 'high', 'terms': 'price'},
        'low': {'label': 'low', 'terms': 'price'},
        'close': {'label': 'close', 'terms': 'price'},
        'volume': {'label': 'volume', 'terms': 'volume'},
    } %}
    {% do known.update(indicator_columns()) %}
    {{ return(known) }}
{% endmacro %}
