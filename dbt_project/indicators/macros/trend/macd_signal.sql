{#
MACD signal line: the MACD line's own exponential average. The line crossing it is
the usual sign that a move has turned.

    macd_signal = ema(macd(fast, slow), signal)

NULL until `signal` values of the MACD line are there; the first is their mean.
`resume`: the columns of the stored fast and slow averages and signal line, see
recursive_average.
#}
{% macro macd_signal(column, fast=12, slow=26, signal=9, resume=none) %}
    {%- do indicators.check_columns('macd_signal', {'column': column}) -%}
    {%- do indicators.check_period('macd_signal', 'fast', fast) -%}
    {%- do indicators.check_period('macd_signal', 'slow', slow, at_least=fast + 1) -%}
    {%- do indicators.check_period('macd_signal', 'signal', signal) -%}
    {{- adapter.dispatch('macd_signal', 'indicators')(
        column, fast, slow, signal, resume
    ) -}}
{% endmacro %}

{% macro postgres__macd_signal(column, fast, slow, signal, resume) -%}
    {%- set state -%}
        ({{ indicators.function('macd_lines') }}(
            {{ column }}, {{ fast }}, {{ slow }}, {{ signal }}
            {%- for stored in resume or [] %}, {{ stored }}{% endfor %}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ column }} is not null and ({{ state }}[0])[0] >= {{ slow + signal - 1 }}
            then ({{ state }}[1])[1]
    end
{%- endmacro %}
