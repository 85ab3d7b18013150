{#
Force of a bar: its change times its volume. Force index is its ema, usually over 13
bars: who is stronger, and by how much.

    force = (close - close[t - 1]) * volume

NULL on a symbol's first bar.
#}
{% macro force(close, volume) %}
    {%- do indicators.check_columns('force', {'close': close, 'volume': volume}) -%}
    ({{ close }} - {{ indicators.bars_ago(close, 1) }}) * {{ volume }}
{%- endmacro %}
