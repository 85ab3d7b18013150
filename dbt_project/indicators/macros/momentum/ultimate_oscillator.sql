{#
Ultimate oscillator, 0 to 100 (Williams): the share of the buying pressure in the true
range over three spans at once, the short one counting most. Above 70 is called
overbought, below 30 oversold. Both arguments are columns made before:

    first:  {{ indicators.buying_pressure('low', 'close') }} as buying_pressure,
            {{ indicators.true_range('high', 'low', 'close') }} as true_range
    then:   {{ indicators.ultimate_oscillator('buying_pressure', 'true_range') }}

    share = sum(buying pressure) / sum(true range)
    ultimate_oscillator = 100 * (4 * short share + 2 * medium share + long share) / 7

NULL on the first `long` bars, and while one of the last `long` is NULL; a span in
which the price didn't move counts 0, as in TA-Lib.
#}
{% macro ultimate_oscillator(
    buying_pressure, true_range, short=7, medium=14, long=28
) %}
    {%- do indicators.check_columns('ultimate_oscillator', {
        'buying_pressure': buying_pressure, 'true_range': true_range
    }) -%}
    {%- for argument, value in [
        ('short', short), ('medium', medium), ('long', long)
    ] -%}
        {%- do indicators.check_period(
            'ultimate_oscillator', argument, value
        ) -%}
    {%- endfor -%}
    {%- do indicators.check_period(
        'ultimate_oscillator', 'medium', medium, at_least=short
    ) -%}
    {%- do indicators.check_period(
        'ultimate_oscillator', 'long', long, at_least=medium
    ) -%}
    {%- set shares -%}
        100 * (
            {%- for weight, period in [(4, short), (2, medium), (1, long)] %}
            {%- set frame = indicators.last_bars(period) %}
            {{ '+ ' if not loop.first }}{{ weight }} * coalesce(
                sum(cast({{ buying_pressure }} as double precision)) over {{ frame }}
                / nullif(sum({{ true_range }}) over {{ frame }}, 0),
                0
            )
            {%- endfor %}
        ) / 7
    {%- endset -%}
    {{ indicators.when_full([buying_pressure, true_range], long, shares) }}
{%- endmacro %}
