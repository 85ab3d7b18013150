{#
Average true range: how far the price travels on a usual bar, in dollars. Stops
and position sizes are set in multiples of it.

    atr = rma(true range)

`seeded` is seed(true range, period): the first value comes `period` bars after
the first bar, the mean of the first `period` true ranges.
#}
{% macro atr(seeded, period) %}
    {%- do check_period('atr', 'period', period) -%}
    {{ rma(seeded, period) }}
{%- endmacro %}
