{#
Stochastic oscillator, fast %K, 0 to 100: where the close stands between the lowest
low and the highest high of the last `period` bars. Slow %K is its sma over 3 bars,
%D the sma over 3 bars of that.

    fast_k = 100 * (close - lowest low) / (highest high - lowest low)

NULL until `period` bars are there, and while a price of them is NULL; 0 when the price
has no range but rounding, as in TA-Lib.
#}
{% macro stochastic_fast_k(high, low, close, period=14) %}
    {%- do indicators.check_columns(
        'stochastic_fast_k', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- do indicators.check_period('stochastic_fast_k', 'period', period) -%}
    {%- set highest = indicators.max_of_last(high, period) -%}
    {%- set lowest = indicators.min_of_last(low, period) -%}
    {%- set position -%}
        case
            when {{ highest }} - {{ lowest }}
                > 1e-14 * (abs({{ highest }}) + abs({{ lowest }}))
                then 100 * (
                    ({{ close }} - {{ lowest }}) / ({{ highest }} - {{ lowest }})
                )
            else 0
        end
    {%- endset -%}
    {{ indicators.when_full([high, low, close] | unique | list, period, position) }}
{%- endmacro %}
