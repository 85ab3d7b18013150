{#
Awesome oscillator (Williams): the pace of the last bars against that of a longer
time, measured at the middle of each bar. Above 0 the newer prices are the higher.

    awesome_oscillator = sma(middle, fast) - sma(middle, slow)
    with middle = (high + low) / 2

NULL until `slow` bars are there, and while a high or low of them is NULL.
#}
{% macro awesome_oscillator(high, low, fast=5, slow=34) %}
    {%- do indicators.check_columns(
        'awesome_oscillator', {'high': high, 'low': low}
    ) -%}
    {%- do indicators.check_period('awesome_oscillator', 'fast', fast) -%}
    {%- do indicators.check_period(
        'awesome_oscillator', 'slow', slow, at_least=fast + 1
    ) -%}
    {%- set middle = '(' ~ high ~ ' + ' ~ low ~ ') / cast(2 as double precision)' -%}
    {{ indicators.when_full(
        middle,
        slow,
        indicators.sum_of_last(middle, fast) ~ ' / ' ~ fast ~ ' - '
        ~ indicators.sum_of_last(middle, slow) ~ ' / ' ~ slow
    ) }}
{%- endmacro %}
