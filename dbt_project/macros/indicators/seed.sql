{#
The series an exponential average is fed with: NULL while it warms up, then the
mean of the first `period` values, then the values themselves.

Leading NULLs are skipped: the seed is the mean of the first `period` values
that exist. After them the column must have no gap.
#}
{% macro seed(column, period) %}
    {%- do check_period('seed', 'period', period) -%}
    {%- set values_so_far -%}
        count({{ column }}) over (
            partition by symbol
            order by bar_date
            rows between unbounded preceding and current row
        )
    {%- endset -%}
    case
        when {{ values_so_far }} > {{ period }} then {{ column }}
        when {{ values_so_far }} = {{ period }}
            then avg({{ column }}) over {{ last_bars(period) }}
    end
{%- endmacro %}
