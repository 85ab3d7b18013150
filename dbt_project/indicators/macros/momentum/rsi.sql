{#
Relative strength index, 0 to 100: the share of the ups in all moves of the last
bars. Below 30 is called oversold, above 70 overbought.

    rsi = 100 * average gain / (average gain + average loss)

Wilder's averages, seeded by the mean of the first `period` changes. NULL on the
first `period` bars. Prices that never moved give 0, as in TA-Lib. `resume`: see
gains_and_losses.
#}
{% macro rsi(column, period=14, resume=none) %}
    {%- do indicators.check_columns('rsi', {'column': column}) -%}
    {%- do indicators.check_period('rsi', 'period', period, at_least=2) -%}
    {%- do indicators.check_resume('rsi', resume, 2) -%}
    {%- set changes = indicators.gains_and_losses(column, period, resume) -%}
    case
        when {{ column }} is null or {{ changes.seen }} <= {{ period }} then null
        when {{ changes.gain }} + {{ changes.loss }} > 0
            then 100 * (
                {{ changes.gain }} / ({{ changes.gain }} + {{ changes.loss }})
            )
        else 0
    end
{%- endmacro %}
