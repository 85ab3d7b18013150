{#
Drawdown: how far the price has fallen from its highest so far, as a share of it; 0
at the peak, -0.5 when half is lost.

    drawdown = x / peak - 1

NULL where the value is NULL, which is passed over. `resume`: see peak.
#}
{% macro drawdown(column, resume=none) %}
    {%- do indicators.check_columns('drawdown', {'column': column}) -%}
    {%- do indicators.check_resume('drawdown', resume) -%}
    cast({{ column }} as double precision)
    / nullif({{ indicators.peak(column, resume) }}, 0) - 1
{%- endmacro %}
