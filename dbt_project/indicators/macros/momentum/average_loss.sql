{#
Average loss: Wilder's average of the downs over `period` changes, positive; NULL on
the first `period` bars and where the value is NULL, which is passed over.
`resume`: see gains_and_losses.
#}
{% macro average_loss(column, period, resume=none) %}
    {%- do indicators.check_columns('average_loss', {'column': column}) -%}
    {%- do indicators.check_period('average_loss', 'period', period) -%}
    {%- set state = indicators.gains_and_losses(column, period, resume) -%}
    case
        when {{ column }} is not null and ({{ state }}[0])[0] > {{ period }}
            then ({{ state }}[1])[1]
    end
{%- endmacro %}
