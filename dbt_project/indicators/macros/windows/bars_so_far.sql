{# The window over a symbol's bars from its first to the current one. #}
{% macro bars_so_far() -%}
    (
        {{ indicators.series() }}
        rows between unbounded preceding and current row
    )
{%- endmacro %}
