{#
Hull moving average: follows the price closely and yet smoothly. The average of the
newer half is carried on by its lead over the whole one's, then smoothed.

    hma = wma(2 * wma(x, period / 2) - wma(x, period), sqrt(period))

Half and root are rounded down. Each value is one weighted sum of the last
period + root - 1 values: NULL until they are there, and while one of them is NULL.
#}
{% macro hma(column, period=16) %}
    {%- do indicators.check_columns('hma', {'column': column}) -%}
    {%- do indicators.check_period('hma', 'period', period, at_least=2) -%}
    {%- set half = period // 2 -%}
    {%- set root = (period ** 0.5) | int -%}
    {%- set weights = [] -%}
    {%- for age in range(period + root - 1) -%}
        {%- set weight = namespace(sum=0) -%}
        {%- for smoothed in range(root) if 0 <= age - smoothed < period -%}
            {%- set inner = age - smoothed -%}
            {%- set raised = 2 * ([half - inner, 0] | max) / (half * (half + 1))
                - (period - inner) / (period * (period + 1)) -%}
            {%- set weight.sum = weight.sum
                + 4 * (root - smoothed) / (root * (root + 1)) * raised -%}
        {%- endfor -%}
        {%- do weights.append(weight.sum) -%}
    {%- endfor -%}
    {{ indicators.weighted_sum(column, weights) }}
{%- endmacro %}
