{#
Kaufman's adaptive moving average: quick in a straight move, nearly still in a
sideways one. How straight: the change over `period` bars as a share of the way there.

    efficiency = |x - x[t - period]| / sum(|x - x[t - 1]|)
    speed = (efficiency * (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1))^2
    kama = kama[t - 1] + speed * (x - kama[t - 1])

As in TA-Lib: the value before starts it; a price that stood still for `period` bars
has efficiency 1. NULL on the first `period` bars. NULL where the value is NULL,
which is passed over.
#}
{% macro kama(column, period=10, fast=2, slow=30) %}
    {%- do indicators.check_columns('kama', {'column': column}) -%}
    {%- do indicators.check_period('kama', 'period', period) -%}
    {%- do indicators.check_period('kama', 'fast', fast) -%}
    {%- do indicators.check_period('kama', 'slow', slow, at_least=fast + 1) -%}
    {{- adapter.dispatch('kama', 'indicators')(column, period, fast, slow) -}}
{%- endmacro %}

{% macro postgres__kama(column, period, fast, slow) -%}
    {%- set state -%}
        ({{ indicators.function('adaptive_average') }}(
            {{ column }}, {{ period }}, {{ fast }}, {{ slow }}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ column }} is not null and {{ state }}[1] > {{ period }}
            then {{ state }}[2]
    end
{%- endmacro %}

{% macro default__kama(column, period, fast, slow) %}
    {% do indicators.stop_here('kama') %}
{% endmacro %}
