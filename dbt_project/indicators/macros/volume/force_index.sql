{#
Force index (Elder): the exponential average of the bars' force. Above 0 the buyers
are stronger; 13 bars show who leads, 2 bars where to enter.

    force index = ema((close - close[t - 1]) * volume)

`force` is the column force makes:

    forces: {{ indicators.force('close', 'volume') }} as force
    then:   {{ indicators.force_index('force', 13) }}

NULL on the first `period` bars; the first value is the mean of the first `period`
forces. NULL where the force is NULL, which is passed over.
#}
{% macro force_index(force, period=13) %}
    {%- do indicators.check_columns('force_index', {'force': force}) -%}
    {%- do indicators.check_period('force_index', 'period', period) -%}
    {{ indicators.recursive_average(force, period, 2 / (period + 1)) }}
{%- endmacro %}
