{# A strategy's name as a trader writes it: "MACD cross". #}
{% macro strategy_in_words(column) -%}
    case {{ column }}
        {%- for name in strategy_names() + ['buy_and_hold'] %}
        {%- set words = [] %}
        {%- for word in name.split('_') %}
        {%- set is_short = word in ['adx', 'atr', 'ema', 'macd', 'rsi', 'sma'] %}
        {%- do words.append(word | upper if is_short else word) %}
        {%- endfor %}
        {%- set said = words | join(' ') %}
        when '{{ name }}' then '{{ said[0] | upper ~ said[1:] }}'
        {%- endfor %}
        else replace({{ column }}, '_', ' ')
    end
{%- endmacro %}
