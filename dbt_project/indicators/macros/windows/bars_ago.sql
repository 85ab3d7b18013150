{# The column's value so many bars ago; NULL where the series is too short. #}
{% macro bars_ago(column, bars) -%}
    lag({{ column }}, {{ bars }}) over {{ indicators.bars_so_far() }}
{%- endmacro %}
