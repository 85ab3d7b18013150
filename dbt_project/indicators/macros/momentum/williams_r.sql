{#
Williams %R, -100 to 0: how far the close stands below the highest high of the last
`period` bars, in percent of their range. Above -20 is called overbought, below -80
oversold.

    williams_r = -100 * (highest high - close) / (highest high - lowest low)

NULL until `period` bars are there, and while a price of them is NULL; 0 when the price
has no range but rounding, as in TA-Lib.
#}
{% macro williams_r(high, low, close, period=14) %}
    {%- do indicators.check_columns(
        'williams_r', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- do indicators.check_period('williams_r', 'period', period) -%}
    {%- set highest = indicators.max_of_last(high, period) -%}
    {%- set lowest = indicators.min_of_last(low, period) -%}
    {%- set position -%}
        case
            when {{ highest }} - {{ lowest }}
                > 1e-14 * (abs({{ highest }}) + abs({{ lowest }}))
                then -100 * (
                    ({{ highest }} - {{ close }}) / ({{ highest }} - {{ lowest }})
                )
            else 0
        end
    {%- endset -%}
    {{ indicators.when_full([high, low, close], period, position) }}
{%- endmacro %}
