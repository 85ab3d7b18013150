{# Typical price: the mean of high, low and close. #}
{% macro typical_price(high, low, close) -%}
    {%- do indicators.check_columns(
        'typical_price', {'high': high, 'low': low, 'close': close}
    ) -%}
    ({{ high }} + {{ low }} + {{ close }}) / cast(3 as double precision)
{%- endmacro %}
