{#
Wilder's averages of the ups and of the downs at each bar, an lseg (see
create_gains_and_losses); rsi, cmo, average_gain and average_loss read it, and
Postgres computes it once for all of them. `resume`: the columns of the stored
average gain and loss, NULL but on one row; the rows after it go on from there.
#}
{% macro gains_and_losses(column, period, resume=none) %}
    {{- adapter.dispatch('gains_and_losses', 'indicators')(column, period, resume) -}}
{% endmacro %}

{% macro postgres__gains_and_losses(column, period, resume) -%}
    ({{ indicators.function('gains_and_losses') }}(
        {{ column }}, {{ period }}
        {%- for stored in resume or [] %}, {{ stored }}{% endfor %}
    ) over {{ indicators.bars_so_far() }})
{%- endmacro %}

{% macro default__gains_and_losses(column, period, resume) %}
    {% do indicators.stop_here('gains_and_losses') %}
{% endmacro %}
