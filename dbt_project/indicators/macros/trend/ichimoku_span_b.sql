{#
Ichimoku leading span B (senkou span B), the cloud's slow edge: the middle of a long
range, drawn `shift` bars ahead. A price above both edges is in an up trend.

    span_b = (highest high + lowest low) / 2, `shift` bars ago

Given is the cloud that stands at the bar, as the price is compared with it: computed
from bars up to t - shift. `shift=0` is the newest, which a chart draws ahead of the
bar. NULL until `period` bars were there `shift` bars ago.
#}
{% macro ichimoku_span_b(high, low, period=52, shift=26) %}
    {%- do indicators.check_columns('ichimoku_span_b', {'high': high, 'low': low}) -%}
    {%- do indicators.check_period('ichimoku_span_b', 'period', period) -%}
    {%- do indicators.check_period('ichimoku_span_b', 'shift', shift, at_least=0) -%}
    {{ indicators.ichimoku_line(high, low, period, shift) }}
{%- endmacro %}
