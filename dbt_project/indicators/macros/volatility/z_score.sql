{#
Z-score: how many standard deviations the value lies above the mean of the last
`period`, its own included. Beyond 2 either way is unusual: what returns to its mean
is sold there, or bought.

    z = (x - sma) / standard deviation

The population's deviation, as in the Bollinger bands (`sample`: the sample's). NULL
until `period` values are there, while one of the last `period` is NULL, and when
they are all the same.
#}
{% macro z_score(column, period=20, sample=false) %}
    {%- do indicators.check_columns('z_score', {'column': column}) -%}
    {%- do indicators.check_boolean('z_score', 'sample', sample) -%}
    {%- do indicators.check_period('z_score', 'period', period, at_least=2) -%}
    {%- set mean -%}
        avg({{ column }}) over {{ indicators.last_bars(period) }}
    {%- endset -%}
    {%- set score -%}
        ({{ column }} - {{ mean }})
        / nullif({{ indicators.deviation_of_last(column, period, sample) }}, 0)
    {%- endset -%}
    {{ indicators.when_full(column, period, score) }}
{%- endmacro %}
