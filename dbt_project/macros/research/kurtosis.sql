{#
Fourth standardised moment, as skewness has the third: 3 for a normal distribution.

    kurtosis = mean(deviation ^ 4) / mean(deviation ^ 2) ^ 2
#}
{% macro kurtosis(deviation) -%}
    avg(power({{ deviation }}, 4))
    / nullif(power(avg(power({{ deviation }}, 2)), 2), 0)
{%- endmacro %}
