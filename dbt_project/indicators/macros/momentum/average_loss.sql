{#
Average loss: Wilder's average of the downs over `period` changes, positive; NULL on
the first `period` bars and where the value is NULL, which is passed over.
`resume`: see gains_and_losses.
#}
{% macro average_loss(column, period, resume=none) %}
    {%- do indicators.check_columns('average_loss', {'column': column}) -%}
    {%- do indicators.check_period('average_loss', 'period', period) -%}
    {%- do indicators.check_resume('average_loss', resume, 2) -%}
    {%- set changes = indicators.gains_and_losses(column, period, resume) -%}
    case
        when {{ column }} is not null and {{ changes.seen }} > {{ period }}
            then {{ changes.loss }}
    end
{%- endmacro %}
