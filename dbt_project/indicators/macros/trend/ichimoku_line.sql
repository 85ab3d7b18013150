{#
The middle between the highest high and the lowest low of `period` bars that end
`shift` bars ago; base of the ichimoku lines. NULL until these bars are there, and
while one of their highs or lows is NULL.
#}
{% macro ichimoku_line(high, low, period, shift=0) %}
    {{- adapter.dispatch('ichimoku_line', 'indicators')(high, low, period, shift) -}}
{% endmacro %}

{% macro default__ichimoku_line(high, low, period, shift, max='max', min='min') -%}
    {%- set frame -%}
        (
            {{ indicators.series() }}
            rows between {{ period + shift - 1 }} preceding and {{ shift }} preceding
        )
    {%- endset -%}
    case
        when count({{ high }} + {{ low }}) over {{ frame }} = {{ period }}
            then (
                {{ max }}({{ high }}) over {{ frame }}
                + {{ min }}({{ low }}) over {{ frame }}
            ) / 2
    end
{%- endmacro %}

{% macro postgres__ichimoku_line(high, low, period, shift) -%}
    {{- indicators.default__ichimoku_line(
        high,
        low,
        period,
        shift,
        indicators.function('rolling_max'),
        indicators.function('rolling_min')
    ) -}}
{%- endmacro %}
