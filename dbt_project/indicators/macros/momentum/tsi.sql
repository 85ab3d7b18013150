{#
True strength index, -100 to 100 (Blau): the change of the price, smoothed twice, as a
share of the size of its changes, smoothed alike. Above 0 the move is up.

    tsi = 100 * ema(ema(x - x[t - 1], long), short)
        / ema(ema(|x - x[t - 1]|, long), short)

Each average is seeded by the mean of its own first values. NULL until long + short
values are there; 0 for prices that never moved. NULL where the value is NULL, which
is passed over.
#}
{% macro tsi(column, long=25, short=13) %}
    {%- do indicators.check_columns('tsi', {'column': column}) -%}
    {%- do indicators.check_period('tsi', 'long', long) -%}
    {%- do indicators.check_period('tsi', 'short', short) -%}
    {{- adapter.dispatch('tsi', 'indicators')(column, long, short) -}}
{%- endmacro %}

{% macro postgres__tsi(column, long, short) -%}
    {%- set state -%}
        ({{ indicators.function('smoothed_changes') }}(
            {{ column }}, {{ long }}, {{ short }}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ column }} is null or {{ state }}[1] < {{ long + short }} then null
        when {{ state }}[6] > 0 then 100 * ({{ state }}[5] / {{ state }}[6])
        else 0
    end
{%- endmacro %}

{% macro default__tsi(column, long, short) %}
    {% do indicators.stop_here('tsi') %}
{% endmacro %}
