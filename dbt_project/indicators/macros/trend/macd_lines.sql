{#
The averages inside the MACD at each bar, an lseg (see create_macd_lines); macd_signal,
macd_fast and macd_slow read it, and Postgres computes it once for all of them.
`resume`: the columns of the stored fast and slow averages and signal line, NULL but
on one row; the rows after it go on from there.
#}
{% macro macd_lines(column, fast, slow, signal, resume=none) %}
    {{- adapter.dispatch('macd_lines', 'indicators')(
        column, fast, slow, signal, resume
    ) -}}
{% endmacro %}

{% macro postgres__macd_lines(column, fast, slow, signal, resume) -%}
    ({{ indicators.function('macd_lines') }}(
        {{ column }}, {{ fast }}, {{ slow }}, {{ signal }}
        {%- for stored in resume or [] %}, {{ stored }}{% endfor %}
    ) over {{ indicators.bars_so_far() }})
{%- endmacro %}

{% macro default__macd_lines(column, fast, slow, signal, resume) %}
    {% do indicators.stop_here('macd_lines') %}
{% endmacro %}

{# Checks what macd_signal, macd_fast and macd_slow are given. #}
{% macro check_macd_lines(macro_name, column, fast, slow, signal) %}
    {% do indicators.check_columns(macro_name, {'column': column}) %}
    {% do indicators.check_period(macro_name, 'fast', fast) %}
    {% do indicators.check_period(macro_name, 'slow', slow, at_least=fast + 1) %}
    {% do indicators.check_period(macro_name, 'signal', signal) %}
{% endmacro %}
