{#
Money flow index, 0 to 100: an rsi with volume; the share of the rising bars' money
flow in that of the last `period` bars. `money_flow` is the column money_flow makes.

    mfi = 100 * sum of positive flows / sum of all flows' sizes

Held within its range, which the rounding of rolling sums would leave by 1e-13. NULL on
the first `period` bars; 0 when nothing flowed, as in TA-Lib.
#}
{% macro mfi(money_flow, period=14) %}
    {%- do indicators.check_columns('mfi', {'money_flow': money_flow}) -%}
    {%- do indicators.check_period('mfi', 'period', period, at_least=2) -%}
    {%- set up = indicators.sum_of_last('greatest(' ~ money_flow ~ ', 0)', period) -%}
    {%- set all = indicators.sum_of_last('abs(' ~ money_flow ~ ')', period) -%}
    {%- set share -%}
        case
            when {{ indicators.any_of_last(money_flow, period) }}
                then 100 * least(greatest({{ up }} / {{ all }}, 0), 1)
            else 0
        end
    {%- endset -%}
    {{ indicators.when_full(money_flow, period, share) }}
{%- endmacro %}
