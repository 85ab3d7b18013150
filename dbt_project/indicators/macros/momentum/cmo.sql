{#
Chande momentum oscillator, -100 to 100: ups against downs, 0 in balance.

    cmo = 100 * (average gain - average loss) / (average gain + average loss)

TA-Lib's, with Wilder's averages as in rsi (Chande's own has plain sums). NULL on the
first `period` bars; 0 for prices that never moved. `resume`: see gains_and_losses.
#}
{% macro cmo(column, period=14, resume=none) %}
    {%- do indicators.check_columns('cmo', {'column': column}) -%}
    {%- do indicators.check_period('cmo', 'period', period, at_least=2) -%}
    {%- do indicators.check_resume('cmo', resume, 2) -%}
    {%- set changes = indicators.gains_and_losses(column, period, resume) -%}
    case
        when {{ column }} is null or {{ changes.seen }} <= {{ period }} then null
        when {{ changes.gain }} + {{ changes.loss }} > 0
            then 100 * (
                ({{ changes.gain }} - {{ changes.loss }})
                / ({{ changes.gain }} + {{ changes.loss }})
            )
        else 0
    end
{%- endmacro %}
