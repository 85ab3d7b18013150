{#
Third standardised moment of what is left of values without their mean; of the
values themselves, not estimated for others (scipy's default). NULL if they don't vary.

    skewness = mean(deviation ^ 3) / mean(deviation ^ 2) ^ 1.5
#}
{% macro skewness(deviation) -%}
    avg(power({{ deviation }}, 3))
    / nullif(power(avg(power({{ deviation }}, 2)), 1.5), 0)
{%- endmacro %}
