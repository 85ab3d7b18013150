{#
Ichimoku lagging span (chikou span): the close drawn `shift` bars back. What a chart
shows under bar t is the close of t + shift, which nobody knows at t; what is known
is how far the newest point of the line stands above the price it is drawn over.

    lagging = close - close[t - shift]

Above 0 confirms an up trend. NULL on the first `shift` bars, and where either close
is NULL.
#}
{% macro ichimoku_lagging(close, shift=26) %}
    {%- do indicators.check_columns('ichimoku_lagging', {'close': close}) -%}
    {%- do indicators.check_period('ichimoku_lagging', 'shift', shift) -%}
    {{ close }} - {{ indicators.bars_ago(close, shift) }}
{%- endmacro %}
