{# The standard normal distribution: the probability of a value up to `value`. #}
{% macro normal_cdf(value) -%}
    erfc(-({{ value }}) / sqrt(cast(2 as double precision))) / 2
{%- endmacro %}
