{#
Ichimoku leading span A (senkou span A), one edge of the cloud: the middle between
conversion and base line, drawn `shift` bars ahead.

    span_a = (conversion + base) / 2, each `shift` bars ago

Given is the cloud that stands at the bar, as the price is compared with it: computed
from bars up to t - shift. `shift=0` is the newest, which a chart draws ahead of the
bar. NULL until the lines were there `shift` bars ago.
#}
{% macro ichimoku_span_a(high, low, conversion=9, base=26, shift=26) %}
    {%- do indicators.check_columns('ichimoku_span_a', {'high': high, 'low': low}) -%}
    {%- do indicators.check_period('ichimoku_span_a', 'conversion', conversion) -%}
    {%- do indicators.check_period('ichimoku_span_a', 'base', base) -%}
    {%- do indicators.check_period('ichimoku_span_a', 'shift', shift, at_least=0) -%}
    (
        {{ indicators.ichimoku_line(high, low, conversion, shift) }}
        + {{ indicators.ichimoku_line(high, low, base, shift) }}
    ) / 2
{%- endmacro %}
