{#
Keltner channel: the exponential average, so many average true ranges up or down
(`multiple`: 2 the upper, -2 the lower line). A close outside means a strong move.

    line = ema(close, period) + multiple * atr(atr_period)

NULL until both averages are warm. `resume`: the columns of the stored ema and atr.
#}
{% macro keltner(
    high, low, close, period=20, multiple=2, atr_period=10, resume=none
) %}
    {%- do indicators.check_columns(
        'keltner', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- do indicators.check_period('keltner', 'period', period) -%}
    {%- do indicators.check_period('keltner', 'atr_period', atr_period) -%}
    {%- do indicators.check_resume('keltner', resume, 2) -%}
    {%- if multiple is boolean or multiple is not number -%}
        {%- do exceptions.raise_compiler_error(
            "keltner: multiple must be a number, not " ~ multiple
        ) -%}
    {%- endif -%}
    {%- set stored = resume or [none, none] -%}
    {{ indicators.ema(close, period, stored[0]) }}
    + ({{ multiple }}) * {{ indicators.atr(high, low, close, atr_period, stored[1]) }}
{%- endmacro %}
