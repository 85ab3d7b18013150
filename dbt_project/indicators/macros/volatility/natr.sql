{#
Normalised average true range: atr in percent of the close, so that symbols of
different prices compare.

    natr = 100 * atr / close

In percent for a `period` of 1, too, where TA-Lib gives the true range itself. NULL on
the first `period` bars; 0 for a close of 0. `resume`: see atr.
#}
{% macro natr(high, low, close, period=14, resume=none) %}
    {%- do indicators.check_columns(
        'natr', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- do indicators.check_period('natr', 'period', period) -%}
    {%- do indicators.check_resume('natr', resume) -%}
    {%- set range = indicators.atr(high, low, close, period, resume) -%}
    case
        when {{ close }} = 0 then 0 * {{ range }}
        else 100 * {{ range }} / {{ close }}
    end
{%- endmacro %}
