{#
The sum of the last values, each times its weight; `weights` begins with the current
bar's. NULL until there are so many values, and while one of them is NULL. Each sum is
made afresh, so none inherits another's rounding.
#}
{% macro weighted_sum(column, weights) -%}
    (
        {%- for weight in weights %}
        {{ '+ ' if not loop.first }}({{ weight }})
        {%- if loop.first %} * {{ column }}
        {%- else %} * {{ indicators.bars_ago(column, loop.index0) }}
        {%- endif %}
        {%- endfor %}
    )
{%- endmacro %}
