{#
Parabolic stop and reverse (Wilder): a stop that trails the price, faster with each
new extreme. A bar that touches it turns the position round. Below the bar: the trend
is up.

    psar = psar[t - 1] + acceleration * (extreme - psar[t - 1])

and never inside the last two bars. `acceleration` grows by itself with each new
extreme up to `maximum` and starts anew with each turn.

TA-Lib's SAR: the first two bars' directional movement chooses the side, up on a tie.
NULL on the first bar. NULL where high or low is NULL; such a bar is passed over.
#}
{% macro psar(high, low, acceleration=0.02, maximum=0.2) %}
    {%- do indicators.check_columns('psar', {'high': high, 'low': low}) -%}
    {%- do indicators.check_number('psar', 'acceleration', acceleration) -%}
    {%- do indicators.check_number('psar', 'maximum', maximum) -%}
    {%- if maximum < acceleration -%}
        {%- do exceptions.raise_compiler_error(
            "psar: maximum must be at least the acceleration, not " ~ maximum
        ) -%}
    {%- endif -%}
    {{- adapter.dispatch('psar', 'indicators')(high, low, acceleration, maximum) -}}
{%- endmacro %}

{% macro postgres__psar(high, low, acceleration, maximum) -%}
    {%- set state -%}
        ({{ indicators.function('parabolic_stop') }}(
            {{ high }}, {{ low }}, {{ acceleration }}, {{ maximum }}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ high }} is not null and {{ low }} is not null and {{ state }}[1] > 1
            then {{ state }}[3]
    end
{%- endmacro %}

{% macro default__psar(high, low, acceleration, maximum) %}
    {% do indicators.stop_here('psar') %}
{% endmacro %}
