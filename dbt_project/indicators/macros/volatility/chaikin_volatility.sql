{#
Chaikin volatility: the average range's change over the last `period` bars in
percent. A fast rise is nervous (a bottom is near), a slow fall is calm.

    chaikin volatility = 100 * (average range / average range[t - period] - 1)

`average_range` is the column average_range makes, usually over as many bars:

    ranges: {{ indicators.average_range('high', 'low', 10) }} as average_range
    then:   {{ indicators.chaikin_volatility('average_range', 10) }}

NULL on the first `period` average ranges; 0 against an average range of 0.
#}
{% macro chaikin_volatility(average_range, period=10) %}
    {%- do indicators.check_columns(
        'chaikin_volatility', {'average_range': average_range}
    ) -%}
    {%- do indicators.check_period('chaikin_volatility', 'period', period) -%}
    {{ indicators.roc(average_range, period) }}
{%- endmacro %}
